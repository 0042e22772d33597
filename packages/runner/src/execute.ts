/**
 * Runs a job: its steps in the order they depend on each other, each in as many sessions as there is work and
 * room for, each session taking chunks of points from the same queue.
 *
 * The first failure stops everything: running actions are asked to end, environments are left, sessions cleaned
 * up, and only then it is thrown. When this settles no process of the job is left.
 */
import { setMaxListeners } from 'node:events';
import type { Environment, Job, Step, TaskParameterSet } from '@pipl/openjd-model';
import { Session, type ActionStatus, type LogRecord, type SpareParts } from '@pipl/openjd-sessions';
import { actionFailure } from './action-failure.ts';
import type { JobSteps, StepTasks } from './job.ts';
import type { RunProgress } from './progress.ts';
import { makeSlots, type Slots } from './slots.ts';

export interface Execution {
  readonly steps: JobSteps;
  readonly job: Job;
  /** where sessions make their working directories */
  readonly scratch: string;
  /** as changes to this process's own variables */
  readonly variables: Readonly<Record<string, string | null>>;
  /** sessions at once */
  readonly concurrency: number;
  /** its reason is what the run ends with */
  readonly signal: AbortSignal;
  readonly progress: Pick<RunProgress, 'log' | 'firstAction' | 'report'>;
  /** what sessions of this process hand on to each other */
  readonly spareParts?: SpareParts | undefined;
}

/** An action that was told to stop has this long, less than the grace that an engine gives the run. */
const stopSeconds = 20;
const linesKept = 5;

interface Running extends Execution {
  readonly slots: Slots;
  readonly stop: AbortController;
  readonly share: Share;
}

/** @throws RunEnded */
export async function execute(execution: Execution): Promise<void> {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const follow = () => stop.abort(execution.signal.reason);
  execution.signal.addEventListener('abort', follow, { once: true });
  if (execution.signal.aborted) follow();
  const running: Running = {
    ...execution,
    stop,
    slots: makeSlots(execution.concurrency),
    share: shareOf(execution),
  };
  const ends = new Map<string, Promise<void>>();
  for (const one of execution.steps.order) {
    const before = (one.step.dependencies ?? []).map(({ dependsOn }) => ends.get(dependsOn));
    ends.set(
      one.step.name,
      Promise.all(before).then(() => runStep(running, one)),
    );
  }
  await Promise.allSettled(ends.values());
  execution.signal.removeEventListener('abort', follow);
  stop.signal.throwIfAborted();
}

/** Sessions share the tasks of a step; one that failed has aborted `stop`, so none of them rejects. */
async function runStep(running: Running, { step, tasks, count }: StepTasks): Promise<void> {
  if (count === 0) return;
  const sessions = Math.max(1, Math.min(running.concurrency, count));
  const queue = tasks();
  await Promise.all(
    Array.from({ length: sessions }, (_, at) =>
      running.slots.use(async () => {
        if (running.stop.signal.aborted) return;
        try {
          await new StepSession(running, { step, at }).work(queue);
        } catch (error) {
          running.stop.abort(error);
        }
      }),
    ),
  );
}

class StepSession {
  readonly #running: Running;
  readonly #step: Step;
  readonly #at: number;
  readonly #session: Session;
  readonly #lines: string[] = [];
  #report: (percent: number, message?: string) => void = () => undefined;

  constructor(running: Running, { step, at }: { step: Step; at: number }) {
    const { job, scratch, variables, spareParts } = running;
    this.#running = running;
    this.#step = step;
    this.#at = at;
    this.#session = new Session({
      sessionId: `s${at}-`,
      jobName: job.name,
      jobParameterValues: job.parameters,
      sessionRootDirectory: scratch,
      osEnvVars: variables,
      onLog: (record) => this.#hearLog(record),
      callback: (_id, status) => this.#hearStatus(status),
      ...(spareParts === undefined ? {} : { spareParts }),
      ...(job.extensions === undefined ? {} : { extensions: job.extensions }),
    });
  }

  /** Never rejects: what goes wrong stops the run. */
  async work(queue: Iterator<TaskParameterSet>): Promise<void> {
    const { stop, job } = this.#running;
    const cancel = () => void this.#session.cancelAction({ timeLimitSeconds: stopSeconds });
    stop.signal.addEventListener('abort', cancel);
    try {
      for (const environment of [...(job.jobEnvironments ?? []), ...(this.#step.stepEnvironments ?? [])]) {
        await this.#enter(environment);
      }
      for (let next = queue.next(); next.done !== true; next = queue.next()) await this.#run(next.value);
    } catch (error) {
      // The first one names the run's end; the others only followed.
      if (!stop.signal.aborted) stop.abort(error);
    } finally {
      stop.signal.removeEventListener('abort', cancel);
      await this.#leave();
    }
  }

  async #enter(environment: Environment): Promise<void> {
    this.#running.stop.signal.throwIfAborted();
    const status = await this.#session.enterEnvironment({ environment, ...stepOf(this.#step) });
    this.#demand(status, `entering ${environment.name}`);
  }

  async #run(taskParameterValues: TaskParameterSet): Promise<void> {
    const { stop, share } = this.#running;
    stop.signal.throwIfAborted();
    this.#lines.length = 0;
    this.#report = share.begin();
    const { script: stepScript } = this.#step;
    const status = await this.#session.runTask({ stepScript, taskParameterValues, ...stepOf(this.#step) });
    const points = Object.entries(taskParameterValues).map(([name, { value }]) => `${name}=${value}`);
    this.#demand(status, points.length === 0 ? undefined : points.join(', '));
    this.#report(100);
  }

  #demand(status: ActionStatus, where: string | undefined): void {
    this.#running.stop.signal.throwIfAborted();
    if (status.state === 'SUCCESS') return;
    const { command, args = [] } = this.#step.script.actions.onRun;
    const isCheck = command === 'pipl-step' && args[0] === 'check';
    throw actionFailure({ step: this.#step.name, where, status, lines: [...this.#lines], isCheck });
  }

  async #leave(): Promise<void> {
    const { stop } = this.#running;
    try {
      for (const identifier of this.#session.environmentsEntered.toReversed()) {
        const status = await this.#session.exitEnvironment({ identifier });
        if (status.state !== 'SUCCESS' && !stop.signal.aborted) {
          const { name: step } = this.#step;
          const where = 'leaving an environment';
          stop.abort(actionFailure({ step, where, status, lines: [...this.#lines], isCheck: false }));
        }
      }
    } catch (error) {
      if (!stop.signal.aborted) stop.abort(error);
    } finally {
      await this.#session.cleanup();
    }
  }

  #hearStatus({ state, progress, statusMessage }: ActionStatus): void {
    if (state !== 'RUNNING') return;
    this.#running.progress.firstAction();
    this.#report(progress ?? 0, statusMessage);
  }

  #hearLog({ content, message, level }: LogRecord): void {
    const isOutput = content === 'COMMAND_OUTPUT';
    if (!isOutput && level !== 'ERROR' && level !== 'WARNING') return;
    if (isOutput && !message.startsWith('openjd_')) {
      this.#lines.push(message);
      if (this.#lines.length > linesKept) this.#lines.shift();
    }
    const line = { step: this.#step.name, chunk: this.#at, text: message };
    this.#running.progress.log(isOutput ? line : { ...line, by: 'session' });
  }
}

/** What a session has to know of the step whose actions it runs. */
const stepOf = ({ name: stepName, let: stepLet }: Step) => ({ stepName, ...(stepLet && { stepLet }) });

/** How much of the whole job is done, as the sum of its tasks. */
interface Share {
  begin(): (percent: number, message?: string) => void;
}

function shareOf({ steps, progress }: Pick<Execution, 'steps' | 'progress'>): Share {
  const all = Math.max(
    1,
    steps.order.reduce((sum, { count }) => sum + count, 0),
  );
  let done = 0;
  return {
    begin() {
      let mine = 0;
      return (percent, message) => {
        done += Math.max(0, percent - mine);
        mine = Math.max(mine, percent);
        progress.report(done / all, message);
      };
    },
  };
}
