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
import { Alarm } from './alarm.ts';
import type { Shell } from './shell.ts';
import { actionScript } from './shell-script.ts';
import type { ShellVariables } from './shell-variables.ts';
import type { StartScript } from './start-script.ts';

/** Milliseconds until one that was told to end is killed: somebody may have stopped it. */
const mostFarewell = 500;

interface Busy {
  readonly is: 'busy';
  readonly started: PromiseWithResolvers<number | undefined>;
  readonly ended: PromiseWithResolvers<ProgramEnd>;
  pid: number | undefined;
  /** What the shell itself said. */
  notices: string[];
  isRepeated: boolean;
}

type Phase = { readonly is: 'idle' } | Busy | { readonly is: 'gone' };

export class ShellHelper {
  /** The variables the shell itself was started with. */
  readonly variables: ShellVariables;
  readonly #shell: Shell;
  readonly #script: StartScript;
  readonly #checks: boolean;
  readonly #gone = Promise.withResolvers<void>();
  #phase: Phase = { is: 'idle' };
  /** How many of its subshells have ended. */
  #turn = 0;
  /** It was in the group of what was killed: it may still tell how that ended, but its own end is on its way. */
  #isDoomed = false;
  #unread = '';

  /** Takes over a shell that runs `script`. With `checks` the shell itself finds out whether it can start a program. */
  constructor({
    shell,
    script,
    variables,
    checks,
  }: {
    shell: Shell;
    script: StartScript;
    variables: ShellVariables;
    checks: boolean;
  }) {
    this.variables = variables;
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

  /** The process whose children wait for the next action, and are nobody's. */
  get waiting(): number | undefined {
    return this.#phase.is === 'idle' ? this.#shell.group : undefined;
  }

  /** Starts a program. Call only when `idle`, with what `shellCanStart`. */
  run(start: ProgramStart): ActionProcess {
    const changes = this.variables.changesTo(start) ?? '';
    this.#script.write(actionScript(start, { changes, checks: this.#checks }));
    const phase: Busy = {
      is: 'busy',
      started: Promise.withResolvers<number | undefined>(),
      ended: Promise.withResolvers<ProgramEnd>(),
      pid: undefined,
      notices: [],
      isRepeated: false,
    };
    this.#phase = phase;
    this.#shell.keepAlive(true);
    this.#shell.go(this.#turn);
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
    const killing = new Alarm();
    const kill = () => this.#shell.signal('SIGKILL');
    // Without /proc nobody has looked for who else is in the group.
    if (this.idle && this.#shell.dismiss && process.platform === 'linux') {
      this.#shell.dismiss();
      killing.set(performance.now() + mostFarewell, kill);
    } else kill();
    await this.#gone.promise;
    killing.clear();
  }

  #hear(text: string): void {
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop() ?? '';
    for (const line of lines) this.#hearLine(line);
  }

  #hearLine(line: string): void {
    const phase = this.#phase;
    const status = /^e (\d+)$/.exec(line)?.[1];
    if (status !== undefined) this.#turn += 1;
    // Of a subshell that ended before it was given anything to do.
    if (phase.is !== 'busy') return;
    if (phase.pid === undefined && /^s \d+$/.test(line)) {
      phase.pid = Number(line.slice(2));
      this.#script.empty();
      phase.started.resolve(phase.pid);
    } else if (status !== undefined) this.#hearEnd(phase, Number(status));
    else phase.notices.push(line);
  }

  #hearEnd(phase: Busy, status: number): void {
    if (phase.pid === undefined && status > 128 && !phase.isRepeated) {
      // Somebody killed the subshell before it began: the next one drops what that was told, and is told itself.
      phase.isRepeated = true;
      phase.notices = [];
      return this.#shell.go(this.#turn);
    }
    this.#phase = { is: 'idle' };
    if (phase.pid === undefined) this.#script.empty();
    this.#shell.keepAlive(false);
    this.#end(phase, statusOf(status, phase));
  }

  #end(phase: Busy, end: ProgramEnd): void {
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
