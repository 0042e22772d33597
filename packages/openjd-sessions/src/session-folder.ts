/**
 * One folder of a session, and who may use it.
 *
 * Alone, it is its owner's: 0700, files 0600. Shared with the user that actions run as, it belongs to the
 * group of both: 0770, files 0660. The group is changed before the mode is widened, so no other group ever
 * sees in. A job that owns a share in a folder may rename it and put a link in its place; what this process
 * does later must still hit the folder it made, so a shared one is held open and reached through its
 * descriptor where the system offers that (/proc/self/fd).
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

import { SessionUserError, messageOf } from './errors.ts';

/** The group to share with, by its number and its name. */
export interface SharingGroup {
  readonly gid: number;
  readonly group: string;
}

const run = promisify(execFile);
const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_DIRECTORY } = constants;

export class SessionFolder {
  /** As jobs know it. */
  readonly path: string;
  readonly sharedWith: SharingGroup | undefined;
  /** As this process reaches it, whatever became of the path. */
  readonly #way: string;
  #descriptor: number | undefined;
  readonly #inside: SessionFolder[] = [];

  /**
   * Takes over a folder that this process has just made, with the mode 0700.
   * @throws SessionUserError when it cannot be given to the group
   */
  constructor(
    path: string,
    { sharedWith, mode = 0o770 }: { sharedWith?: SharingGroup | undefined; mode?: number } = {},
  ) {
    this.path = path;
    this.sharedWith = sharedWith;
    this.#descriptor = sharedWith && openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const held = `/proc/self/fd/${this.#descriptor}`;
    this.#way = this.#descriptor !== undefined && existsSync(held) ? held : path;
    if (sharedWith) this.#give(sharedWith, mode);
  }

  /** Where this process reaches `name`. */
  reach(name: string): string {
    return join(this.#way, name);
  }

  /** A new folder in it, shared with the same group. @throws SessionUserError, a system error */
  makeFolder(prefix: string): SessionFolder {
    const made = mkdtempSync(this.reach(prefix));
    const folder = new SessionFolder(join(this.path, basename(made)), { sharedWith: this.sharedWith });
    this.#inside.push(folder);
    return folder;
  }

  /** Makes a file anew (O_EXCL, O_NOFOLLOW): a link in the way is an error. `readOnly`: for the group. @throws a system error */
  write(
    name: string,
    data: string,
    { runnable = false, readOnly = false }: { runnable?: boolean; readOnly?: boolean } = {},
  ): void {
    const owners = runnable ? 0o700 : 0o600;
    const groups = readOnly ? 0o040 : owners >> 3;
    const descriptor = openSync(this.reach(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, owners);
    try {
      const bytes = Buffer.from(data);
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
      if (this.sharedWith) fchownSync(descriptor, -1, this.sharedWith.gid);
      // The umask may have taken bits from the mode given to open.
      fchmodSync(descriptor, this.sharedWith ? owners | groups : owners);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Puts a file in the place of one that may be there, never through a link. @throws a system error */
  replace(name: string, data: string): void {
    const aside = `.${name}-${randomUUID()}`;
    this.write(aside, data);
    renameSync(this.reach(aside), this.reach(name));
  }

  /** Removes what has this name, if anything has. In a shared folder only a file: what else is there is the job's. */
  remove(name: string): void {
    rmSync(this.reach(name), { force: true, recursive: this.sharedWith === undefined });
  }

  /** Deletes it with all that is in it. Rejects with the system's error. */
  async delete(): Promise<void> {
    this.close();
    // While somebody else may still change what is in it, only a walk by descriptors is safe, and `rm` does that.
    if (this.sharedWith) await run('rm', ['-rf', '--', this.path]);
    else if (hasLittle(this.path)) rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
    else await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Lets go of the folder; it stays on the disk. */
  close(): void {
    for (const folder of this.#inside.splice(0)) folder.close();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #give({ gid, group }: SharingGroup, mode: number): void {
    try {
      chownSync(this.reach('.'), -1, gid);
    } catch (error) {
      this.close();
      throw new SessionUserError(`${this.path} cannot be given to the group ${group}`, {
        why: `${messageOf(error)}. Only a member of a group, or root, may give it files.`,
        hint: `Make this process's user a member of a group that holds it and the session's user, and nobody else.`,
        cause: error,
      });
    }
    chmodSync(this.reach('.'), mode);
  }
}

/** Files that are removed sooner than another thread could be told to. */
const little = 16;

function hasLittle(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.length <= little && !entries.some((entry) => entry.isDirectory());
}
