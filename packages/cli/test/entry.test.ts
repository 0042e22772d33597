/** The entry of the bundles, read by a Node that is too old for everything behind it. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeEntry } from '../finished-bundle.mjs';

test('an old Node is told which it should be, without a stack trace', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-entry-'));
  try {
    const file = join(folder, 'pipl.mjs');
    await writeEntry({ file, versionFlags: ['--version'], versionLine: '1.2.3' });
    const old = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`;
    const ended = spawnSync(process.execPath, ['--import', old, file, 'runs'], { encoding: 'utf8' });
    expect(ended.stderr.split('\n').slice(0, 2)).toEqual([
      'error: This needs Node 24 or newer.',
      '  why: It was started with Node 20.20.2.',
    ]);
    expect([ended.status, ended.stdout]).toEqual([7, '']);
    const asked = spawnSync(process.execPath, ['--import', old, file, '--version'], { encoding: 'utf8' });
    expect([asked.status, asked.stdout]).toEqual([0, '1.2.3\n']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
