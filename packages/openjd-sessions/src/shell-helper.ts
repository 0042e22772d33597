/**
 * One persistent `/bin/sh` that starts actions, one at a time. It leads its own
 * session and process group, and every action lives in that group.
 *
 * Why: a spawn from Node copies the page tables of the whole Node process (2 ms, 50 ms with
 * 1 GB resident); a fork of this shell costs 0.3 ms at any size. No argument and no variable of
 * an action is ever on the shell's own command line: they go through a 0600 file that is emptied
 * as soon as the action has started (making and removing a file each time costs 0.1 ms more).
 *
 * It does not read the action's output (`output-pipe.ts`) and does not decide when to signal.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { signalGroup } from './action-process.ts';
import type { ActionProcess, ProgramEnd, ProgramStart } from './action-process.ts';
import type { Variables } from './environment-variables.ts';
import { messageOf } from './errors.ts';
import { actionScript, helperLoop } from './shell-script.ts';

type Phase =
  | { readonly is: 'idle' }
  | {
      readonly is: 'busy';
      readonly started: PromiseWithResolvers<number | undefined>;
      readonly ended: PromiseWithResolvers<ProgramEnd>;
      pid: number | undefined;
      notices: string[];
    }
  | { readonly is: 'gone'; readonly problem: string };

export class ShellHelper {
  /** The variables the shell itself was started with. */
  readonly base: Variables;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  /** The file that the shell reads anew for each action. */
  readonly #script: number;
  readonly #gone = Promise.withResolvers<void>();
  #phase: Phase = { is: 'idle' };
  #unread = '';

  /** `folder` is private to the session (0700); scripts are written there. */
  constructor({ base, folder }: { base: Variables; folder: string }) {
    this.base = base;
    const script = join(folder, `start-${randomUUID()}`);
    this.#script = openSync(script, 'wx', 0o600);
    this.#child = spawn('/bin/sh', ['-c', helperLoop, 'sh', script], {
      cwd: folder,
      env: base,
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    this.#child.on('error', (error) =>
      this.#lose({ exitCode: undefined, problem: `/bin/sh: ${messageOf(error)}` }),
    );
    this.#child.on('exit', (code, signal) => this.#lose(endOf(code, signal)));
    // EPIPE: the shell is gone, and 'exit' says so with its reason.
    this.#child.stdin.on('error', () => {});
    this.#keepAlive(false);
  }

  /** The process group of this shell and its actions; undefined once it is gone (ids are used again). */
  get group(): number | undefined {
    return this.#phase.is === 'gone' ? undefined : this.#child.pid;
  }

  get idle(): boolean {
    return this.#phase.is === 'idle';
  }

  /** Starts a program. Call only when `idle`. */
  run(start: ProgramStart): ActionProcess {
    const script = Buffer.from(actionScript(start, this.base, process.platform));
    for (let at = 0; at < script.length;) at += writeSync(this.#script, script, at, script.length - at, at);
    const phase = {
      is: 'busy' as const,
      started: Promise.withResolvers<number | undefined>(),
      ended: Promise.withResolvers<ProgramEnd>(),
      pid: undefined,
      notices: [],
    };
    this.#phase = phase;
    this.#keepAlive(true);
    this.#child.stdin.write('\n');
    return {
      started: phase.started.promise,
      ended: phase.ended.promise,
      signal: (signal) => {
        if (this.group !== undefined) signalGroup(this.group, signal);
      },
    };
  }

  /** Ends the shell and everything in its group, and waits until the shell is gone. */
  async close(): Promise<void> {
    if (this.group === undefined) return;
    this.#keepAlive(true);
    signalGroup(this.group, 'SIGKILL');
    await this.#gone.promise;
  }

  #hear(text: string): void {
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) this.#hearLine(line);
  }

  #hearLine(line: string): void {
    const phase = this.#phase;
    if (phase.is !== 'busy') return;
    if (phase.pid === undefined && /^s \d+$/.test(line)) {
      phase.pid = Number(line.slice(2));
      ftruncateSync(this.#script);
      phase.started.resolve(phase.pid);
    } else if (/^e \d+$/.test(line)) {
      this.#phase = { is: 'idle' };
      if (phase.pid === undefined) ftruncateSync(this.#script);
      this.#keepAlive(false);
      this.#end(phase, statusOf(Number(line.slice(2)), phase));
    } else {
      phase.notices.push(line);
    }
  }

  #end(phase: Extract<Phase, { is: 'busy' }>, end: ProgramEnd): void {
    phase.started.resolve(undefined);
    phase.ended.resolve(end);
  }

  #lose(end: ProgramEnd): void {
    const phase = this.#phase;
    if (phase.is === 'gone') return;
    const problem = end.problem ?? `The shell that starts actions ended (${end.exitCode}).`;
    this.#phase = { is: 'gone', problem };
    if (phase.is === 'busy') {
      this.#end(phase, phase.pid === undefined ? { exitCode: undefined, problem } : end);
    }
    ftruncateSync(this.#script);
    closeSync(this.#script);
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.#gone.resolve();
  }

  /** An idle shell must not keep a program alive that forgot to clean up; a running action must. */
  #keepAlive(alive: boolean): void {
    const { stdin, stdout } = this.#child;
    const handles = [this.#child, ...[stdin, stdout].filter((stream) => stream instanceof Socket)];
    for (const handle of handles) {
      if (alive) handle.ref();
      else handle.unref();
    }
  }
}

/** The shell's `$?` as an end. 128+N with a notice before it means signal N. */
function statusOf(
  status: number,
  { pid, notices }: { pid: number | undefined; notices: readonly string[] },
): ProgramEnd {
  if (pid === undefined)
    return { exitCode: undefined, problem: notices.join(' ') || 'The shell could not start it.' };
  return { exitCode: status > 128 && notices.length > 0 ? 128 - status : status };
}

/** How Node tells of an end, as one number. */
export function endOf(code: number | null, signal: NodeJS.Signals | null): ProgramEnd {
  return { exitCode: signal ? -constants.signals[signal] : (code ?? undefined) };
}
