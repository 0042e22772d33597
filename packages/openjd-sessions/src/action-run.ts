/**
 * One action from its preparation to its final status.
 *
 *     preparing ──▶ launching ──▶ running ──▶ draining ──▶ settled
 *         └────────────┴─ (cannot start, or stopped before) ──▲
 *
 * It times, stops and reports; `session-processes.ts` starts and kills. It promises: exactly one
 * final status; it ends when the program does, though others hold its output; after a stop
 * nothing of the action is alive; no call throws because it came too late.
 */
import { setTimeout } from 'node:timers/promises';

import type { ProgramEnd } from './action-process.ts';
import { Alarm } from './alarm.ts';
import { whyNotRunnable } from './command-lookup.ts';
import { checkSize } from './command-size.ts';
import { messageOf } from './errors.ts';
import type { SessionLog } from './log.ts';
import { withoutRedactedValues } from './messages.ts';
import { OutputReader } from './output-reader.ts';
import type { Command } from './output-reader.ts';
import type { Redactor } from './redaction.ts';
import type { SessionFolder } from './session-folder.ts';
import type { Launched, Program, SessionProcesses } from './session-processes.ts';
import { commandLine } from './shell-words.ts';
import type { ActionStatus } from './status.ts';
import { planStop } from './stop-plan.ts';
import type { Stop, StopMethod, StopRequest } from './stop-plan.ts';

/** Grandchildren may finish a sentence after the program ended; nobody waits longer. */
const drainTime = { quietMs: 100, mostMs: 1000 };
const survivorPollMs = 20;

export interface PreparedAction {
  readonly program: Program;
  readonly timeoutSeconds: number | undefined;
  readonly stopMethod: StopMethod;
}

/** What the session lends to its actions. */
export interface ActionSurroundings {
  readonly workingFolder: SessionFolder;
  readonly processes: SessionProcesses;
  readonly log: SessionLog;
  readonly redactor: Redactor;
  /** Settles when actions can be prepared; what it rejects with fails the action. */
  readonly ready?: () => Promise<void>;
}

export interface ActionRequest {
  /** Resolves format strings and writes files; undefined: nothing to run. What it throws fails the action. */
  readonly prepare: () => PreparedAction | undefined;
  /** Called with every new status; the last one is not RUNNING. Must not throw. */
  readonly onStatus: (status: ActionStatus) => void;
  /** An `openjd_env` or `openjd_unset_env` of the action. */
  readonly onVariable: (name: string, value: string | null, secret: boolean) => void;
}

type Phase =
  | { readonly is: 'preparing' | 'draining' | 'settled' }
  | { readonly is: 'launching' | 'running'; readonly launched: Launched };

export class ActionRun {
  readonly finished: Promise<ActionStatus>;
  readonly #around: ActionSurroundings;
  readonly #request: ActionRequest;
  readonly #timeout = new Alarm();
  readonly #killing = new Alarm();
  readonly #reader: OutputReader;
  #status: ActionStatus = { state: 'RUNNING' };
  #phase: Phase = { is: 'preparing' };
  #stop: Stop | undefined;
  /** Until the action is prepared nothing runs that could be notified. */
  #stopMethod: StopMethod = { mode: 'TERMINATE' };

  constructor(request: ActionRequest, around: ActionSurroundings) {
    this.#request = request;
    this.#around = around;
    const { log, redactor } = around;
    this.#reader = new OutputReader({ log, redactor, obey: (command) => this.#obey(command) });
    this.finished = this.#run();
  }

  get status(): ActionStatus {
    return this.#status;
  }

  /** Whether it was told to stop and has not ended yet. */
  get stopping(): boolean {
    return this.#stop !== undefined && this.#phase.is !== 'settled';
  }

  /** Asks the action to end. Too late is no error. */
  stop(request: StopRequest): void {
    const phase = this.#phase;
    // The program has ended by itself: only its own last words can still fail it.
    if (phase.is === 'settled' || (phase.is === 'draining' && request.reason !== 'FAILED')) return;
    const first = this.#stop === undefined;
    const now = performance.now();
    // Nobody is left who could use a notice period after the program's own end.
    const urgent = phase.is === 'draining' ? { ...request, timeLimitSeconds: 0 } : request;
    this.#stop = planStop(urgent, { method: this.#stopMethod, now, current: this.#stop });
    if (phase.is === 'running') this.#enforce(phase.launched, first);
  }

  async #run(): Promise<ActionStatus> {
    // One turn later, so that the session has named this run before its first status.
    await Promise.resolve();
    try {
      if (this.#around.ready) await this.#around.ready();
      const prepared = this.#request.prepare();
      if (!prepared) return this.#settle({ exitCode: undefined }, true);
      const { program, timeoutSeconds, stopMethod } = prepared;
      this.#stopMethod = stopMethod;
      const { processes, log } = this.#around;
      const cwd = this.#around.workingFolder.path;
      const shown = withoutRedactedValues(commandLine([program.command, ...program.args]));
      log.write('PROCESS_CONTROL', `Running command ${shown}`);
      checkSize(program);
      const problem = processes.runsAsAnother
        ? undefined
        : whyNotRunnable(program.command, { path: program.variables.PATH, cwd });
      if (problem !== undefined) return this.#settle({ exitCode: undefined, problem });
      if (this.#stop) return this.#settle({ exitCode: undefined });
      const launched = await processes.launch(program, (chunk) => this.#reader.read(chunk));
      return this.#settle(await this.#watch(launched, timeoutSeconds));
    } catch (error) {
      return this.#settle({ exitCode: undefined, problem: messageOf(error) });
    } finally {
      this.#timeout.clear();
      this.#killing.clear();
    }
  }

  /** From the launch until nothing of the action needs us any more. */
  async #watch(launched: Launched, timeoutSeconds: number | undefined): Promise<ProgramEnd> {
    const { process: program, output } = launched;
    this.#phase = { is: 'launching', launched };
    const pid = await program.started;
    if (pid === undefined) {
      output.close();
      return program.ended;
    }
    this.#begin(launched, { pid, timeoutSeconds });
    const end = await program.ended;
    const stopped = this.#stop !== undefined;
    if (stopped) await this.#endSurvivors(launched);
    this.#phase = { is: 'draining' };
    await output.drain(drainTime);
    await this.#reader.end();
    // Its last words failed it: nothing it left may go on.
    if (this.#stop && !stopped) await this.#endSurvivors(launched);
    this.#reader.deafen();
    this.#around.log.write('PROCESS_CONTROL', exitLine(pid, end.exitCode ?? 0));
    if (!output.ended) void output.whenEnded.then(() => this.#reader.end());
    this.#around.processes.putAway(launched);
    return end;
  }

  #begin(
    launched: Launched,
    { pid, timeoutSeconds }: { pid: number; timeoutSeconds: number | undefined },
  ): void {
    this.#around.log.write('PROCESS_CONTROL', `Command started as pid: ${pid}`);
    this.#around.log.write('BANNER', 'Output:');
    this.#phase = { is: 'running', launched };
    this.#update({});
    if (timeoutSeconds !== undefined) {
      this.#timeout.set(performance.now() + timeoutSeconds * 1000, () => this.#timedOut(timeoutSeconds));
    }
    launched.output.start();
    if (this.#stop) this.#enforce(launched, true);
  }

  #timedOut(seconds: number): void {
    this.#around.log.write(
      'PROCESS_CONTROL',
      `The action ran longer than its timeout of ${seconds} s.`,
      'ERROR',
    );
    this.stop({ reason: 'TIMEOUT' });
  }

  /** Notifies once, and sets when to kill. */
  #enforce(launched: Launched, first: boolean): void {
    const { killAt } = this.#stop ?? { killAt: 0 };
    if (first) launched.known = this.#around.processes.seen(launched);
    const kill = () => {
      this.#around.log.write('PROCESS_CONTROL', 'Sending SIGKILL to the process group');
      launched.process.signal('SIGKILL');
    };
    if (killAt <= performance.now()) return kill();
    if (first) this.#notify(launched, killAt);
    this.#killing.set(killAt, kill);
  }

  #notify(launched: Launched, killAt: number): void {
    const end = new Date(Date.now() + killAt - performance.now());
    const NotifyEnd = `${end.toISOString().slice(0, 19)}Z`;
    try {
      this.#around.workingFolder.replace('cancel_info.json', JSON.stringify({ NotifyEnd }));
    } catch (error) {
      this.#around.log.write(
        'EXCEPTION_INFO',
        `cancel_info.json could not be written: ${messageOf(error)}`,
        'WARNING',
      );
    }
    this.#around.log.write(
      'PROCESS_CONTROL',
      `Sending SIGTERM to the process group; SIGKILL follows at ${NotifyEnd}`,
    );
    launched.process.signal('SIGTERM');
  }

  /** The program is gone; whoever else was notified has the rest of the period. */
  async #endSurvivors(launched: Launched): Promise<void> {
    const { processes, log } = this.#around;
    while (
      this.#stop &&
      performance.now() < this.#stop.killAt &&
      (await processes.alive(launched)).length > 0
    ) {
      await setTimeout(Math.min(survivorPollMs, Math.max(0, this.#stop.killAt - performance.now())));
    }
    launched.known = [...launched.known, ...processes.seen(launched)];
    const { killed, left } = await processes.end(launched);
    for (const { pid, name } of killed)
      log.write('PROCESS_CONTROL', `Killed process ${pid} (${name}), left by the action`);
    for (const { pid, name } of left)
      log.write('PROCESS_CONTROL', `Process ${pid} (${name}) cannot be killed`, 'WARNING');
  }

  #obey(command: Command): void {
    switch (command.is) {
      case 'progress':
        return this.#update({ progress: command.percent });
      case 'status':
        return this.#update({ statusMessage: this.#around.redactor.redact(command.text) });
      case 'fail':
        return this.#update({ failMessage: this.#around.redactor.redact(command.text) });
      case 'env':
        return this.#request.onVariable(command.name, command.value, command.secret);
      case 'unset_env':
        return this.#request.onVariable(command.name, null, false);
      case 'loglevel':
        this.#around.log.level = command.level;
        return undefined;
      case 'wrong':
        this.#update({ failMessage: this.#around.redactor.redact(command.reason) });
        return this.stop({ reason: 'FAILED' });
    }
  }

  #update(change: Partial<ActionStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#request.onStatus(this.#status);
  }

  #settle({ exitCode, problem }: ProgramEnd, succeeded = exitCode === 0): ActionStatus {
    this.#phase = { is: 'settled' };
    if (problem !== undefined) this.#around.log.write('EXCEPTION_INFO', problem, 'ERROR');
    const state = this.#stop?.reason ?? (succeeded ? 'SUCCESS' : 'FAILED');
    this.#update({
      state,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(problem === undefined ? {} : { failMessage: this.#around.redactor.redact(problem) }),
    });
    return this.#status;
  }
}

/** The line that other tools look for. */
const exitLine = (pid: number, code: number): string =>
  `Process pid ${pid} exited with code: ${code} (unsigned) / 0x${(code >>> 0).toString(16)} (hex)`;
