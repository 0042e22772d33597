/** Looking for the servers of a project takes nothing away from one that is just starting. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf } from '@pipl/openjd-sessions/process-identity';
import { expect, test } from 'vitest';
import { runningServers } from '../src/server-notes.ts';

test('notes of the dead are removed; of the living, and what one is writing, nothing is', async () => {
  const system = await mkdtemp(join(tmpdir(), 'pipl-notes-'));
  try {
    const notes = join(system, 'run', 'servers');
    await mkdir(notes, { recursive: true });
    const living = { ...identityOf(process.pid), url: 'http://127.0.0.1:1' };
    const files = {
      [`${process.pid}.json`]: JSON.stringify(living),
      '999999999.json': JSON.stringify({ pid: 999_999_999, url: 'http://127.0.0.1:2' }),
      [`${process.pid + 1}.json.${process.pid + 1}.tmp`]: '{"pid"',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(notes, name), text);
    expect((await runningServers({ system })).map(({ pid }) => pid)).toEqual([process.pid]);
    expect(Object.keys(files).map((name) => existsSync(join(notes, name)))).toEqual([true, false, true]);
  } finally {
    await rm(system, { recursive: true, force: true });
  }
});
