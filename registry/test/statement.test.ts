/** Statements that are compiled once: each asks with its own values, on every kind of database. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { openDatabase } from '@pipl/registry';
import { statement } from '../src/state/statement.ts';
import { migrate } from '../src/state/migrations.ts';
import type { Database } from '../src/state/tables.ts';
import { databaseIn } from './databases.ts';
import { scratch } from './scene.ts';

test('values stand where they belong, also twice and in another order, and what was said once stays', async () => {
  let built = 0;
  const point = statement(['version', 'name', 'tag'], (tx, { version, name, tag }) => {
    built += 1;
    return tx
      .insertInto('registry_tags')
      .values({ index_name: indexName('root/film'), name, tag, version })
      .onConflict((conflict) => conflict.columns(['index_name', 'name', 'tag']).doUpdateSet({ version }));
  });
  const versionOf = statement(['name', 'tag'], (tx, { name, tag }) =>
    tx.selectFrom('registry_tags').select('version').where('tag', '=', tag).where('name', '=', name),
  );
  await using db = (await openDatabase(await databaseIn(await scratch()))) as Database;
  await migrate(db);
  await point(db, { name: 'a', tag: 'next', version: '1.0.0' });
  await db.transaction().execute(async (tx) => {
    await point(tx, { name: 'a', tag: 'next', version: '2.0.0' });
    await point(tx, { name: 'b', tag: 'next', version: '3.0.0' });
  });
  expect(await versionOf(db, { name: 'a', tag: 'next' })).toEqual([{ version: '2.0.0' }]);
  expect(await versionOf(db, { name: 'b', tag: 'next' })).toEqual([{ version: '3.0.0' }]);
  expect(await versionOf(db, { name: 'next', tag: 'a' })).toEqual([]);
  expect(built).toBe(1);
});
