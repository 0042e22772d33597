/**
 * An Open Job Description session: environments in, tasks, environments out, in one
 * working directory, one action at a time.
 *
 *     READY ──▶ RUNNING ──▶ READY                 the action succeeded
 *                  │  └───▶ READY_ENDING          it did not, or an environment was left
 *                  └─ CANCELING ──▶ READY_ENDING
 *     any ── cleanup ──▶ ENDED
 *
 * A call returns a promise of the action's final status and never rejects because the action
 * failed; it rejects with a SessionError when it could not begin. After `cleanup` no process, file
 * descriptor, timer or (unless retained) file of the session is left.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { ActionRun } from './action-run.ts';
import type { ActionRequest, ActionSurroundings } from './action-run.ts';
import { placeFiles, removeFiles } from './embedded-files.ts';
import type { PlacedFile } from './embedded-files.ts';
import { EnteredEnvironments } from './entered-environments.ts';
import { EnvironmentStack, baseVariables, checkVariables } from './environment-variables.ts';
import { SessionStateError, messageOf } from './errors.ts';
import { SessionLog } from './log.ts';
import type { OtherUser } from './other-user.ts';
import { rulesFileText, sortedRules } from './path-mapping.ts';
import { Redactor } from './redaction.ts';
import type * as options from './session-options.ts';
import { SessionProcesses } from './session-processes.ts';
import { actAs, posixUserOf, risksOf } from './session-user.ts';
import type { ActionStatus, SessionState } from './status.ts';
import type { SessionValues } from './symbols.ts';
import { makeSessionFolders } from './working-directory.ts';
import type { SessionFolders } from './working-directory.ts';

type Situation =
  | { readonly is: 'READY' | 'READY_ENDING' | 'ENDED' }
  | { readonly is: 'RUNNING'; readonly run: ActionRun; readonly thenEnding: boolean };

/** What one action is, besides its status. */
type Work = Pick<ActionRequest, 'prepare'> & {
  /** The environment whose variables it may change. */
  readonly identifier?: string;
  readonly thenEnding: boolean;
};

export class Session {
  readonly sessionId: string;
  /** `{{Session.WorkingDirectory}}`: where every action starts. */
  readonly workingDirectory: string;
  readonly #options: options.SessionOptions;
  readonly #folders: SessionFolders;
  readonly #values: SessionValues;
  readonly #variables: EnvironmentStack;
  readonly #environments: EnteredEnvironments;
  readonly #around: ActionSurroundings;
  readonly #log: SessionLog;
  readonly #redactor = new Redactor();
  #situation: Situation = { is: 'READY' };
  #status: ActionStatus | undefined;
  #taskFiles: readonly PlacedFile[] = [];
  #cleaning: Promise<void> | undefined;

  /** @throws WorkingDirectoryError, SessionUserError, SessionValueError */
  constructor(given: options.SessionOptions) {
    this.#options = given;
    this.sessionId = given.sessionId;
    this.#log = new SessionLog({
      sessionId: given.sessionId,
      redactor: this.#redactor,
      listener: given.onLog,
    });
    const base = baseVariables(process.env, given.osEnvVars);
    const posix = given.user && posixUserOf(given.user);
    const folders = makeSessionFolders(given.sessionId, {
      root: given.sessionRootDirectory,
      sharedWith: posix,
    });
    this.#folders = folders;
    this.workingDirectory = folders.working.path;
    for (const risk of [...folders.risks, ...(posix ? risksOf(posix) : [])]) {
      this.#log.write('HOST_INFO', risk, 'WARNING');
    }
    const rules = sortedRules(given.pathMappingRules ?? []);
    const rulesName = `path_mapping${randomUUID().slice(0, 8)}.json`;
    folders.working.write(rulesName, rulesFileText(rules));
    this.#values = {
      sessionId: given.sessionId,
      jobName: given.jobName,
      jobParameterValues: given.jobParameterValues,
      workingDirectory: this.workingDirectory,
      rulesFile: join(this.workingDirectory, rulesName),
      rules,
      hasExpressions: given.extensions?.includes('EXPR') ?? true,
    };
    const user = posix && actAs(posix, folders, (problem) => this.#warn(problem));
    this.#variables = new EnvironmentStack(base);
    this.#environments = new EnteredEnvironments({
      variables: this.#variables,
      values: this.#values,
      folders,
      log: this.#log,
    });
    this.#around = {
      workingFolder: folders.working,
      processes: new SessionProcesses({
        cwd: this.workingDirectory,
        folders,
        base,
        user,
        spares: given.spareParts,
      }),
      log: this.#log,
      redactor: this.#redactor,
      ...(user ? { ready: () => this.#logIn(user) } : {}),
    };
  }

  /** Where embedded files are written. */
  get filesDirectory(): string {
    return this.#folders.files.path;
  }

  get state(): SessionState {
    if (this.#situation.is === 'RUNNING') return this.#situation.run.stopping ? 'CANCELING' : 'RUNNING';
    return this.#cleaning ? 'ENDED' : this.#situation.is;
  }

  /** The running, or the last, action; undefined before the first. */
  get actionStatus(): ActionStatus | undefined {
    return this.#status;
  }

  /** Outermost first: leave them from the end. */
  get environmentsEntered(): readonly string[] {
    return this.#environments.identifiers;
  }

  /** What a program that started now would see: for one that the session does not start itself. */
  get environmentVariables(): Readonly<Record<string, string>> {
    return this.#variables.variables();
  }

  /**
   * Sets the environment's variables and runs its `onEnter`. However that ends, the environment counts as
   * entered and has to be left. Rejects with SessionStateError, EnvironmentOrderError (identifier taken).
   */
  async enterEnvironment(
    call: options.EnterEnvironment,
  ): Promise<ActionStatus & { readonly identifier: string }> {
    this.#require('enterEnvironment', ['READY']);
    checkVariables(call.osEnvVars ?? {});
    const entered = this.#environments.enter(call);
    const { identifier } = entered;
    this.#log.write('BANNER', `Entering Environment: ${call.environment.name}`);
    const prepare = this.#environments.entering(entered, call.osEnvVars);
    return { ...(await this.#act({ prepare, identifier, thenEnding: false })), identifier };
  }

  /** Runs `onExit` and takes the environment's variables back. Rejects with SessionStateError, EnvironmentOrderError. */
  async exitEnvironment({
    identifier,
    osEnvVars,
    keepSessionRunning,
  }: options.ExitEnvironment): Promise<ActionStatus> {
    this.#require('exitEnvironment', ['READY', 'READY_ENDING']);
    checkVariables(osEnvVars ?? {});
    const entered = this.#environments.leave(identifier);
    const thenEnding = this.#situation.is === 'READY_ENDING' || keepSessionRunning !== true;
    this.#log.write('BANNER', `Exiting Environment: ${entered.environment.name}`);
    return this.#act({ prepare: this.#environments.exiting(entered, osEnvVars), identifier, thenEnding });
  }

  /** Runs one task. Rejects with SessionStateError. */
  async runTask(call: options.RunTask): Promise<ActionStatus> {
    this.#require('runTask', ['READY']);
    checkVariables(call.osEnvVars ?? {});
    this.#log.write('BANNER', 'Running Task');
    for (const [name, { type, value }] of Object.entries(call.taskParameterValues)) {
      this.#log.write('PARAMETER_INFO', `${name}(${type}) = ${value}`);
    }
    return this.#act({
      thenEnding: false,
      prepare: () => {
        removeFiles(this.#taskFiles);
        const files = placeFiles(call.stepScript.embeddedFiles ?? [], () => this.#folders.files);
        this.#taskFiles = files;
        return this.#environments.running(call, files);
      },
    });
  }

  /** Runs a program that is no part of the job's template. Rejects with SessionStateError. */
  async runSubprocess(call: options.RunSubprocess): Promise<ActionStatus> {
    this.#require('runSubprocess', ['READY']);
    checkVariables(call.osEnvVars ?? {});
    this.#log.write('BANNER', call.logBannerMessage ?? 'Running Subprocess');
    const { command, args = [], timeoutSeconds } = call;
    return this.#act({
      thenEnding: false,
      prepare: () => {
        const variables = this.#variables.variables(call.osEnvVars, call.useSessionEnvVars);
        const program = { command, args, variables, mayLeaveDaemons: true };
        return { program, timeoutSeconds, stopMethod: { mode: 'TERMINATE' } };
      },
    });
  }

  /**
   * Stops the running action and waits for its end. When nothing runs (it may just have ended) nothing
   * happens. A second call can only shorten the time left. Never rejects.
   */
  async cancelAction({ timeLimitSeconds, markActionFailed }: options.CancelAction = {}): Promise<
    ActionStatus | undefined
  > {
    if (this.#situation.is !== 'RUNNING') return this.#status;
    const { run } = this.#situation;
    run.stop({ reason: markActionFailed ? 'FAILED' : 'CANCELED', timeLimitSeconds });
    return run.finished;
  }

  /** Ends everything of the session; a running action is killed. May be called again. */
  async cleanup(): Promise<void> {
    this.#cleaning ??= this.#cleanUp();
    return this.#cleaning;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanup();
  }

  async #cleanUp(): Promise<void> {
    await this.cancelAction({ timeLimitSeconds: 0 });
    this.#situation = { is: 'ENDED' };
    const { killed, left } = await this.#around.processes.close({
      keepFiles: this.#options.retainWorkingDir ?? false,
    });
    for (const { pid, name } of killed)
      this.#log.write('PROCESS_CONTROL', `Killed process ${pid} (${name}), left by the session`);
    for (const { pid, name } of left)
      this.#log.write('PROCESS_CONTROL', `Process ${pid} (${name}) cannot be killed`, 'WARNING');
    for (const folder of this.#folders.toDelete(this.#options)) {
      await folder.delete().catch((error: unknown) => {
        this.#warn(`${folder.path} could not be deleted: ${messageOf(error)}`);
      });
    }
    this.#folders.working.close();
  }

  /** Once for each action: the first one starts the user's helper, and so does one that follows its loss. */
  async #logIn(user: OtherUser): Promise<void> {
    this.#variables.base = baseVariables(await user.login(), this.#options.osEnvVars);
  }

  #warn(problem: string): void {
    this.#log.write('EXCEPTION_INFO', problem, 'WARNING');
  }

  #require(call: string, allowed: readonly SessionState[]): void {
    if (!allowed.includes(this.state)) throw new SessionStateError(call, { state: this.state, allowed });
  }

  #act({ identifier, thenEnding, prepare }: Work): Promise<ActionStatus> {
    const run = new ActionRun(
      {
        prepare,
        onStatus: (status) => this.#hearStatus(status, thenEnding),
        onVariable: (name, value, secret) => {
          const allowed = !secret || (this.#options.extensions?.includes('REDACTED_ENV_VARS') ?? true);
          if (identifier !== undefined && allowed) this.#variables.change(identifier, name, value);
        },
      },
      this.#around,
    );
    this.#situation = { is: 'RUNNING', run, thenEnding };
    this.#status = run.status;
    return run.finished;
  }

  #hearStatus(status: ActionStatus, thenEnding: boolean): void {
    this.#status = status;
    if (status.state !== 'RUNNING') {
      this.#situation = { is: thenEnding || status.state !== 'SUCCESS' ? 'READY_ENDING' : 'READY' };
    }
    try {
      this.#options.callback?.(this.sessionId, status);
    } catch (error) {
      this.#log.write('EXCEPTION_INFO', `The session's callback failed: ${messageOf(error)}`, 'ERROR');
    }
  }
}
