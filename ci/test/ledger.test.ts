/** The reactor's memory: in the order of the first writing, and only whoever took over last may write. */
import { expect, inject, test } from 'vitest';
import { openDatabase } from '@pipl/registry';
import { createDatabase } from '../../registry/test/cluster.ts';
import { openLedger, readRecords } from '../src/ledger.ts';
import type { Write } from '../src/step/index.ts';
import { migrate } from '../src/tables.ts';

async function openTables() {
  const cluster = inject('postgres');
  const name = `ledger_${process.pid}_${Date.now()}`;
  if (cluster !== undefined) await createDatabase(cluster, name);
  const db = await openDatabase(cluster === undefined ? ':memory:' : cluster.replace(/[^/]*$/, name));
  await migrate(db, '2026-01-01T00:00:00.000Z');
  return db;
}

const write = (key: string, value: unknown): Write => ({ table: 'runs', key, value }) as Write;
const keys = async (db: Awaited<ReturnType<typeof openTables>>) =>
  (await readRecords(db)).map(({ key, value }) => `${key} ${JSON.stringify(value)}`);
const nothing = () => undefined;

test('records come back as they were first written, whatever was written over or removed since', async () => {
  await using db = await openTables();
  const ledger = openLedger(db);
  expect(await ledger.load()).toEqual([]);
  await ledger.commit([write('b', 1), write('a', 1), write('c', 1)], nothing);
  await ledger.commit([write('a', 2), write('b', undefined), write('d', 1)], nothing);
  expect(await keys(db)).toEqual(['a 2', 'c 1', 'd 1']);
  const next = openLedger(db);
  await next.load();
  await next.commit([write('b', 3)], nothing);
  expect(await keys(db)).toEqual(['a 2', 'c 1', 'd 1', 'b 3']);
});

test('who was replaced writes nothing any more, and is told so', async () => {
  await using db = await openTables();
  const [first, second] = [openLedger(db), openLedger(db)];
  await first.load('http://first');
  await first.commit([write('a', 1)], nothing);
  await second.load('http://second');
  let applied = false;
  await expect(
    first.commit([write('a', 2)], () => {
      applied = true;
    }),
  ).rejects.toMatchObject({
    code: 'PIPL_REACTOR_REPLACED',
  });
  expect(applied).toBe(false);
  await second.commit([write('c', 1)], nothing);
  expect(await keys(db)).toEqual(['a 1', 'c 1']);
  expect(await db.selectFrom('ci_reactor').select('url').execute()).toEqual([{ url: 'http://second' }]);
});
