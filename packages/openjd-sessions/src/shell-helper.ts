/**
 * One persistent `/bin/sh` that starts actions, one at a time. It leads its own
 * session and process group, and every action lives in that group.
 *
 * Why: a spawn from Node copies the page tables of the whole Node process (2 ms, 50 ms with
 * 1 GB resident); a fork of this shell costs 0.3 ms at any size. No argument and no variable of
 * an action is ever on the shell's own command line: they go through a file (`start-script.ts`) that is
 * emptied as soon as the action has started.
 *
 * It does not read the action's output (`output-pipe.ts`), does not decide when to signal, and leaves to
 * `shell.ts` and `user-shell.ts` as whom the shell runs.
 */
import type { ActionProcess, ProgramEnd, ProgramStart } from './action-process.ts';
import type { Variables } from './environment-variables.ts';
import type { Shell } from './shell.ts';
import { actionScript } from './shell-script.ts';
import type { StartScript } from './start-script.ts';

type Phase =
  | { readonly is: 'idle' }
  | {
      readonly is: 'busy';
      readonly started: PromiseWithResolvers<number | undefined>;
      readonly ended: PromiseWithResolvers<ProgramEnd>;
      pid: number | undefined;
      notices: string[];
    }
  | { readonly is: 'gone' };

export class ShellHelper {
  /** The variables the shell itself was started with. */
  readonly base: Variables;
  readonly #shell: Shell;
  readonly #script: StartScript;
  readonly #checks: boolean;
  readonly #gone = Promise.withResolvers<void>();
  #phase: Phase = { is: 'idle' };
  /** It was in the group of what was killed: it may still tell how that ended, but its own end is on its way. */
  #isDoomed = false;
  #unread = '';

  /** Takes over a shell that runs `script`. With `checks` the shell itself finds out whether it can start a program. */
  constructor({
    shell,
    script,
    base,
    checks,
  }: {
    shell: Shell;
    script: StartScript;
    base: Variables;
    checks: boolean;
  }) {
    this.base = base;
    this.#shell = shell;
    this.#script = script;
    this.#checks = checks;
    shell.listen({ hear: (text) => this.#hear(text), lose: (end) => this.#lose(end) });
    shell.keepAlive(false);
  }

  /** The process group of this shell and its actions; undefined once it is gone (ids are used again). */
  get group(): number | undefined {
    return this.#phase.is === 'gone' ? undefined : this.#shell.group;
  }

  get idle(): boolean {
    return this.#phase.is === 'idle' && !this.#isDoomed;
  }

  /** Starts a program. Call only when `idle`. */
  run(start: ProgramStart): ActionProcess {
    const { platform } = process;
    this.#script.write(actionScript(start, { base: this.base, platform, checks: this.#checks }));
    const phase = {
      is: 'busy' as const,
      started: Promise.withResolvers<number | undefined>(),
      ended: Promise.withResolvers<ProgramEnd>(),
      pid: undefined,
      notices: [],
    };
    this.#phase = phase;
    this.#shell.keepAlive(true);
    this.#shell.go();
    return {
      started: phase.started.promise,
      ended: phase.ended.promise,
      signal: (signal) => {
        if (this.group === undefined) return;
        if (signal === 'SIGKILL') this.#isDoomed = true;
        this.#shell.signal(signal);
      },
    };
  }

  /** Ends the shell and everything in its group, and waits until the shell is gone. */
  async close(): Promise<void> {
    if (this.group === undefined) return;
    this.#shell.keepAlive(true);
    this.#shell.signal('SIGKILL');
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
      this.#script.empty();
      phase.started.resolve(phase.pid);
    } else if (/^e \d+$/.test(line)) {
      this.#phase = { is: 'idle' };
      if (phase.pid === undefined) this.#script.empty();
      this.#shell.keepAlive(false);
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
    this.#phase = { is: 'gone' };
    if (phase.is === 'busy') {
      this.#end(phase, phase.pid === undefined ? { exitCode: undefined, problem } : end);
    }
    this.#script.empty();
    this.#script.close();
    this.#gone.resolve();
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
