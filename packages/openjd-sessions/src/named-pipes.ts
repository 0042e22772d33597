/**
 * The session's named pipes. Node cannot make one, so `mkfifo` makes a few at once;
 * a pipe whose writers are all gone is used again.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const atOnce = 4;

export class NamedPipes {
  readonly #folder: string;
  readonly #free: string[] = [];
  #made = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Every pipe there is: only processes of this session can hold one. */
  get paths(): string[] {
    return Array.from({ length: this.#made }, (_, at) => this.#path(at));
  }

  /** A pipe that nobody has open. Rejects with the system's error when none can be made. */
  async take(): Promise<string> {
    const free = this.#free.pop();
    if (free) return free;
    const made = Array.from({ length: atOnce }, (_, at) => this.#path(this.#made + at));
    this.#made += atOnce;
    await run('mkfifo', ['-m', '600', ...made]);
    const [first = '', ...others] = made;
    this.#free.push(...others);
    return first;
  }

  giveBack(path: string): void {
    this.#free.push(path);
  }

  #path(at: number): string {
    return join(this.#folder, `output${at}`);
  }
}
