/**
 * Named pipes in a folder of the session. Node cannot make one, so `mkfifo` makes a few at once;
 * a pipe whose writers are all gone is used again.
 */
import { execFile } from 'node:child_process';
import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { SessionFolder } from './session-folder.ts';

const run = promisify(execFile);

export class NamedPipes {
  readonly #folder: SessionFolder;
  readonly #name: string;
  readonly #atOnce: number;
  readonly #free: string[] = [];
  #made = 0;

  /** Its pipes are called `name` and a number. */
  constructor(folder: SessionFolder, name: string, atOnce = 4) {
    this.#atOnce = atOnce;
    this.#folder = folder;
    this.#name = name;
  }

  /** Every pipe there is: only processes of this session can hold one. */
  get paths(): string[] {
    return Array.from({ length: this.#made }, (_, at) => this.#path(at));
  }

  /** A pipe that nobody has open. Rejects with the system's error when none can be made. */
  async take(): Promise<string> {
    const free = this.#free.pop();
    if (free) return free;
    const made = Array.from({ length: this.#atOnce }, (_, at) => this.#path(this.#made + at));
    this.#made += this.#atOnce;
    await run('mkfifo', ['-m', '600', ...made]);
    const { sharedWith } = this.#folder;
    if (sharedWith) {
      for (const pipe of made) {
        chownSync(pipe, -1, sharedWith.gid);
        chmodSync(pipe, 0o660);
      }
    }
    const [first = '', ...others] = made;
    this.#free.push(...others);
    return first;
  }

  /** At the end of the session: they are removed with its folder. */
  end(): void {}

  giveBack(path: string): void {
    this.#free.push(path);
  }

  #path(at: number): string {
    return join(this.#folder.path, `${this.#name}${at}`);
  }
}
