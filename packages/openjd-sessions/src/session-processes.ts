/**
 * Everything of one session that is a process: how actions are started, what they
 * leave behind, and how all of it ends.
 *
 * Tasks share one shell helper. A helper whose group still holds processes of an environment
 * (a daemon that `onEnter` started) is put aside until the session ends, so that cancelling a
 * task never signals it. Where the shell would not be exact, Node starts the program itself. What runs as
 * another user is started and ended by that user's helper (`other-user.ts`), never by this process.
 */
import { randomUUID } from 'node:crypto';

import type { ActionProcess, ProgramStart } from './action-process.ts';
import type { Variables } from './environment-variables.ts';
import { SessionUserError } from './errors.ts';
import { NamedPipes } from './named-pipes.ts';
import type { OtherUser } from './other-user.ts';
import { OutputPipe } from './output-pipe.ts';
import type { Sink } from './output-pipe.ts';
import { startPlainly } from './plain-process.ts';
import { endProcesses, sendOwn } from './process-end.ts';
import type { Reach } from './process-end.ts';
import type { ProcessEntry } from './process-identity.ts';
import { carefulLook } from './careful-look.ts';
import { lookFor, markName, processesOf } from './process-walk.ts';
import type { Belonging } from './process-walk.ts';
import type { LentPipes, SpareParts } from './spare-parts.ts';
import { ShellHelper } from './shell-helper.ts';
import { shellCanStart } from './shell-script.ts';
import { ShellVariables } from './shell-variables.ts';
import { startOwnShell } from './shell.ts';
import { StartScript } from './start-script.ts';
import { momentNow } from './started-since.ts';
import type { SessionFolders } from './working-directory.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Variables>;
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

/** What to look for: the processes of one action, or of the whole session. */
interface Sought {
  readonly mark: string;
  readonly groups: readonly number[];
  readonly pipes: readonly string[];
  /** The same pipes as the end of a path, `*` for any. */
  readonly pipesPattern: string;
  readonly known: readonly ProcessEntry[];
}

export class SessionProcesses {
  readonly #mark = randomUUID();
  readonly #cwd: string;
  readonly #folders: Pick<SessionFolders, 'own'>;
  readonly #ownVariables: ShellVariables;
  readonly #user: OtherUser | undefined;
  readonly #spares: SpareParts | undefined;
  readonly #pipes: NamedPipes | LentPipes;
  readonly #helpers = new Set<ShellHelper>();
  readonly #held = new Set<OutputPipe>();
  readonly #since = momentNow();
  #usable: ShellHelper | undefined;
  #placed: { readonly given: Readonly<Variables>; readonly variables: Readonly<Variables> } | undefined;
  #launches = 0;

  /** `base` is what shells of this process's own user are started with. */
  constructor({
    cwd,
    folders,
    base,
    user,
    spares,
  }: {
    cwd: string;
    folders: Pick<SessionFolders, 'own'>;
    base: Variables;
    user?: OtherUser | undefined;
    spares?: SpareParts | undefined;
  }) {
    this.#cwd = cwd;
    this.#folders = folders;
    this.#ownVariables = new ShellVariables(this.#inPlace(base));
    this.#user = user;
    this.#spares = user ? undefined : spares;
    this.#pipes = this.#spares?.lendPipes() ?? new NamedPipes(folders.own, 'output');
  }

  /** Whether only another user's shell can tell what it may execute. */
  get runsAsAnother(): boolean {
    return this.#user !== undefined;
  }

  /** Tells a program to start. Rejects when there is no pipe for its output, or nothing can be run as the user. */
  async launch(program: Program, sink: Sink): Promise<Launched> {
    this.#launches += 1;
    const mark = `${this.#mark}/${this.#launches}/`;
    const outputPath = await this.#pipes.take();
    const output = new OutputPipe(outputPath, sink);
    try {
      const { command, args } = program;
      const variables = this.#inPlace(program.variables);
      const added = { [markName]: mark };
      const start: ProgramStart = { command, args, variables, added, cwd: this.#cwd, outputPath };
      const { helper, process } = this.#user ? await this.#startAs(this.#user, start) : this.#startOwn(start);
      return { process, output, mark, helper, mayLeaveDaemons: program.mayLeaveDaemons, known: [] };
    } catch (error) {
      output.close();
      throw error;
    }
  }

  /** What of this action this process sees now: for another user's, its groups and what descends from them. */
  seen(launched: Launched): ProcessEntry[] {
    return this.#find(soughtOf(launched));
  }

  /** What of this action is alive, wherever it went. */
  async alive(launched: Launched): Promise<ProcessEntry[]> {
    return this.#reach(soughtOf(launched)).find();
  }

  /** Ends all of this action that is alive. */
  end(launched: Launched): Promise<Ended> {
    return endProcesses(this.#reach(soughtOf(launched)));
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

  /** Ends every process of the session, then removes the other user's files in its working directory. */
  async close({ keepFiles }: { keepFiles: boolean }): Promise<Ended> {
    const ended = await endProcesses(
      this.#reach({
        mark: `${this.#mark}/`,
        groups: this.#groups(),
        pipes: this.#pipes.paths,
        pipesPattern: 'output*',
        known: [],
      }),
    );
    const isClean = ended.left.length === 0;
    const idle = isClean ? [...this.#helpers].filter((helper) => this.#spares?.giveShell(helper)) : [];
    for (const helper of idle) this.#helpers.delete(helper);
    await Promise.all([...this.#helpers].map((helper) => helper.close()));
    this.#helpers.clear();
    await Promise.all([...this.#held].map((output) => (output.close(), output.whenEnded)));
    this.#pipes.end();
    if (!keepFiles) await this.#user?.removeFiles();
    await this.#user?.close();
    return ended;
  }

  #startOwn(start: ProgramStart): Pick<Launched, 'process' | 'helper'> {
    const helper = this.#idleHelper() ?? this.#spareHelper(start) ?? this.#newHelper(start);
    if (helper && shellCanStart(start, helper.variables)) return { helper, process: helper.run(start) };
    return { helper: undefined, process: startPlainly(start) };
  }

  async #startAs(user: OtherUser, start: ProgramStart): Promise<Pick<Launched, 'process' | 'helper'>> {
    let helper = this.#idleHelper();
    if (!helper) {
      const variables = new ShellVariables(this.#inPlace(await user.login()));
      const script = new StartScript(this.#folders.own);
      const shell = await user.startShell(script);
      helper = this.#keep(new ShellHelper({ shell, script, variables, checks: true }));
    }
    if (!shellCanStart(start, helper.variables)) throw cannotHandOn(start, user.user.user);
    return { helper, process: helper.run(start) };
  }

  #idleHelper(): ShellHelper | undefined {
    for (const helper of this.#helpers) if (helper.group === undefined) this.#helpers.delete(helper);
    return this.#usable?.idle ? this.#usable : undefined;
  }

  /** One that was started with other variables, where those of this action can be made of them. */
  #spareHelper(start: ProgramStart): ShellHelper | undefined {
    const spare = this.#spares?.takeShell();
    if (spare === undefined) return undefined;
    if (shellCanStart(start, spare.variables)) return this.#keep(spare);
    this.#spares?.giveShell(spare);
    return undefined;
  }

  #newHelper(start: ProgramStart): ShellHelper | undefined {
    const variables = this.#ownVariables;
    if (!shellCanStart(start, variables)) return undefined;
    const script = new StartScript(this.#folders.own);
    const shell = startOwnShell({ script: script.path, base: variables.base, cwd: this.#folders.own.path });
    return this.#keep(new ShellHelper({ shell, script, variables, checks: false }));
  }

  #keep(helper: ShellHelper): ShellHelper {
    this.#usable = helper;
    this.#helpers.add(helper);
    return helper;
  }

  #groups(): number[] {
    return [...this.#helpers].flatMap(({ group }) => (group === undefined ? [] : [group]));
  }

  #reach(sought: Sought): Reach {
    if (!this.#user) {
      return { find: () => carefulLook(() => lookFor(this.#belonging(sought))), send: sendOwn };
    }
    const { mark, pipesPattern } = sought;
    return this.#user.reach({
      mark,
      pipes: pipesPattern,
      look: (found) => lookFor(this.#belonging(sought, found)),
    });
  }

  #find(sought: Sought): ProcessEntry[] {
    return processesOf(this.#belonging(sought));
  }

  #belonging({ mark, groups, pipes, known }: Sought, found: readonly number[] = []): Belonging {
    const except = [...this.#groups(), ...(this.#user?.helpers ?? [])];
    const uid = this.#user?.user.uid;
    const waiting = [...this.#helpers].flatMap((helper) => helper.waiting ?? []);
    return { mark, groups, pipes, known, found, except, waiting, uid, since: this.#since };
  }

  #groupIsShared({ group }: ShellHelper): boolean {
    if (group === undefined) return false;
    // Without /proc nobody can tell, so it is taken to be.
    if (process.platform !== 'linux') return true;
    return (
      this.#find({ mark: 'none', groups: [group], pipes: [], pipesPattern: 'none', known: [] }).length > 0
    );
  }

  /** Variables of a program that starts in the working directory; the same object for the same ones. */
  #inPlace(given: Readonly<Variables>): Readonly<Variables> {
    if (this.#placed?.given !== given) {
      const { OLDPWD: _old, ...variables } = given;
      this.#placed = { given, variables: { ...variables, PWD: this.#cwd } };
    }
    return this.#placed.variables;
  }
}

const soughtOf = ({ mark, helper, output, known }: Launched): Sought => ({
  mark,
  groups: helper?.group === undefined ? [] : [helper.group],
  pipes: [output.path],
  pipesPattern: output.path.slice(output.path.lastIndexOf('/') + 1),
  known,
});

const cannotHandOn = ({ command }: ProgramStart, user: string) =>
  new SessionUserError(`${command} cannot be started as ${user} with these variables`, {
    why: 'A shell starts it, which hands on no variable like `a.b`, and keeps some, like PPID, for itself.',
    hint: 'Name variables with letters, digits and underscores; start no command with a hyphen.',
  });
