/**
 * The command line inside this process, with streams that remember: a command costs milliseconds instead of the
 * start of a Node. What belongs to a process (signals, stdin, exit) is tested with the real command.
 */
import { join } from 'node:path';
import { expect } from 'vitest';
import { expectAdmitted } from './admitted.ts';
import { runCommandLine } from '../src/command-line.ts';
import type { Film } from './film.ts';

export interface EndedHere {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Whoever runs this test must not speak: no settings, logins or project of theirs. */
export function atHome(film: Pick<Film, 'folder'>): void {
  for (const name of Object.keys(process.env)) {
    if (/^(?:PIPL_(?!TEST_|NODE)|npm_)/i.test(name)) delete process.env[name];
  }
  process.env['HOME'] = join(film.folder, 'home');
  process.env['XDG_CONFIG_HOME'] = join(film.folder, 'home/.config');
  process.env['PIPL_PIPE'] = join(film.folder, 'pipe.tgz');
}

/** @param cwd as `-C` */
export async function piplHere(args: readonly string[], { cwd }: { cwd: string }): Promise<EndedHere> {
  let [out, err] = ['', ''];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const status = await runCommandLine(['-C', cwd, ...args], {
      out: { write: (text) => (out += text) },
      err: { write: (text) => (err += text) },
    });
    expectAdmitted(args, out);
    return { status, out, err };
  } finally {
    process.exitCode = before;
  }
}

/** What must succeed. @returns the data of its JSON document */
export async function doneHere(line: string | readonly string[], { cwd }: { cwd: string }): Promise<never> {
  const args = typeof line === 'string' ? line.split(' ') : line;
  const ended = await piplHere([...args, '--json'], { cwd });
  expect({ args, ...ended }).toMatchObject({ args, status: 0 });
  return (JSON.parse(ended.out) as { data: never }).data;
}
