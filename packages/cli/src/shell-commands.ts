/**
 * Commands that a workspace's shell has beside those of its packls: `pipl`, this very one, and `create_task PACKL
 * TYPE`, as the original had it. Small scripts in `.pipl-bin` of the workspace, written anew when pipl has moved.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** What a task offers people: its name becomes a program of the shell. */
export interface OfferedCommand {
  readonly name: string;
  /** of the task */
  readonly folder: string;
}

/** @returns the environment with them on the PATH, after the programs of packls */
export function withCommands(
  workspace: string,
  env: NodeJS.ProcessEnv,
  offered: readonly OfferedCommand[] = [],
): NodeJS.ProcessEnv {
  const bin = join(workspace, '.pipl-bin');
  const main = resolve(process.argv[1] ?? '');
  mkdirSync(bin, { recursive: true });
  for (const [name, words] of Object.entries({
    ...wordsOf(offered),
    pipl: '',
    create_task: 'task create ',
  })) {
    const unix = `#!/bin/sh\nexec '${process.execPath}' '${main}' ${words}"$@"\n`;
    const windows = `@"${process.execPath}" "${main}" ${words}%*\r\n`;
    if (process.platform === 'win32') write(join(bin, `${name}.cmd`), windows);
    else write(join(bin, name), unix);
  }
  const [first = '', ...others] = (env['PATH'] ?? '').split(delimiter);
  return { ...env, PATH: [first, bin, ...others].join(delimiter) };
}

/** Of a task that is gone a script may stay: it says then that there is no such command. */
const wordsOf = (offered: readonly OfferedCommand[]): Record<string, string> =>
  Object.fromEntries(
    offered
      .filter(({ name }) => /^[A-Za-z0-9][\w.-]*$/.test(name))
      .map(({ name, folder }) => [name, `do --task '${folder.replaceAll("'", `'\\''`)}' ${name} `]),
  );

function write(file: string, text: string): void {
  try {
    if (readFileSync(file, 'utf8') === text) return;
  } catch {
    // it is not there yet
  }
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}
