/**
 * A world that looks, after every input, at everything that must hold. It knows its place in a schedule, and can be
 * copied there.
 */
import type { Change, IndexName } from '@pipl/packl';
import type { Advance } from '../decide.ts';
import type { Live } from '../state.ts';
import type { RunRecord } from '../types.ts';
import { versionKey } from '../types.ts';
import { isUnderWay } from '../under-way.ts';
import { hashIn } from './above.ts';
import { checkBegun, checkState, checkStep, Violation } from './invariants.ts';
import type { Watch } from './invariants.ts';
import { Prints } from './prints.ts';
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

  /** attempts that have begun just now */
  private readonly begunUnheard: string[] = [];
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
    const told = input.is === 'run-ended' ? input : undefined;
    // What was taken back may be started again.
    if (told?.end.is === 'taken-back')
      this.starts?.delete(startKey(this.state.records.runs.get(told.attempt)!));
    const advanced = super.take(input);
    this.taken?.push(advanced);
    this.inputs += 1;
    checkStep(this.state, advanced, this.watch);
    this.onEvent?.();
    return advanced;
  }

  override perform(): boolean {
    if (!super.perform()) return false;
    this.onEvent?.();
    this.hearBegun();
    return true;
  }

  /** A place that came free is taken by who waits for one. */
  goOn(): void {
    if (!this.fill()) return;
    this.onEvent?.();
    this.hearBegun();
  }

  /** What begins is what the step would start now, unless it is still on its way to say otherwise. */
  override begun(attempt: string): void {
    this.begunUnheard.push(attempt);
    const run = this.state.records.runs.get(attempt)!;
    const isOnItsWay = this.effects.some((effect) => effect.do !== 'submit' && effect.attempt === attempt);
    if (isUnderWay(run) && !isOnItsWay) checkBegun(this.state, run);
  }

  private hearBegun(): void {
    for (const attempt of this.begunUnheard.splice(0)) if (this.isHeard) this.hear(attempt);
  }

  /** The answer may come late, or with the next server. */
  override answer(attempt: string): void {
    const { state } = this.state.records.runs.get(attempt)!;
    if (state === 'superseded' && this.engine.get(attempt)?.state.is !== 'taken-back')
      throw new Violation(`${attempt} is said to be superseded, and has begun`);
    if (this.isTold) super.answer(attempt);
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
      if (state.is === 'failed' || state.is === 'lost' || state.is === 'taken-back')
        this.starts?.delete(startKey(run));
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
export const placeWords = (index: IndexName): string => (index === project ? '' : ` in ${index}`);

export const startKey = ({ wave, index, task }: RunRecord): string => `${wave} ${index} ${task}`;

const times: string[] = [];
const secondsAfterStart = (seconds: number): string =>
  (times[seconds] ??= new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString());
