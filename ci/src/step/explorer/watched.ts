/**
 * A world that looks, after every input, at everything that must hold; and what the runners in it do. It knows its
 * place in a schedule, and can be copied there.
 */
import { buildView, pick } from '@pipl/packl';
import type { Change, IndexName } from '@pipl/packl';
import type { Advance } from '../decide.ts';
import type { Live } from '../state.ts';
import type { RunRecord } from '../types.ts';
import { versionKey } from '../types.ts';
import { isUnderWay } from '../under-way.ts';
import { checkState, checkStep, hashIn, Violation } from './invariants.ts';
import type { Watch } from './invariants.ts';
import { Prints } from './prints.ts';
import type { Random } from './random.ts';
import { project, World } from './world.ts';
import type { Op } from './engine-run.ts';
import type { WorldOptions } from './world.ts';

/** A world in which every input is followed by a look at everything that must hold. */
export class Watched extends World {
  /** inputs that the step took */
  inputs = 0;
  crashes = 0;
  /** actions that are over */
  at = 0;
  /** of the runs that were ended while nobody did anything */
  ends = 0;
  /** has the first wave been let come to rest? */
  isReady = false;
  /** which chance decides what comes next */
  branch = 0;
  /** seconds that passed beside the actions */
  waited = 0;
  /** the number of what happened in the registry so far */
  history = 0;
  /** `index task lock` that gave up, until somebody asks for a retry */
  readonly gaveUp: Set<string>;
  /** while nobody does anything: {@link startKey} → how often it started */
  starts: Map<string, number> | undefined;
  /** is it heard at once that a run began, and that it ended without a result? */
  isHeard = false;
  isTold = false;
  /** does the server read the feed to its end just now? */
  isReading = false;
  readonly prints: Prints;
  /** what happened, one line each; only kept when somebody will read it */
  story: string[] | undefined;
  /** what was taken on a state that others go on with: to be taken back */
  taken: Advance[] | undefined;
  /** hears of every input and every effect */
  onEvent: (() => void) | undefined;

  private readonly watch: Watch = { started: (run) => this.started(run) };

  /** @param like copied, with everything but who listens */
  constructor(options: WorldOptions = {}, like?: Watched) {
    super(options, like);
    this.gaveUp = new Set(like?.gaveUp);
    this.starts = like?.starts === undefined ? undefined : new Map(like.starts);
    this.prints = like?.prints ?? new Prints();
    if (like === undefined) return;
    for (const word of ['inputs', 'crashes', 'at', 'ends', 'branch', 'waited', 'history'] as const)
      this[word] = like[word];
    this.isReady = like.isReady;
    this.isHeard = like.isHeard;
    this.isReading = like.isReading;
    this.isTold = like.isTold;
  }

  /** Time follows from the place in the schedule: what happens in another order happens at the same times. */
  override now(): string {
    return secondsAfterStart(this.at + this.ends + this.waited);
  }

  say(line: () => string): void {
    this.story?.push(line());
  }

  override take(input: Parameters<World['take']>[0]): Advance {
    const advanced = super.take(input);
    this.taken?.push(advanced);
    this.inputs += 1;
    checkStep(this.state, advanced, this.watch);
    this.onEvent?.();
    return advanced;
  }

  override perform(): boolean {
    const [effect] = this.effects;
    if (!super.perform()) return false;
    this.onEvent?.();
    if (this.isHeard && effect?.do === 'submit') this.hear(effect.ticket.attempt);
    return true;
  }

  /** Of one key in eight, whoever asks and however often. */
  override isRefused = (attempt: string): boolean => Number.parseInt(attempt[0]!, 16) < 2;

  override note(op: Op): Change {
    const change = super.note(op);
    const row = this.rows.get(versionKey(change.index, change.name, change.version));
    this.history = this.prints.historyAfter(this.history, change, row);
    return change;
  }

  override die(...kept: Parameters<World['die']>): void {
    this.say(() => 'the server dies and starts');
    this.takeBack();
    this.crashes += 1;
    super.die(...kept);
  }

  /** Dies, and goes on with a state that others go on with too. */
  dieInto(state: Live): void {
    this.effects = [];
    this.crashes += 1;
    this.state = state;
  }

  /** One that goes on from here on the same state, and takes back what it did. */
  fork(): Watched {
    const fork = new Watched({}, this);
    fork.taken = [];
    return fork;
  }

  /** Leaves a state that others go on with as it was. */
  takeBack(): void {
    for (const advanced of this.taken?.toReversed() ?? []) advanced.takeBack();
    this.taken = undefined;
  }

  override start(feedFirst: boolean): void {
    for (const [attempt, { state }] of this.engine) {
      const run = this.state.records.runs.get(attempt);
      if (run === undefined || !isUnderWay(run)) continue;
      // What was said and not kept is said again.
      if (this.isHeard && state.is === 'running' && run.state === 'waiting') this.hear(attempt);
      // What the engine tells of then may be started again.
      if (state.is === 'failed' || state.is === 'lost') this.starts?.delete(startKey(run));
    }
    super.start(feedFirst);
    // What it was about when it died, it goes on with.
    if (this.isReading) this.readOn();
  }

  readOn(): void {
    this.isReading = true;
    while (this.deliver()) continue;
    this.isReading = false;
  }

  /** The engine says since when an attempt runs. */
  private hear(attempt: string): void {
    this.take({ is: 'run-started', attempt, at: this.state.records.runs.get(attempt)!.submittedAt });
  }

  override crash(how = { feedFirst: false }): void {
    checkState(this.state);
    this.die(this.prints.reread(this));
    this.start(how.feedFirst);
    checkState(this.state);
  }

  private started(run: RunRecord): void {
    const { task, index, lock, attempt, because } = run;
    this.say(
      () =>
        `  ${task} starts${placeWords(index)}: ${attempt.slice(0, 6)}…${attempt.slice(-2)} ${JSON.stringify(lock.direct)}`,
    );
    if (this.gaveUp.has(`${index} ${task} ${lock.hash}`))
      throw new Violation(`${task} tries failed inputs again`);
    if (this.starts === undefined) return;
    const key = startKey(run);
    const before = this.starts.get(key) ?? 0;
    this.starts.set(key, before + 1);
    if (before > 0)
      throw new Violation(`${task} starts twice without outside input: ${JSON.stringify(because)}`);
  }

  /** A retry allows what the task resolves to now. */
  allow(task: string): void {
    for (const index of this.handlers)
      this.gaveUp.delete(`${index} ${task} ${hashIn(this.state, index, task)}`);
  }
}

/** Nothing of the project itself, as everything is there in most schedules. */
const placeWords = (index: IndexName): string => (index === project ? '' : ` in ${index}`);

export const startKey = ({ wave, index, task }: RunRecord): string => `${wave} ${index} ${task}`;

const times: string[] = [];
const secondsAfterStart = (seconds: number): string =>
  (times[seconds] ??= new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString());

const ranges = ['^1.0.0', '^1.0.0', '^1.0.0', '>=1.0.0', '*', '~1.0.0', '1.0.0', '<1.2.0', 'latest'];

export function someReads(random: Random, names: readonly string[]): Record<string, string> {
  const reads: Record<string, string> = {};
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    // The newest names are likelier, so that graphs grow deep.
    const near = random.chance(0.6) ? names.slice(-4) : names;
    reads[random.pick(near)!] = random.pick(ranges)!;
  }
  return reads;
}

/** The runner of an attempt is done; what it makes follows from what it reads, and is often the same. */
export function publish(world: Watched, attempt: string): boolean {
  const { task, index, lock, builtOn = [] } = world.state.records.runs.get(attempt)!;
  const read = [...Object.entries(lock.direct), ...builtOn.map(({ name, version }) => [name, version])];
  const contents = read.map(([name = '', version = '']) => {
    const row =
      world.rows.get(versionKey(index, name, version)) ?? world.rows.get(versionKey(project, name, version));
    const field = row?.manifest.pipl;
    return field?.kind === 'product' ? String(field.metadata?.['content']).length : 0;
  });
  const sum = contents.reduce((one, other) => one * 3 + other, 7);
  const { products } = world.engine.get(attempt)!.ticket;
  const made = Object.fromEntries(
    products.map(({ name }, at) => [name, 'x'.repeat(1 + ((sum + at + task.length) % 3))]),
  );
  const before = world.feed.length;
  const current = currentContents(world, index, Object.keys(made));
  const accepted = world.publishRun(attempt, made);
  for (const { name, op } of world.feed.slice(before)) {
    if (op === 'publish' && current.get(name) === made[name])
      throw new Violation(`${task} published the same ${name} again`);
  }
  world.say(
    () =>
      `  ${task} ${attempt.slice(0, 6)}…${attempt.slice(-2)} publishes${placeWords(index)}: ${accepted ? 'let in' : 'refused'}`,
  );
  return accepted;
}

export function tell(world: Watched, attempt: string): void {
  const { state } = world.engine.get(attempt)!;
  world.readOn();
  const run = world.state.records.runs.get(attempt)!;
  const current = world.state.records.tasks.get(`${run.index} ${run.task}`)?.attempt === attempt;
  const retries = world.engine.get(attempt)!.ticket.field.policy?.retries ?? 0;
  if (current && state.is === 'failed' && retries === 0)
    world.gaveUp.add(`${run.index} ${run.task} ${run.lock.hash}`);
  world.tell(attempt);
}

export function publishChecked({ world }: { readonly world: Watched }, attempt: string): void {
  const run = world.state.records.runs.get(attempt)!;
  const isOver = run.endedAt !== undefined && run.outcome === undefined;
  const before = world.feed.length;
  const accepted = publish(world, attempt);
  const published = world.feed.slice(before);
  if (accepted && isOver && published.length > 0)
    throw new Violation(`${attempt} was ${run.state}, and yet let in`);
  if (world.isTold && world.engine.get(attempt)!.state.is === 'failed') tell(world, attempt);
}

/** What whoever asks for these products gets now; nothing while a cut wave sees something else. */
function currentContents(
  { state, rows, tags, indexes }: Watched,
  index: IndexName,
  names: readonly string[],
): Map<string, unknown> {
  const isCut = [...state.records.waves.values()].some(
    (wave) => wave.state === 'open' && wave.cut !== undefined,
  );
  if (isCut) return new Map();
  const mine = [...rows.values()].filter(({ name }) => names.includes(name));
  const view = buildView({ index, indexes, rows: mine, tags: tags.values() });
  return new Map(
    names.map((name) => {
      const field = pick(view, name, '*')?.manifest.pipl;
      return [name, field?.kind === 'product' ? field.metadata?.['content'] : undefined];
    }),
  );
}
