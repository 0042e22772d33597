/** What a process killed while it adds content leaves behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openStore } from '../src/index.ts';

const adder = `
  import { writeFileSync } from 'node:fs';
  const { openStore } = await import(process.argv[1]);
  const [, , root, source] = process.argv;
  const store = openStore(root);
  for (let n = 0; ; n += 1) {
    const files = Array.from({ length: 8 }, (_, k) => source + '.' + k);
    files.forEach((file, k) => writeFileSync(file, Buffer.alloc(4 << 20, 'file ' + n + ' ' + k)));
    await Promise.all(files.map((file) => store.addFile(file)));
    console.log(n);
  }`;

test('kill -9 while adding leaves whole content or none, and the next one removes the rest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pipl-assets-'));
  const root = join(folder, 'store');
  const temporary = (): string[] => readdirSync(join(root, 'tmp'));
  try {
    const index = new URL('../src/index.ts', import.meta.url).href;
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      adder,
      index,
      root,
      join(folder, 'source'),
    ]);
    await once(child.stdout, 'data');
    await vi.waitUntil(() => temporary().length > 2, { timeout: 300_000, interval: 1 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(temporary()).not.toEqual([]);

    const store = openStore(root);
    const digests = await Array.fromAsync(store.digests());
    expect(digests.length).toBeGreaterThanOrEqual(8);
    for (const digest of digests) await store.verify(digest);

    writeFileSync(join(folder, 'next'), 'next');
    await store.addFile(join(folder, 'next'));
    expect(temporary()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what a living process or another host has not finished is left alone', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pipl-assets-'));
  try {
    mkdirSync(join(root, 'tmp'));
    const [living, elsewhere] = [`${hostname()}.${process.ppid}.x`, 'another-host.999999999.x'];
    for (const name of [living, elsewhere, `${hostname()}.999999999.x`])
      writeFileSync(join(root, 'tmp', name), '');
    writeFileSync(join(root, 'a'), 'a');

    await openStore(root).addFile(join(root, 'a'));

    expect(readdirSync(join(root, 'tmp')).toSorted()).toEqual([living, elsewhere].toSorted());
  } finally {
    rmSync(root, { recursive: true });
  }
});
