/**
 * The file through which a shell gets what to start: made once, written anew for each action, emptied as
 * soon as the action has started (making and removing a file each time costs 0.1 ms more). Only this user,
 * and the one that actions run as, can read it.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { SessionFolder } from './session-folder.ts';

/**
 * A file up to this long is filled with blank lines and not cut: cutting gives blocks back to the file system, half
 * a millisecond on a busy ext4. Of a longer one the shell would read too many.
 */
const mostBlank = 16 * 1024;

export class StartScript {
  readonly name = `start-${randomUUID()}`;
  /** Where it is, as every user knows it. */
  readonly path: string;
  readonly #file: number;
  /** Of the file. */
  #length = 0;

  /** Makes the file in the session's own folder. */
  constructor(folder: SessionFolder) {
    this.path = join(folder.path, this.name);
    this.#file = openSync(folder.reach(this.name), 'wx', 0o600);
    if (!folder.sharedWith) return;
    fchownSync(this.#file, -1, folder.sharedWith.gid);
    fchmodSync(this.#file, 0o640);
  }

  write(text: string): void {
    const script = Buffer.from(text);
    this.#put(script);
    this.#length = Math.max(this.#length, script.length);
  }

  /** Nothing of the script can be read from here on; what is left are blank lines. */
  empty(): void {
    if (this.#length > mostBlank) {
      ftruncateSync(this.#file);
      this.#length = 0;
    } else this.#put(Buffer.alloc(this.#length, '\n'));
  }

  #put(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at, bytes.length - at, at);
  }

  close(): void {
    closeSync(this.#file);
  }
}
