/**
 * The file through which a shell gets what to start: made once, written anew for each action, emptied as
 * soon as the action has started (making and removing a file each time costs 0.1 ms more). Only this user,
 * and the one that actions run as, can read it.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, ftruncateSync, openSync, writeSync } from 'node:fs';

import type { SessionFolder } from './session-folder.ts';

export class StartScript {
  readonly name = `start-${randomUUID()}`;
  readonly #file: number;

  /** Makes the file in the session's own folder. */
  constructor(folder: SessionFolder) {
    this.#file = openSync(folder.reach(this.name), 'wx', 0o600);
    if (!folder.sharedWith) return;
    fchownSync(this.#file, -1, folder.sharedWith.gid);
    fchmodSync(this.#file, 0o640);
  }

  write(text: string): void {
    const script = Buffer.from(text);
    for (let at = 0; at < script.length;) {
      at += writeSync(this.#file, script, at, script.length - at, at);
    }
  }

  empty(): void {
    ftruncateSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
