/**
 * The hand of a session as another user: one `/bin/sh` that sudo started, which lives as long as the
 * session. What it can do is in `sudo-script.ts`; this is its other end.
 *
 * It gets nothing of this process's environment but where programs are and which language is spoken, and
 * nothing of the session on its command line: it reads from a named pipe. What it answers comes from a process
 * that jobs of the same user can tamper with, so an answer is only ever used to act as that user again.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { Variables } from './environment-variables.ts';
import { SessionUserError, messageOf } from './errors.ts';
import type { NamedPipes } from './named-pipes.ts';
import { PipePair } from './pipe-pair.ts';
import type { PosixSessionUser } from './posix-user.ts';
import { identityOf } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { markName } from './process-walk.ts';
import type { SessionFolder } from './session-folder.ts';
import { handScript } from './sudo-script.ts';

/** Name services and start-up files of a login shell may be slow. */
const startMs = 30_000;
/** A hand that does not answer for so long was stopped by somebody. */
const answerMs = 5_000;
/**
 * Becomes sudo, and leaves somebody in its session who continues it when our pipe ends: sudo stops itself when
 * a job stops its child, and only a process of the same session may continue it then.
 */
const resumable = '( read -r _ <&3; kill -CONT $$ ) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';
const handedOn = ['PATH', 'LANG', 'LANGUAGE', 'LC_ALL', 'TZ', 'TERM'];

export interface HandSurroundings {
  readonly user: PosixSessionUser;
  /** The session's own folder. */
  readonly own: SessionFolder;
  readonly workingDirectory: string;
  readonly pipes: NamedPipes;
}

export class SudoHelper {
  /** What the user finds after logging in. */
  readonly login: Variables;
  readonly identity: ProcessIdentity;
  readonly #sudo: ChildProcess;
  readonly #ends: PipePair;
  readonly #waiting: PromiseWithResolvers<string[]>[] = [];
  #answer: string[] = [];
  #lost: SessionUserError | undefined;

  private constructor(sudo: ChildProcess, ends: PipePair, greeting: string) {
    const firstLine = greeting.indexOf('\n');
    this.identity = identityOf(Number(greeting.slice(0, firstLine)));
    this.login = Object.fromEntries(
      greeting
        .slice(firstLine + 1)
        .split('\0')
        .map(pairOf),
    );
    this.#sudo = sudo;
    this.#ends = ends;
    ends.listen({ line: (line) => this.#hear(line), end: () => this.#lose('it ended') });
    this.#rest();
  }

  /** Rejects with SessionUserError when sudo is not there, does not allow it, or the user cannot get here. */
  static async start({ user, own, workingDirectory, pipes }: HandSurroundings): Promise<SudoHelper> {
    const ends = await PipePair.make(pipes);
    const [control, reply] = [ends.input, ends.output].map((path) => basename(path)) as [string, string];
    const name = `hand-${control}`;
    const script = handScript({ folder: own.path, control, reply, workingDirectory, markName });
    own.write(name, script, { readOnly: true });
    const as = user.canLogIn ? ['-i'] : ['-H'];
    const command = ['sudo', '-n', '-u', user.user, ...as, '/bin/sh', join(own.path, name)];
    const sudo = spawn('/bin/sh', ['-c', resumable, 'sh', ...command], {
      cwd: '/',
      env: Object.fromEntries(handedOn.map((variable) => [variable, process.env[variable]])),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    sudo.once('exit', () => destroy(sudo.stdio[3]));
    try {
      return new SudoHelper(sudo, ends, await greetingOf(sudo, ends));
    } catch (error) {
      ends.close();
      destroy(sudo.stdio[3]);
      throw refusal(user, messageOf(error), error);
    }
  }

  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** Starts a shell that runs `script`, between two pipes, and returns its pid. */
  async startShell(ends: PipePair, script: string): Promise<number> {
    await this.#ask(`shell ${basename(ends.input)} ${basename(ends.output)} ${script}`);
    const hello = await ends.greeting('\n', answerMs);
    return Number(hello.replace(/^h /, ''));
  }

  /** The exit status of a shell that has ended, as a shell tells it: 128+N for signal N. */
  async exitOf(pid: number): Promise<number> {
    const [status] = await this.#ask(`exit ${pid}`);
    return Number(status);
  }

  /** Pids of the user's processes that carry the mark, or write to a pipe with such a path. */
  async find(mark: string, pipePattern: string): Promise<number[]> {
    const lines = await this.#ask(`find ${mark} ${pipePattern}`);
    return lines.flatMap((line) => {
      const pid = /^\/proc\/(\d+)\//.exec(line)?.[1];
      return pid === undefined ? [] : [Number(pid)];
    });
  }

  /** Signals those that are still the very same process. */
  async signal(
    targets: readonly { readonly pid: number; readonly startTicks: number }[],
    signal: 'SIGSTOP' | 'SIGKILL',
  ): Promise<void> {
    for (let at = 0; at < targets.length; at += 100) {
      const some = targets.slice(at, at + 100).map(({ pid, startTicks }) => `${pid} ${startTicks}`);
      await this.#ask(`signal ${signal.slice(3)} ${some.join(' ')}`);
    }
  }

  async signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#ask(`group ${signal.slice(3)} ${group}`);
  }

  /** Removes what the user may remove in the working directory. */
  async removeFiles(): Promise<void> {
    await this.#ask('remove', 10 * 60_000);
  }

  /** Ends it, and says whether it did within a moment. */
  async close(): Promise<boolean> {
    this.#lose('the session ended');
    destroy(this.#sudo.stdio[3]);
    return this.gone(2_000);
  }

  /** Whether sudo itself is gone within so many milliseconds. */
  async gone(milliseconds: number): Promise<boolean> {
    const isGone = () => this.#sudo.exitCode !== null || this.#sudo.signalCode !== null;
    this.#sudo.ref();
    const ended = new AbortController();
    this.#sudo.once('exit', () => ended.abort());
    if (!isGone()) await setTimeout(milliseconds, undefined, { signal: ended.signal }).catch(() => undefined);
    if (!isGone()) this.#sudo.unref();
    return isGone();
  }

  #ask(line: string, patience = answerMs): Promise<string[]> {
    if (this.#lost) return Promise.reject(this.#lost);
    const answer = Promise.withResolvers<string[]>();
    this.#waiting.push(answer);
    this.#ends.keepAlive(true);
    if (!this.#ends.write(`${line}\n`)) this.#lose('it takes no more orders');
    const alarm = globalThis.setTimeout(() => this.#lose('it does not answer'), patience);
    return answer.promise.finally(() => clearTimeout(alarm));
  }

  #hear(line: string): void {
    if (line !== '.') {
      if (this.#answer.length < 100_000) this.#answer.push(line);
      return;
    }
    const lines = this.#answer;
    this.#answer = [];
    this.#waiting.shift()?.resolve(lines);
    if (this.#waiting.length === 0) this.#rest();
  }

  #lose(why: string): void {
    if (this.#lost) return;
    this.#lost = new SessionUserError(`The session's helper is lost: ${why}`, {
      why: 'A job may end or stop processes of its own user, this one among them.',
      hint: 'The session starts another one.',
    });
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#lost);
    this.#ends.close();
  }

  /** Nobody waits for it: it must not keep a program alive that forgot to clean up. */
  #rest(): void {
    this.#ends.keepAlive(false);
    this.#sudo.unref();
    for (const pipe of this.#sudo.stdio) if (pipe instanceof Socket) pipe.unref();
  }
}

/** What the hand says first: its pid and its variables. Rejects with what sudo, or the shell, said instead. */
async function greetingOf(sudo: ChildProcess, ends: PipePair): Promise<string> {
  let said = '';
  const note = (chunk: Buffer) => {
    if (said.length < 4000) said += chunk.toString();
  };
  sudo.stdout?.on('data', note);
  sudo.stderr?.on('data', note);
  const failed = Promise.withResolvers<never>();
  sudo.once('error', (error) => failed.reject(error));
  sudo.once('close', (code) => failed.reject(new Error(said.trim() || `it ended with ${code}`)));
  failed.promise.catch(() => undefined);
  try {
    return await Promise.race([ends.greeting('\0.\n', startMs), failed.promise]);
  } finally {
    // What a login shell says later is nobody's; the pipes must still not fill up.
    for (const stream of [sudo.stdout, sudo.stderr]) stream?.removeListener('data', note).resume();
  }
}

const destroy = (pipe: unknown): void => {
  if (pipe instanceof Socket) pipe.destroy();
};

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

function refusal(user: PosixSessionUser, said: string, cause: unknown): SessionUserError {
  const missing = /sudo: not found/.test(said);
  const why = missing ? 'sudo was not found in PATH' : said.replaceAll('\n', ' ');
  const hint = missing
    ? 'Install sudo, or run the session as the user of this process.'
    : `Let sudoers allow it without a password: <this user> ALL=(${user.user}) NOPASSWD: ALL`;
  return new SessionUserError(`Nothing can be run as ${user.user}: ${why}. ${hint}`, { why, hint, cause });
}
