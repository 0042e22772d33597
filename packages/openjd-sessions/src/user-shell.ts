/**
 * A shell that runs actions as another user: started, signalled and asked for its end by the session's hand
 * (`other-user.ts`), spoken to through two named pipes.
 */
import type { ProgramEnd } from './action-process.ts';
import { messageOf } from './errors.ts';
import type { PipePair } from './pipe-pair.ts';
import type { Shell, ShellListener } from './shell.ts';

export class UserShell implements Shell {
  readonly group: number;
  readonly #ends: PipePair;
  readonly #exit: () => Promise<ProgramEnd>;
  readonly #signal: (group: number, signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  #listener: ShellListener | undefined;
  #isGone = false;

  /** Takes over a shell that has said its pid. `exit` tells how it ended, once it is gone; `signal` reaches a group. */
  constructor({
    pid,
    ends,
    exit,
    signal,
  }: {
    pid: number;
    ends: PipePair;
    exit: () => Promise<ProgramEnd>;
    signal: (group: number, signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  }) {
    this.group = pid;
    this.#ends = ends;
    this.#exit = exit;
    this.#signal = signal;
  }

  go(turn: number): void {
    if (!this.#ends.write(`${turn}\n`))
      this.#end({ exitCode: undefined, problem: 'The shell takes no orders.' });
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#signal(this.group, signal).catch((error: unknown) => {
      // Nobody can end it: whoever waits for that must not wait for ever.
      if (signal === 'SIGKILL') this.#end({ exitCode: undefined, problem: messageOf(error) });
    });
  }

  keepAlive(alive: boolean): void {
    this.#ends.keepAlive(alive);
  }

  listen(listener: ShellListener): void {
    this.#listener = listener;
    this.#ends.listen({
      line: (line) => listener.hear(`${line}\n`),
      end: () => void this.#exit().then((end) => this.#end(end)),
    });
  }

  #end(end: ProgramEnd): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#ends.close();
    this.#listener?.lose(end);
  }
}
