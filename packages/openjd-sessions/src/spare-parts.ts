/**
 * What sessions of one process hand on to each other, so that a short one need not start it anew: a shell that
 * starts actions, and named pipes.
 *
 * Starting a process from Node copies its page tables (2 ms, 10 ms with 100 MB resident), and a session starts
 * two before its first action. Only what is whole is handed on: a shell whose group nobody is left in, a pipe
 * whose writers are all gone. Shells are started with few variables and none of any session, so that nobody
 * who ends the processes of a session by its variables ends a shell that serves another one by then.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { NamedPipes } from './named-pipes.ts';
import { SessionFolder } from './session-folder.ts';
import { ShellHelper } from './shell-helper.ts';
import { ShellVariables } from './shell-variables.ts';
import { startOwnShell } from './shell.ts';
import { StartScript } from './start-script.ts';

const pipesAtOnce = 32;
const mostShells = 16;

export class SpareParts {
  readonly #folder: SessionFolder;
  readonly #variables: ShellVariables;
  readonly #pipes: NamedPipes;
  readonly #shells: ShellHelper[] = [];
  /** Those started here. A shell that a session started has its variables, and its script in a folder that goes. */
  readonly #own = new WeakSet<ShellHelper>();
  #open = true;

  /** Makes a folder for them in `parent`. @throws a system error */
  constructor(parent: string) {
    this.#folder = new SessionFolder(mkdtempSync(join(realpathSync(parent), `spare-${process.pid}-`)));
    const { PATH = '/usr/local/bin:/usr/bin:/bin' } = process.env;
    this.#variables = new ShellVariables({ PATH, PWD: this.#folder.path });
    this.#pipes = new NamedPipes(this.#folder, 'pipe', pipesAtOnce);
  }

  /** Starts what the first session will need. */
  async warm(): Promise<void> {
    this.giveShell(this.takeShell());
    this.#pipes.giveBack(await this.#pipes.take());
  }

  /** An idle one, of no session. */
  takeShell(): ShellHelper {
    for (let spare = this.#shells.pop(); spare !== undefined; spare = this.#shells.pop()) {
      if (spare.idle) return spare;
    }
    const script = new StartScript(this.#folder);
    const { base } = this.#variables;
    const shell = startOwnShell({ script: script.path, base, cwd: this.#folder.path });
    const helper = new ShellHelper({ shell, script, variables: this.#variables, checks: false });
    this.#own.add(helper);
    return helper;
  }

  /** Takes one of its own back that nobody uses and in whose group nobody is left. False: the caller ends it. */
  giveShell(shell: ShellHelper): boolean {
    if (!this.#open || !this.#own.has(shell) || !shell.idle || this.#shells.length >= mostShells)
      return false;
    this.#shells.push(shell);
    return true;
  }

  /** Pipes of one session. */
  lendPipes(): LentPipes {
    return new LentPipes(this.#pipes);
  }

  /** Ends the spare shells and removes the folder. Sessions that still run go on with what they have. */
  async close(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#shells.splice(0).map((shell) => shell.close()));
    await this.#folder.delete();
  }

  /** For a process that ends now: its shells find the end of their input and end too. */
  removeNow(): void {
    this.#open = false;
    rmSync(this.#folder.path, { recursive: true, force: true });
  }
}

/** Pipes that only one session uses until it gives them back. */
export class LentPipes {
  readonly #stock: NamedPipes;
  readonly #taken = new Set<string>();
  readonly #free: string[] = [];

  constructor(stock: NamedPipes) {
    this.#stock = stock;
  }

  get paths(): string[] {
    return [...this.#taken];
  }

  async take(): Promise<string> {
    const free = this.#free.pop();
    if (free) return free;
    const pipe = await this.#stock.take();
    this.#taken.add(pipe);
    return pipe;
  }

  giveBack(pipe: string): void {
    this.#free.push(pipe);
  }

  /** At the session's end: what somebody may still hold stays out of use. */
  end(): void {
    for (const pipe of this.#free.splice(0)) this.#stock.giveBack(pipe);
    this.#taken.clear();
  }
}
