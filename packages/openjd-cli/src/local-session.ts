/**
 * Runs the steps of a job, one after the other, in one session of this machine: environments in, tasks,
 * environments out. The first action that fails, or a cancel, ends the work; whatever was entered is left.
 */
import { IntRange, StepParameterSpaceIterator, proposeTaskCount } from '@pipl/openjd-model';
import type { Environment, Job, JobParameterValues, Step, TaskParameterSet } from '@pipl/openjd-model';
import { Session } from '@pipl/openjd-sessions';
import type { ActionStatus, PathMappingRule } from '@pipl/openjd-sessions';
import type { RunLog } from './run-log.ts';
import { elapsed } from './timestamps.ts';

export interface StepWork {
  readonly step: Step;
  /** All of the step unless set. */
  readonly tasks?: readonly TaskParameterSet[];
  /** Chunks, if the step has them. */
  readonly maximumTasks?: number;
}

/** How a person stops a run: `cancel` asks the running action to end and leaves environments, `now` kills. */
export interface Stops {
  readonly cancel: AbortSignal;
  readonly now: AbortSignal;
}

export interface SessionWork {
  readonly job: Job;
  readonly jobParameterValues: JobParameterValues;
  /** How many of the job's environments come from environment templates. */
  readonly externalEnvironments: number;
  readonly steps: readonly StepWork[];
  readonly pathMappingRules: readonly PathMappingRule[];
  readonly retainWorkingDir: boolean;
  readonly verbose: boolean;
  readonly log: RunLog;
  readonly stops: Stops;
}

export interface SessionResult {
  /** The action that ended the work too early, or why it ended. */
  readonly failure: string | undefined;
  readonly canceled: boolean;
  /** The last step that was begun. */
  readonly stepName: string | undefined;
  readonly chunksRun: number;
  readonly workingDirectory: string;
}

type Kind = 'EXTERNAL' | 'JOB' | 'STEP';

interface Entering {
  readonly kind: Kind;
  readonly environment: Environment;
  readonly step?: Step;
}

export async function runLocalSession(work: SessionWork): Promise<SessionResult> {
  const session = new LocalSession(work);
  try {
    await session.run();
  } finally {
    await session.end();
  }
  return session.result;
}

class LocalSession {
  readonly #work: SessionWork;
  readonly #session: Session;
  #failure: string | undefined;
  #stepName: string | undefined;
  #chunksRun = 0;
  #action = '';

  constructor(work: SessionWork) {
    this.#work = work;
    const { log, job } = work;
    const start = new Date(log.start / 1000).toISOString();
    this.#say(`Session start ${start}`);
    this.#say(`Running job '${job.name}'`);
    this.#session = new Session({
      sessionId: 'CLI-session',
      jobParameterValues: work.jobParameterValues,
      jobName: job.name,
      pathMappingRules: work.pathMappingRules,
      retainWorkingDir: work.retainWorkingDir,
      extensions: job.extensions ?? [],
      onLog: (record) => log.hear(record),
    });
    if (work.verbose) {
      this.#say(`Working directory: ${this.#session.workingDirectory}`);
      this.#say(`Extensions: ${(job.extensions ?? []).join(', ') || 'none'}`);
      this.#say(`Path mapping rules: ${work.pathMappingRules.length}`);
    }
  }

  get result(): SessionResult {
    return {
      failure: this.#failure,
      canceled: this.#work.stops.cancel.aborted,
      stepName: this.#stepName,
      chunksRun: this.#chunksRun,
      workingDirectory: this.#session.workingDirectory,
    };
  }

  async run(): Promise<void> {
    const { cancel, now } = this.#work.stops;
    cancel.addEventListener('abort', this.#onCancel);
    now.addEventListener('abort', this.#onNow);
    if (cancel.aborted) this.#onCancel();
    const { job, externalEnvironments, steps } = this.#work;
    for (const [index, environment] of (job.jobEnvironments ?? []).entries()) {
      await this.#enter({ environment, kind: index < externalEnvironments ? 'EXTERNAL' : 'JOB' });
    }
    for (const step of steps) {
      if (!this.#mayGoOn()) break;
      await this.#runStep(step);
    }
    await this.#leave(0, false);
  }

  /** Tells how it went, and leaves nothing behind. */
  async end(): Promise<void> {
    const { log, stops } = this.#work;
    log.say('');
    if (this.#failure === undefined) this.#say('All actions completed successfully!');
    else this.#say(`ERROR executing action: '${this.#failure}' (see Task logs for details)`);
    this.#say('Local Session ended! Now cleaning up Session resources.');
    await this.#session.cleanup();
    stops.cancel.removeEventListener('abort', this.#onCancel);
    stops.now.removeEventListener('abort', this.#onNow);
    await log.flush();
  }

  async #runStep(work: StepWork): Promise<void> {
    const { step } = work;
    this.#stepName = step.name;
    this.#say(`Running step '${step.name}'`);
    const outer = this.#session.environmentsEntered.length;
    for (const environment of step.stepEnvironments ?? [])
      await this.#enter({ environment, kind: 'STEP', step });
    if (this.#mayGoOn()) await this.#runTasks(work);
    await this.#leave(outer, true);
  }

  async #runTasks(work: StepWork): Promise<void> {
    const { step, maximumTasks = Number.POSITIVE_INFINITY } = work;
    const space = new StepParameterSpaceIterator({ space: step.parameterSpace });
    const chunk = space.isAdaptive && !work.tasks ? space.chunksParameterName : undefined;
    let left = maximumTasks;
    const measured = { tasks: 0, seconds: 0 };
    for (const task of work.tasks ?? space) {
      if (left <= 0 || !this.#mayGoOn()) return;
      left -= 1;
      const began = performance.now();
      await this.#runTask(step, task);
      if (chunk === undefined) continue;
      measured.tasks += IntRange.parse(task[chunk]!.value).length;
      measured.seconds += (performance.now() - began) / 1000;
      this.#adapt(space, measured);
    }
  }

  #adapt(space: StepParameterSpaceIterator, measured: { tasks: number; seconds: number }): void {
    const size = space.chunksDefaultTaskCount ?? 1;
    const targetSeconds = space.chunks?.targetRuntimeSeconds ?? 0;
    const next = proposeTaskCount({ size, targetSeconds, ...measured });
    if (next === size) return;
    const time = (seconds: number) => elapsed(Math.round(seconds * 1_000_000));
    const average = time(measured.seconds / measured.tasks);
    this.#say(`Ran ${measured.tasks} tasks in ${time(measured.seconds)}, average ${average}`);
    this.#say(`Adjusting chunk size from ${size} to ${next}`);
    space.chunksDefaultTaskCount = next;
  }

  async #runTask(step: Step, taskParameterValues: TaskParameterSet): Promise<void> {
    const values = Object.entries(taskParameterValues).map(([name, { value }]) => `'${name}': '${value}'`);
    const status = await this.#act(
      `Run Step '${step.name}' with Task parameters '{${values.join(', ')}}'`,
      () => this.#session.runTask({ stepScript: step.script, taskParameterValues, ...ofStep(step) }),
    );
    if (status.state === 'SUCCESS') this.#chunksRun += 1;
  }

  async #enter({ environment, kind, step }: Entering): Promise<void> {
    if (!this.#mayGoOn()) return;
    await this.#act(`Enter Environment '${environment.name}'`, () =>
      this.#session.enterEnvironment({
        environment,
        identifier: `${kind} - ${environment.name}`,
        ...(step && ofStep(step)),
      }),
    );
  }

  /** Leaves environments until `outer` are left. */
  async #leave(outer: number, keepSessionRunning: boolean): Promise<void> {
    for (const identifier of this.#session.environmentsEntered.slice(outer).toReversed()) {
      if (this.#session.state === 'ENDED') return;
      await this.#act(`Exit Environment '${identifier}'`, () =>
        this.#session.exitEnvironment({ identifier, keepSessionRunning }),
      );
    }
  }

  async #act(name: string, action: () => Promise<ActionStatus>): Promise<ActionStatus> {
    this.#action = name;
    const began = performance.now();
    const status = await action();
    if (status.state !== 'SUCCESS') this.#failure ??= name;
    if (this.#work.verbose) {
      const seconds = elapsed(Math.round((performance.now() - began) * 1000));
      this.#say(`${name} ended ${status.state} after ${seconds}`);
    }
    return status;
  }

  #mayGoOn(): boolean {
    return this.#failure === undefined && this.#session.state === 'READY';
  }

  readonly #onCancel = (): void => {
    this.#failure ??= this.#action || 'Canceled';
    this.#work.log.say('Interruption signal received.');
    this.#say('Cancelling the session...');
    void this.#session.cancelAction();
    this.#say(`Session terminated by user while running action: '${this.#action}'.`);
  };

  readonly #onNow = (): void => {
    this.#say('Interrupted again: ending everything now.');
    void this.#session.cleanup();
  };

  #say(message: string): void {
    this.#work.log.say(`Open Job Description CLI: ${message}`);
  }
}

const ofStep = (step: Step) => ({
  stepName: step.name,
  ...(step.let === undefined ? {} : { stepLet: step.let }),
});
