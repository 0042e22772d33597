/**
 * What a session does as another user: log in, start shells, find, signal, remove.
 *
 * One sudo for each session is enough (`sudo-helper.ts`). A job can kill or stop the helper, because it is
 * the same user: then another one is started, so that what is left can still be ended.
 */
import { basename } from 'node:path';

import type { ProgramEnd } from './action-process.ts';
import { carefulLook } from './careful-look.ts';
import type { Variables } from './environment-variables.ts';
import { SessionUserError, messageOf } from './errors.ts';
import { NamedPipes } from './named-pipes.ts';
import { PipePair } from './pipe-pair.ts';
import type { PosixSessionUser } from './posix-user.ts';
import type { Reach } from './process-end.ts';
import { readProcess } from './process-identity.ts';
import type { Look } from './process-walk.ts';
import type { SessionFolder } from './session-folder.ts';
import type { StartScript } from './start-script.ts';
import { SudoHelper } from './sudo-helper.ts';
import { UserShell } from './user-shell.ts';

export interface OtherUserSurroundings {
  readonly user: PosixSessionUser;
  /** The session's own folder, shared with the user's group. */
  readonly own: SessionFolder;
  readonly workingDirectory: string;
  /** Told what could not be done, in words. */
  readonly onProblem: (problem: string) => void;
}

export class OtherUser {
  readonly user: PosixSessionUser;
  readonly #own: SessionFolder;
  readonly #pipes: NamedPipes;
  readonly #workingDirectory: string;
  readonly #onProblem: (problem: string) => void;
  /** All there were; only the last may still work. */
  readonly #all: SudoHelper[] = [];
  #starting: Promise<SudoHelper> | undefined;

  constructor({ user, own, workingDirectory, onProblem }: OtherUserSurroundings) {
    this.user = user;
    this.#own = own;
    this.#workingDirectory = workingDirectory;
    this.#onProblem = onProblem;
    this.#pipes = new NamedPipes(own, 'control');
  }

  /** Processes that work for the session itself. */
  get helpers(): number[] {
    return this.#all.map(({ identity }) => identity.pid);
  }

  /** The variables of a login. Rejects with SessionUserError when nothing can be run as this user. */
  async login(): Promise<Variables> {
    return (await this.#helper()).login;
  }

  /** A shell that obeys `script`. Rejects with SessionUserError. */
  async startShell(script: StartScript): Promise<UserShell> {
    const ends = await PipePair.make(this.#pipes);
    try {
      return await this.#with(async (hand) => {
        const pid = await hand.startShell(ends, script.name);
        return new UserShell({ pid, ends, exit: () => exitOf(hand, pid), signal: this.#signalGroup });
      });
    } catch (error) {
      ends.close();
      throw error;
    }
  }

  /** Eyes and a hand, for `endProcesses`; `look` is given the pids that only the user can find. */
  reach({
    mark,
    pipes,
    look,
  }: {
    mark: string;
    pipes: string;
    look: (found: readonly number[]) => Look;
  }): Reach {
    const pattern = `*/${basename(this.#own.path)}/${pipes}`;
    return {
      find: () =>
        carefulLook(
          async () =>
            look(
              await this.#tell(
                this.#with((hand) => hand.find(mark, pattern)),
                [],
              ),
            ),
          { least: 2 },
        ),
      send: (entries, signal) =>
        this.#tell(
          this.#with((hand) => hand.signal(entries, signal)),
          undefined,
        ),
    };
  }

  /** Removes the user's files in the working directory, as the user. */
  async removeFiles(): Promise<void> {
    if (this.#all.length > 0)
      await this.#tell(
        this.#with((hand) => hand.removeFiles()),
        undefined,
      );
  }

  /** Ends all helpers, also one that a job has stopped. */
  async close(): Promise<void> {
    // One that could not start has been told of where it was asked for.
    await this.#starting?.catch(() => undefined);
    for (const hand of this.#all.splice(0)) {
      if (await hand.close()) continue;
      const stuck = readProcess(hand.identity.pid);
      if (stuck === undefined || String(stuck.startTicks) !== String(hand.identity.startTime)) continue;
      const fresh = await this.#tell(this.#start(), undefined);
      await fresh?.signal([stuck], 'SIGKILL');
      await fresh?.close();
      await hand.gone(2_000);
    }
    this.#all.length = 0;
  }

  readonly #signalGroup = async (group: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> =>
    this.#with((hand) => hand.signalGroup(group, signal));

  async #with<T>(act: (hand: SudoHelper) => Promise<T>): Promise<T> {
    const hand = await this.#helper();
    try {
      return await act(hand);
    } catch (error) {
      if (hand.alive) throw error;
      return act(await this.#helper());
    }
  }

  /** The one that works, or a new one; whoever asks at the same time gets the same. */
  async #helper(): Promise<SudoHelper> {
    const hand = this.#all.at(-1);
    if (hand?.alive) return hand;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<SudoHelper> {
    const hand = await SudoHelper.start({
      user: this.user,
      own: this.#own,
      workingDirectory: this.#workingDirectory,
      pipes: this.#pipes,
    });
    this.#all.push(hand);
    return hand;
  }

  /** What cannot be done is told, and then seen in what is left. */
  async #tell<T, F>(work: Promise<T>, otherwise: F): Promise<T | F> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof SessionUserError)) throw error;
      this.#onProblem(error.message);
      return otherwise;
    }
  }
}

/** How a shell ended that is gone. */
async function exitOf(hand: SudoHelper, pid: number): Promise<ProgramEnd> {
  try {
    const status = await hand.exitOf(pid);
    return { exitCode: status > 128 ? 128 - status : status };
  } catch (error) {
    return { exitCode: undefined, problem: messageOf(error) };
  }
}
