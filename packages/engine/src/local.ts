/**
 * Runs attempts on this machine, in warm runner processes that outlive this one.
 *
 * ```
 *  submit ─▶ waiting ─▶ running ─▶ ended             the folder says so, this process only remembers what waits
 *               │          ├─ runner died ─▶ lost    leftovers are killed first
 *               ├─ cancel ─┴─▶ canceled              politely; after the grace everything is killed
 *               └─ take back ─▶ taken-back           unless a runner is first
 * ```
 * A new engine over the same folder adopts what it finds: an attempt that nobody began waits again, one whose
 * runner lives is watched, one whose runner is dead is lost. One runner is kept warm ahead of need.
 */
import { join } from 'node:path';
import { isAlive, signalProcess } from '@pipl/openjd-sessions/process-identity';
import type { Access, Engine, Hint, Observation, Ticket } from './engine.ts';
import { onceThereIsRoom } from './full-disk.ts';
import type { LocalEngineOptions } from './local-options.ts';
import { endProcesses } from './processes.ts';
import { recentEnds } from './recent-ends.ts';
import { takingTurns } from './taking-turns.ts';
import {
  attemptsIn,
  createRunFolder,
  markCancelled,
  readRunFolder,
  runFolder,
  runningAs,
  settleRun,
  takeBackRun,
  type FinalState,
} from './run-folder.ts';
import { endIdle, startRunner, type RunnerEvent, type RunnerProcess } from './runner-process.ts';
import { WaitingLine } from './waiting-line.ts';

/** The variable by which a runner marks every process of an attempt: the other half of what cancel kills by. */
export const attemptVariable = 'PIPL_ATTEMPT';

const adoptedPollMs = 250;
/** Attempts of one runner: more would only wait for the same registry. */
const mostOfARunner = 4;

export const localEngine = (options: LocalEngineOptions): Engine => new LocalEngine(options);

class LocalEngine implements Engine {
  readonly name = 'local';
  readonly #options: LocalEngineOptions;
  readonly #runners = new Set<RunnerProcess>();
  readonly #waiting = new WaitingLine();
  /** runs of runners that an earlier engine started */
  readonly #adopted = new Set<string>();
  readonly #graces = new Map<string, NodeJS.Timeout>();
  readonly #listeners = new Set<(attempt: string, what: Hint) => void>();
  readonly #ends = recentEnds();
  readonly #adopting: Promise<void>;
  /** Of those that are submitted: their folders are made one after the other. */
  readonly #itsTurn = takingTurns();
  #watch: NodeJS.Timeout | undefined;
  #closed = false;
  #held: boolean;

  constructor(options: LocalEngineOptions) {
    this.#options = options;
    this.#held = options.isHeld === true;
    this.#adopting = this.#adopt();
    // Whoever waits for it hears of the failure; without this it would also end the process.
    this.#adopting.catch(() => undefined);
  }

  async submit(ticket: Ticket, access: Access): Promise<void> {
    await this.#adopting;
    await this.#itsTurn();
    if (!createRunFolder(this.#options.runsDir, ticket, access)) return;
    this.#waiting.add(ticket.attempt, ticket.waitsSince);
    this.#fill();
  }

  async observe(attempt: string): Promise<Observation> {
    await this.#adopting;
    if (this.#waiting.has(attempt)) return { is: 'waiting' };
    const end = this.#ends.of(attempt);
    if (end !== undefined) return end;
    const found = readRunFolder(this.#folder(attempt));
    switch (found.is) {
      case 'ended':
        // Whoever hears of the end of what they cancelled may count on nothing being left of it.
        if (this.#graces.has(attempt)) await this.#sweep(attempt);
        return found.observation;
      case 'absent':
        return { is: 'unknown' };
      case 'unclaimed':
        return { is: 'waiting' };
      case 'claimed':
        if (isAlive(found.status)) return runningAs(found.status);
        await this.#leftBehind(attempt, 'The runner ended without a result.');
        return this.observe(attempt);
    }
  }

  async cancel(attempt: string): Promise<void> {
    await this.#adopting;
    const folder = this.#folder(attempt);
    if (this.#waiting.delete(attempt)) {
      await this.#settle(attempt, { is: 'canceled' });
      return;
    }
    const found = readRunFolder(folder);
    if (found.is === 'absent' || found.is === 'ended' || this.#graces.has(attempt)) return;
    const runner = this.#runnerOf(attempt);
    if (runner !== undefined) runner.cancel(attempt);
    else if (found.is === 'claimed') {
      await markCancelled(folder);
      signalProcess(found.status, 'SIGTERM');
    }
    const end = () => void this.#surely(() => this.#end(attempt));
    this.#graces.set(attempt, setTimeout(end, this.#options.cancelGrace ?? 30_000));
  }

  async takeBack(attempt: string): Promise<void> {
    await this.#adopting;
    const isTaken = takeBackRun(this.#options.runsDir, attempt);
    const wasWaiting = this.#waiting.delete(attempt);
    if (isTaken) await this.#settle(attempt, { is: 'taken-back' });
    else if (wasWaiting) this.#watchOver(attempt);
  }

  onHint(listener: (attempt: string, what: Hint) => void): void {
    this.#listeners.add(listener);
  }

  async hold(held: boolean): Promise<void> {
    await this.#adopting;
    this.#held = held;
    if (!held) this.#fill();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#adopting;
    clearInterval(this.#watch);
    const runners = [...this.#runners];
    for (const runner of runners) runner.dismiss();
    const idle = runners.filter(({ attempts }) => attempts.size === 0);
    await Promise.all(idle.map((runner) => endIdle(runner)));
    for (const runner of runners) runner.letGo();
    // Who is being cancelled would otherwise be left without anybody who ends it. Last, as a full disk may refuse it.
    await Promise.all([...this.#graces.keys()].map((attempt) => this.#end(attempt)));
  }

  readonly #folder = (attempt: string): string => runFolder(this.#options.runsDir, attempt);

  #runnerOf(attempt: string): RunnerProcess | undefined {
    return [...this.#runners].find(({ attempts }) => attempts.has(attempt));
  }

  #hint(attempt: string, what: Hint): void {
    if (!this.#closed) for (const listener of this.#listeners) listener(attempt, what);
  }

  /** An end that a full disk does not take is written when it does: nobody else would ever tell it. */
  readonly #surely = (work: () => Promise<void>) => onceThereIsRoom(work, () => this.#closed);

  /** Gives what waits to who is free, and keeps one more runner warm than is busy. */
  #fill(): void {
    if (this.#closed || this.#held) return;
    for (const attempt of this.#waiting.attempts()) {
      const runner = this.#idle() ?? this.#start();
      if (runner === undefined) return;
      this.#waiting.delete(attempt);
      runner.run(this.#folder(attempt), attempt);
    }
    if (this.#runners.size > 0 && this.#idle() === undefined) this.#start();
  }

  #idle(): RunnerProcess | undefined {
    return [...this.#runners]
      .filter(({ busyWith, attempts }) => busyWith === undefined && attempts.size < mostOfARunner)
      .toSorted((a, b) => a.attempts.size - b.attempts.size)[0];
  }

  #start(): RunnerProcess | undefined {
    const { runnerCommand, runnerConfig, runsDir, concurrency } = this.#options;
    if (this.#runners.size + this.#adopted.size >= concurrency) return undefined;
    const runner = startRunner({
      command: runnerCommand,
      config: runnerConfig,
      logFile: join(runsDir, '.runners.log'),
      onEvent: (event) => this.#hear(event),
    });
    this.#runners.add(runner);
    void runner.gone.then((how) => this.#surely(() => this.#lose(runner, how)));
    return runner;
  }

  #hear({ attempt, event }: RunnerEvent): void {
    switch (event) {
      case 'progress':
        return;
      case 'started':
      case 'first-action':
        return this.#hint(attempt, event);
      case 'taken':
        this.#watchOver(attempt);
        return this.#fill();
      case 'executed':
        return this.#fill();
      case 'ended':
        void this.#surely(() => this.#confirm(attempt));
        return this.#fill();
    }
  }

  /** A runner that lives on after a run whose result it could not write would make it look as if it still ran. */
  async #confirm(attempt: string): Promise<void> {
    const found = readRunFolder(this.#folder(attempt));
    const reason = 'The runner could not write the result.';
    if (found.is !== 'ended') return this.#settle(attempt, { is: 'lost', reason });
    await this.#sweep(attempt);
    this.#ends.note(attempt, found.observation);
    this.#hint(attempt, 'ended');
  }

  async #lose(runner: RunnerProcess, how: string): Promise<void> {
    this.#runners.delete(runner);
    if (this.#closed) return;
    for (const attempt of runner.attempts) await this.#leftBehind(attempt, `The runner ended: ${how}.`);
    this.#fill();
  }

  /** The runner of an attempt is dead: ends what it left, then says so if nobody has said how it ended. */
  async #leftBehind(attempt: string, reason: string): Promise<void> {
    const canceled = this.#graces.has(attempt);
    await endProcesses({ mark: `${attemptVariable}=${attempt}` });
    await this.#settle(attempt, canceled ? { is: 'canceled' } : { is: 'lost', reason });
  }

  /** The grace of a cancel is over. */
  async #end(attempt: string): Promise<void> {
    const found = readRunFolder(this.#folder(attempt));
    const root = this.#runnerOf(attempt)?.identity ?? (found.is === 'claimed' ? found.status : undefined);
    if (found.is !== 'ended') {
      await endProcesses({ ...(root === undefined ? {} : { root }), mark: `${attemptVariable}=${attempt}` });
      await this.#settle(attempt, { is: 'canceled' });
    }
    this.#endGrace(attempt);
  }

  async #settle(attempt: string, end: FinalState): Promise<void> {
    await settleRun(this.#folder(attempt), end);
    this.#endGrace(attempt);
    this.#hint(attempt, 'ended');
  }

  /** Whoever was told to end politely may have forgotten somebody. */
  async #sweep(attempt: string): Promise<void> {
    if (this.#graces.has(attempt)) await endProcesses({ mark: `${attemptVariable}=${attempt}` });
    this.#endGrace(attempt);
  }

  #endGrace(attempt: string): void {
    clearTimeout(this.#graces.get(attempt));
    this.#graces.delete(attempt);
  }

  async #adopt(): Promise<void> {
    for (const attempt of await attemptsIn(this.#options.runsDir)) {
      const found = readRunFolder(this.#folder(attempt));
      if (found.is === 'unclaimed') this.#waiting.add(attempt);
      if (found.is === 'ended' && found.observation.endedAt === undefined)
        await this.#settle(attempt, { is: 'taken-back' });
      if (found.is !== 'claimed') continue;
      if (isAlive(found.status)) this.#watchOver(attempt);
      else await this.#leftBehind(attempt, 'The runner ended without a result.');
    }
    if (this.#waiting.size > 0) this.#fill();
    else this.#start();
  }

  /** Nobody tells us of a run that another engine's runner has: look. */
  #watchOver(attempt: string): void {
    if (this.#closed) return;
    this.#adopted.add(attempt);
    this.#watch ??= setInterval(() => void this.#surely(() => this.#look()), adoptedPollMs).unref();
  }

  async #look(): Promise<void> {
    for (const attempt of this.#adopted) {
      const found = readRunFolder(this.#folder(attempt));
      if (found.is === 'claimed' && isAlive(found.status)) continue;
      if (found.is === 'claimed') await this.#leftBehind(attempt, 'The runner ended without a result.');
      this.#adopted.delete(attempt);
      await this.#sweep(attempt);
      this.#hint(attempt, 'ended');
    }
    if (this.#adopted.size === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
    this.#fill();
  }
}
