/**
 * Everything of one session that is a process: how actions are started, what they
 * leave behind, and how all of it ends.
 *
 * Tasks share one shell helper. A helper whose group still holds processes of an environment
 * (a daemon that `onEnter` started) is put aside until the session ends, so that cancelling a
 * task never signals it. Where the shell would not be exact, Node starts the program itself.
 */
import { randomUUID } from 'node:crypto';

import type { ActionProcess, ProgramStart } from './action-process.ts';
import type { Variables } from './environment-variables.ts';
import { NamedPipes } from './named-pipes.ts';
import { OutputPipe } from './output-pipe.ts';
import type { Sink } from './output-pipe.ts';
import { startPlainly } from './plain-process.ts';
import { endProcesses } from './process-end.ts';
import { markName, processesOf, ticksNow } from './process-walk.ts';
import type { ProcessEntry } from './process-walk.ts';
import { ShellHelper } from './shell-helper.ts';
import { shellCanStart } from './shell-script.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Variables;
  /** An environment's action may leave daemons that later tasks need. */
  readonly mayLeaveDaemons: boolean;
}

/** A program that was told to start, with its output. */
export interface Launched {
  readonly process: ActionProcess;
  readonly output: OutputPipe;
  readonly mark: string;
  readonly helper: ShellHelper | undefined;
  readonly mayLeaveDaemons: boolean;
  /** What belonged to it when it was told to stop. */
  known: ProcessEntry[];
}

export type Ended = Awaited<ReturnType<typeof endProcesses>>;

export class SessionProcesses {
  readonly #mark = randomUUID();
  readonly #cwd: string;
  readonly #folder: string;
  readonly #base: Variables;
  readonly #pipes: NamedPipes;
  readonly #helpers = new Set<ShellHelper>();
  readonly #held = new Set<OutputPipe>();
  readonly #sinceTicks = ticksNow() - 1;
  #usable: ShellHelper | undefined;
  #launches = 0;

  constructor({ cwd, folder, base }: { cwd: string; folder: string; base: Variables }) {
    this.#cwd = cwd;
    this.#folder = folder;
    this.#base = this.#inPlace(base);
    this.#pipes = new NamedPipes(folder);
  }

  /** Tells a program to start. Rejects when there is no pipe for its output. */
  async launch(program: Program, sink: Sink): Promise<Launched> {
    this.#launches += 1;
    const mark = `${this.#mark}/${this.#launches}/`;
    const outputPath = await this.#pipes.take();
    const output = new OutputPipe(outputPath, sink);
    try {
      const variables = { ...this.#inPlace(program.variables), [markName]: mark };
      const start: ProgramStart = { ...program, variables, cwd: this.#cwd, outputPath };
      const helper = shellCanStart(start, this.#base) ? this.#helper() : undefined;
      const started = helper ? helper.run(start) : startPlainly(start);
      return { process: started, output, mark, helper, mayLeaveDaemons: program.mayLeaveDaemons, known: [] };
    } catch (error) {
      output.close();
      throw error;
    }
  }

  /** What of this action is alive, wherever it went. */
  alive({ mark, helper, output, known }: Launched): ProcessEntry[] {
    return this.#find({
      mark,
      groups: helper?.group === undefined ? [] : [helper.group],
      pipes: [output.path],
      known,
    });
  }

  /** Ends all of this action that is alive. */
  end(launched: Launched): Promise<Ended> {
    return endProcesses(() => this.alive(launched));
  }

  /** Puts an action away that has ended: its pipe and its helper are used again if nobody holds them. */
  putAway(launched: Launched): void {
    const { output, helper } = launched;
    if (output.ended) {
      this.#pipes.giveBack(output.path);
    } else {
      this.#held.add(output);
      output.unref();
      void output.whenEnded.then(() => this.#held.delete(output));
    }
    if (helper && launched.mayLeaveDaemons && this.#groupIsShared(helper)) this.#usable = undefined;
  }

  /** Ends every process of the session. */
  async close(): Promise<Ended> {
    const groups = [...this.#helpers].flatMap(({ group }) => (group === undefined ? [] : [group]));
    const ended = await endProcesses(() =>
      this.#find({ mark: `${this.#mark}/`, groups, pipes: this.#pipes.paths, known: [] }),
    );
    await Promise.all([...this.#helpers].map((helper) => helper.close()));
    this.#helpers.clear();
    await Promise.all([...this.#held].map((output) => (output.close(), output.whenEnded)));
    return ended;
  }

  #find(belonging: {
    mark: string;
    groups: number[];
    pipes: string[];
    known: ProcessEntry[];
  }): ProcessEntry[] {
    const except = [...this.#helpers].flatMap(({ group }) => (group === undefined ? [] : [group]));
    return processesOf({ ...belonging, except, sinceTicks: this.#sinceTicks });
  }

  #helper(): ShellHelper {
    for (const helper of this.#helpers) if (helper.group === undefined) this.#helpers.delete(helper);
    if (!this.#usable?.idle) {
      this.#usable = new ShellHelper({ base: this.#base, folder: this.#folder });
      this.#helpers.add(this.#usable);
    }
    return this.#usable;
  }

  #groupIsShared({ group }: ShellHelper): boolean {
    if (group === undefined) return false;
    // Without /proc nobody can tell, so it is taken to be.
    if (process.platform !== 'linux') return true;
    return this.#find({ mark: 'none', groups: [group], pipes: [], known: [] }).length > 0;
  }

  /** Variables of a program that starts in the working directory. */
  #inPlace({ OLDPWD: _old, ...variables }: Variables): Variables {
    return { ...variables, PWD: this.#cwd };
  }
}
