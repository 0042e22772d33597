/**
 * The session's own folders, made so that no other user can slip something in.
 *
 *     <root>/<session id><random>/                    working directory, 0700
 *         embedded_files<random>/                     embedded files, 0700
 *         .session<random>/                           pipes and start-up scripts of the session, 0700
 *         path_mapping<random>.json                   0600
 *
 * The two folders are made when something is put into them: most sessions of tiny tasks never do.
 *
 * For actions of another user all of it belongs to the group of both users: folders 0770, files 0660.
 * The session's own folder then lies beside the working directory, 0710, where that user cannot replace it.
 *
 * The default root `<tmp>/OpenJD` is shared by all sessions of a machine, so it must be a
 * real folder of this user or of root, and nobody else may write to it.
 */
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import {
  SessionUserError,
  SessionValueError,
  WorkingDirectoryError,
  messageOf,
  systemCode,
} from './errors.ts';
import { SessionFolder } from './session-folder.ts';
import type { SharingGroup } from './session-folder.ts';

export interface SessionFolders {
  readonly working: SessionFolder;
  /** Made when it is first asked for. @throws a system error */
  readonly files: SessionFolder;
  /** Of the session itself, made when it is first asked for. @throws a system error */
  readonly own: SessionFolder;
  /** What the end of the session deletes, one after the other. */
  toDelete(how: { readonly retainWorkingDir?: boolean | undefined }): readonly SessionFolder[];
  /** What others could do here, in words worth a line of the log. */
  readonly risks: readonly string[];
}

/** @throws WorkingDirectoryError, SessionUserError, SessionValueError (a session id that cannot name a folder) */
export function makeSessionFolders(
  sessionId: string,
  { root, sharedWith }: { root?: string | undefined; sharedWith?: SharingGroup | undefined },
): SessionFolders {
  if (!/^[^/\0]{1,200}$/.test(sessionId) || sessionId.startsWith('.')) {
    throw new SessionValueError(`${JSON.stringify(sessionId)} cannot be a session id`, {
      why: 'It names a folder: 1 to 200 characters, no slash, no leading dot.',
      hint: 'Use letters, digits and hyphens.',
    });
  }
  const parent = root ?? makeDefaultRoot(join(tmpdir(), 'OpenJD'));
  const made: string[] = [];
  const make = (path: string): string => {
    const folder = mkdtempSync(path);
    made.push(folder);
    return folder;
  };
  try {
    const real = realpathSync(parent);
    const working = new SessionFolder(make(join(real, sessionId)), { sharedWith });
    const makeOwn = () =>
      new SessionFolder(make(join(sharedWith ? real : working.path, '.session')), {
        sharedWith,
        mode: 0o710,
      });
    // What another user must not replace is there before that user is.
    let own = sharedWith && makeOwn();
    let files = sharedWith && working.makeFolder('embedded_files');
    return {
      working,
      get files() {
        return (files ??= working.makeFolder('embedded_files'));
      },
      get own() {
        return (own ??= makeOwn());
      },
      toDelete({ retainWorkingDir }) {
        if (retainWorkingDir) return own ? [own] : [];
        return own && sharedWith ? [own, working] : [working];
      },
      risks: unsafeParents(working.path),
    };
  } catch (error) {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
    if (error instanceof SessionUserError) throw error;
    throw new WorkingDirectoryError(`No working directory could be made in ${parent}`, {
      why: messageOf(error),
      hint: 'Give `sessionRootDirectory` a folder that exists and that you can write to.',
      cause: error,
    });
  }
}

/**
 * Makes the default root, or checks the one that is there.
 * @throws WorkingDirectoryError when somebody else could tamper with sessions in it
 */
export function makeDefaultRoot(root: string): string {
  try {
    mkdirSync(root, { mode: 0o755 });
    // mkdir obeys the umask; sessions of other users on this machine need to pass through.
    chmodSync(root, 0o755);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw refusal(root, messageOf(error), error);
  }
  const why = distrust(lstatSync(root));
  if (why) throw refusal(root, why);
  return root;
}

function distrust(found: Stats): string | undefined {
  if (!found.isDirectory()) return 'It is no real folder: a link could lead anywhere.';
  const self = process.getuid?.() ?? found.uid;
  if (found.uid !== self && found.uid !== 0) return `It belongs to the user ${found.uid}.`;
  if ((found.mode & 0o022) !== 0) return 'Other users may write to it.';
  return undefined;
}

const refusal = (root: string, why: string, cause?: unknown) =>
  new WorkingDirectoryError(`${root} is not safe for sessions`, {
    why,
    hint: 'Remove it or correct its owner and mode (0755), or give `sessionRootDirectory`.',
    cause,
  });

/** Parents that everybody may write to and that have no sticky bit. */
function unsafeParents(folder: string): string[] {
  const unsafe: string[] = [];
  for (let parent = dirname(folder); ; parent = dirname(parent)) {
    const { mode } = lstatSync(parent);
    if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
      unsafe.push(`Everybody may rename what is in ${parent}: it has no sticky bit`);
    }
    if (parent === dirname(parent)) return unsafe;
  }
}
