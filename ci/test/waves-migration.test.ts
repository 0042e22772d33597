/** A database of an earlier version: what its waves held stands by itself afterwards, and nothing is lost. */
import { expect, test } from 'vitest';
import { openDatabase } from '@pipl/registry';
import { records } from '../src/migrations/0001-records.ts';
import { turns } from '../src/migrations/0002-turns.ts';
import { waves } from '../src/migrations/0005-waves.ts';
import { readRecords } from '../src/ledger.ts';

test('whom changes woke, and how often tasks started, is taken out of the waves', async () => {
  await using db = await openDatabase(':memory:');
  await records(db);
  await turns(db, 'sqlite');
  const wave = (id: string, more: object) => ({
    id,
    state: 'closed',
    runs: ['a.1'],
    laps: {},
    starts: {},
    ...more,
  });
  const old = [
    { table: 'tasks', key: 'root/PROJ t', value: { name: 't' } },
    {
      table: 'waves',
      key: 'w1',
      value: wave('w1', { changes: [{ seq: 4, woke: ['root/PROJ t'] }], starts: { 'root/PROJ t': 2 } }),
    },
    {
      table: 'waves',
      key: 'w2',
      value: wave('w2', { changes: [], starts: { 'root/PROJ t': 1 }, laps: { 'root/PROJ t': ['a.1'] } }),
    },
  ];
  for (const [place, { table, key, value }] of old.entries())
    await db
      .insertInto('ci_records')
      .values({ table, key, value: JSON.stringify(value), place })
      .execute();
  await waves(db);
  const inWave = { wave: 'w2', starts: 1, laps: ['a.1'] };
  expect(await readRecords(db)).toEqual([
    { table: 'tasks', key: 'root/PROJ t', value: { name: 't', inWave } },
    { table: 'waves', key: 'w1', value: { id: 'w1', state: 'closed', first: 4 } },
    { table: 'waves', key: 'w2', value: { id: 'w2', state: 'closed' } },
    { table: 'woken', key: 'w1 4', value: { wave: 'w1', seq: 4, woke: ['root/PROJ t'] } },
  ]);
});
