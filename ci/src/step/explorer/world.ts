/**
 * A registry, a feed and an engine that only remember, around the real step: what the tests and the explorer
 * drive. Nothing here decides; what is refused, is refused by `checkRelease`.
 *
 * Nothing happens by itself: a change is delivered when told, an effect is done when told, a run ends when told.
 */
import { PiplError } from '@pipl/packl';
import type { IndexName, Manifest, Row, Ticket } from '@pipl/packl';
import { advance } from '../decide.ts';
import type { Advance } from '../decide.ts';
import type { ChangeInput } from '../feed.ts';
import { loadProjection } from '../projection.ts';
import type { RegistryContents } from '../projection.ts';
import { checkRelease } from '../release.ts';
import type { ReleaseAsk } from '../release.ts';
import { everyRule } from '../rules.ts';
import type { Rules } from '../rules.ts';
import { dump, load } from '../state.ts';
import type { Live } from '../state.ts';
import type { Input, MetaRecord, StoredRecord } from '../types.ts';
import { versionKey } from '../types.ts';
import { beginNext, doIn, doneHere } from './engine-run.ts';
import type { DoneHere, Engine } from './engine-run.ts';
import { productManifest } from './manifests.ts';
import { project } from './stage.ts';
import { referredRows, refuseTaken, rowsOf, type Admission } from './world-rows.ts';
import { WorldRegistry, type WorldOptions } from './world-registry.ts';
import type { withStage } from './stage.ts';

export { project, stage, withStage } from './stage.ts';
export { codeManifest, productManifest, taskManifest, type TaskShape } from './manifests.ts';

export type { WorldOptions } from './world-registry.ts';

export class World extends WorldRegistry {
  readonly rules: Rules;
  readonly engine: Engine;
  state: Live;
  /** effects that are committed but not done */
  effects: DoneHere[];
  /** runs at once */
  places: number;

  /** @param like a copy of this one, which shares its state */
  constructor(options: WorldOptions = {}, like?: World) {
    super(options, like);
    this.rules = like?.rules ?? options.rules ?? everyRule;
    this.engine = new Map([...(like?.engine ?? [])].map(([attempt, run]) => [attempt, { ...run }]));
    this.effects = [...(like?.effects ?? [])];
    this.places = like?.places ?? Infinity;
    this.state = like?.state ?? this.load([]);
  }

  /** Before anything has happened. */
  open({ indexes, handlers }: typeof withStage): void {
    this.indexes = indexes;
    this.handlers = handlers;
    this.state = this.load([]);
  }

  load(records: readonly StoredRecord[]): Live {
    const reactor = records.find(({ table }) => table === 'meta')?.value as MetaRecord | undefined;
    return load(records, loadProjection(this.contents(reactor?.cursor ?? 0)));
  }

  private contents(cursor: number): RegistryContents {
    const { indexes, handlers } = this;
    const unseen = this.feed.slice(cursor);
    return { rows: this.rows.values(), tags: this.tags.values(), indexes, handlers, unseen };
  }

  get cursor(): number {
    return this.state.records.meta.get('reactor')?.cursor ?? 0;
  }

  take(input: Input): Advance {
    const advanced = advance(this.state, input, this.rules);
    this.effects.push(...doneHere(advanced.effects));
    return advanced;
  }

  /** What the reactor has yet to hear, as it would hear it. */
  unseen(): ChangeInput[] {
    return this.feed.slice(this.cursor).map((change) => this.inputOf(change));
  }

  /** @returns was there one? */
  deliver(): boolean {
    const next = this.feed[this.cursor];
    if (next === undefined) return false;
    this.take(this.inputOf(next));
    return true;
  }

  perform(): boolean {
    const effect = this.effects.shift();
    if (effect === undefined) return false;
    doIn(this.engine, effect, this.state.records.tickets);
    if (effect.do === 'submit' && effect.ticket.reference !== undefined)
      this.publishRun(effect.ticket.attempt, {});
    if (effect.do === 'take-back') this.answer(effect.attempt);
    this.fill();
    return true;
  }

  /** Whoever has a place begins. @returns did somebody? */
  fill(): boolean {
    const next = beginNext(this.engine, this.places);
    if (next === undefined) return false;
    this.begun(next.ticket.attempt);
    this.fill();
    return true;
  }

  begun(_attempt: string): void {}

  begunAttempts(): string[] {
    return [...this.engine].flatMap(([attempt, { starts }]) => (starts > 0 ? [attempt] : []));
  }

  /** The engine says whether it gave the attempt back. */
  answer(attempt: string): void {
    const is = this.engine.get(attempt)?.state.is;
    if (is === 'taken-back') this.tell(attempt);
    if (is === 'running') this.take({ is: 'run-started', attempt, at: this.now() });
  }

  /** Everything that follows by itself. */
  rest(): void {
    let moved = true;
    while (moved) {
      moved = this.deliver();
      moved = this.perform() || moved;
      moved = this.fill() || moved;
    }
  }

  /** Dies after a commit, and starts. */
  crash({ feedFirst = this.seconds % 2 === 0 }: { readonly feedFirst?: boolean } = {}): void {
    // Through JSON, as a database would keep it.
    this.die(JSON.parse(JSON.stringify(dump(this.state))) as StoredRecord[]);
    this.start(feedFirst);
  }

  /** What was not done is forgotten; the records and the registry are not. */
  die(kept: readonly StoredRecord[]): void {
    this.effects = [];
    this.state = this.load(kept);
  }

  /** @param feedFirst some servers read the feed first; others hear of the engine's runs before */
  start(feedFirst: boolean): void {
    const attempts = Object.fromEntries([...this.engine].map(([attempt, { state }]) => [attempt, state]));
    if (feedFirst) while (this.deliver()) continue;
    this.take({ is: 'started', attempts, at: this.now() });
  }

  /** @throws PiplError when refused */
  release(
    manifests: readonly Manifest[],
    { index = project, run }: { readonly index?: IndexName; readonly run?: string } = {},
  ): void {
    const rows = rowsOf(manifests, index);
    this.admit(rows, { index, op: 'publish', ...(run === undefined ? {} : { run }) });
  }

  private admit(rows: readonly Row[], { index, op, run }: Admission): void {
    refuseTaken(this.rows, rows);
    const principal: ReleaseAsk['principal'] =
      run === undefined ? { is: 'user' } : { is: 'run', attempt: run };
    const ask: ReleaseAsk = {
      index,
      principal,
      rows,
      unseen: this.unseen(),
      ...(run === undefined ? {} : { run }),
    };
    const { unchanged } = checkRelease(this.state, ask, this.rules);
    const published = rows.filter(({ name }) => !unchanged.some((one) => one.name === name));
    for (const row of published) {
      this.rows.set(versionKey(index, row.name, row.version), row);
      const { name, version, integrity } = row;
      this.note({
        op,
        index,
        name,
        version,
        integrity,
        ...(run === undefined ? {} : { run, by: `run:${run}` }),
      });
    }
    if (run === undefined) return;
    const outcome = {
      published: published.map(({ name, version, integrity }) => ({ name, version, integrity })),
      unchanged: unchanged.map(({ name, version }) => ({ name, version })),
    };
    const { task } = this.engine.get(run)!.ticket;
    this.note({ op: 'run', index, name: task.name, version: task.version, run, outcome, by: `run:${run}` });
  }

  /** A person promotes. @throws PiplError when refused */
  promote(name: string, version: string, { from, into }: { from: IndexName; into: IndexName }): void {
    const row = this.rows.get(versionKey(from, name, version))!;
    this.admit([{ ...row, index: into }], { index: into, op: 'promote' });
  }

  /** Does the registry not let this be shown, for a reason of its own? */
  isRefused = (_attempt: string): boolean => false;

  /** What another run made is shown in the index of this one: all of it, or nothing. @throws PiplError */
  private refer({ attempt, index, reference }: Ticket): void {
    const known = this.isRefused(attempt) ? new Map<string, Row>() : this.rows;
    const rows = referredRows(known, reference!).map((row) => ({ ...row, index }));
    this.admit(rows, { index, op: 'promote', run: attempt });
  }

  /** The runner of an attempt publishes what it made. @returns was it let in? */
  publishRun(attempt: string, contents: Readonly<Record<string, string>>): boolean {
    const run = this.engine.get(attempt)!;
    // A runner that asks again after its answer was lost is answered like the first time.
    if (this.feed.some(({ op, run: by }) => op === 'run' && by === attempt)) return true;
    const manifests = run.ticket.products.map(({ name, version }) =>
      productManifest(name, version, contents[name] ?? name),
    );
    const { reference } = run.ticket;
    try {
      if (reference === undefined) this.release(manifests, { index: run.ticket.index, run: attempt });
      else this.refer(run.ticket);
      if (run.state.is === 'running') run.state = { is: 'succeeded' };
      return true;
    } catch (error) {
      if (!(error instanceof PiplError)) throw error;
      const is = reference === undefined ? 'failed' : 'lost';
      if (run.state.is === 'running') run.state = { is, reason: error.message };
      return false;
    }
  }

  /** The engine tells how an attempt stands; the feed has been read by then. */
  tell(attempt: string): void {
    while (this.deliver()) continue;
    this.take({ is: 'run-ended', attempt, end: this.engine.get(attempt)!.state, at: this.now() });
  }
}
