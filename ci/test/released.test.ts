/**
 * Projects of released versions open in today's. Each file in `registry/test/released` is the database of a small
 * project as that release left it: two waves over two tasks, a user, an index, a deprecation, a withdrawal.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { connect, integrityOf, packTarball } from '@pipl/registry-client';
import { openDatabase, startRegistry } from '@pipl/registry';
import { readRecords } from '../src/ledger.ts';
import { migrate } from '../src/tables.ts';

const index = indexName('root/PROJ');

test.each(['2026-01'])('what release %s left is all there, and goes on', async (release) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pipl-released-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const file = join(dataDir, 'pipl.sqlite');
  const sql = await readFile(
    resolve(import.meta.dirname, `../../registry/test/released/${release}.sql`),
    'utf8',
  );
  const made = new DatabaseSync(file);
  made.exec(sql);
  made.close();

  await using db = await openDatabase(file);
  await migrate(db, '2026-12-01T00:00:00.000Z');
  // The newest run is told by the order in which they were written.
  const runs = (await readRecords(db)).filter(({ table }) => table === 'runs');
  expect(runs.map(({ value }) => (value as { task: string }).task)).toEqual([
    '@gen/a',
    '@gen/b',
    '@gen/a',
    '@gen/b',
  ]);

  const registry = await startRegistry({ dataDir, db, project: 'gen', host: '127.0.0.1', port: 0 });
  try {
    const head = await registry.feed.head();
    expect((await registry.feed.read(0)).changes.map(({ seq }) => seq)).toEqual(
      Array.from({ length: head }, (_, at) => at + 1),
    );
    const rows = await registry.rows();
    expect(rows.filter(({ name }) => name === '@gen/b-note')).toMatchObject([
      { version: '1.0.0', withdrawn: true, deprecated: 'wrong' },
      { version: '1.1.0' },
    ]);
    expect(rows.find(({ name, version }) => name === '@gen/seed' && version === '1.0.0')?.deprecated).toBe(
      'older',
    );
    expect(await registry.indexes()).toContainEqual({ name: 'alice/dev', bases: [index], volatile: true });
    const anonymous = connect({ url: registry.url });
    const { token } = await anonymous.login({ user: 'alice', password: 'carrot' });
    const manifest = { name: '@gen/new', version: '1.0.0' };
    const { tarball } = await packTarball(
      new Map([['package.json', new TextEncoder().encode(JSON.stringify(manifest))]]),
    );
    const { seq } = await anonymous
      .withToken(token)
      .release({ index, packls: [{ manifest, integrity: integrityOf(tarball), tarball }] });
    expect(seq).toBe(head + 1);
  } finally {
    await registry.close();
  }
});
