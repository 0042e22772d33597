/** Where servers say that they listen. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { announce, lastNote, withdraw } from '../src/server-note.ts';

test('a note that a full disk left half-written is nobody’s, and keeps no server from ending', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pipl-note-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const notes = join(dataDir, 'run', 'servers');
  await mkdir(notes, { recursive: true });
  await writeFile(join(notes, '1.json.1.tmp'), '');
  await announce(dataDir, 'http://127.0.0.1:1');
  await withdraw(dataDir);
  expect(await readdir(join(dataDir, 'run'))).toEqual(['servers']);
});

test('a server that announces itself several times at once is announced', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pipl-note-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await Promise.all(Array.from({ length: 20 }, () => announce(dataDir, 'http://127.0.0.1:1')));
  expect(await readdir(join(dataDir, 'run', 'servers'))).toEqual([`${process.pid}.json`]);
  expect(JSON.parse(await readFile(lastNote(dataDir), 'utf8'))).toMatchObject({ url: 'http://127.0.0.1:1' });
});
