/**
 * Finds the program of a command before anything is started, so that a missing
 * program is told in words and not as exit code 127.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

import { messageOf } from './errors.ts';

/** What the operating system searches when there is no PATH. */
const defaultPath = '/usr/bin:/bin';

/** Why `command` cannot be started; undefined when it can. */
export function whyNotRunnable(
  command: string,
  { path, cwd }: { path: string | undefined; cwd: string },
): string | undefined {
  if (command === '') return 'The command is empty.';
  if (command.includes('/')) return whyNotExecutable(isAbsolute(command) ? command : resolve(cwd, command));
  const searched = path ?? defaultPath;
  const found = searched
    .split(':')
    .some((folder) => whyNotExecutable(resolve(cwd, folder, command)) === undefined);
  return found ? undefined : `The command "${command}" was not found in PATH (${searched}).`;
}

function whyNotExecutable(file: string): string | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found) return `There is no program ${file}.`;
    if (!found.isFile()) return `${file} is no file.`;
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return `${file} may not be executed (${messageOf(error)}); an embedded file needs "runnable: true".`;
  }
}
