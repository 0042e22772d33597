/** Publishes that share a commit: each is still all or nothing, and nobody is answered before it is on disk. */
import { expect, test } from 'vitest';
import { piplError } from '@pipl/packl';
import { openDatabase } from '../src/state/database.ts';
import { commitTogether, commitWhatWaits, commitWithNext } from '../src/publishing/group-commit.ts';
import { migrate } from '../src/state/migrations.ts';
import type { Database, Queries } from '../src/state/tables.ts';
import { film, packl, refusal, startScene } from './scene.ts';

async function scratchDatabase() {
  const db = (await openDatabase(':memory:')) as unknown as Database;
  await migrate(db);
  let commits = 0;
  const counted = new Proxy(db, {
    get(target, key) {
      if (key === 'transaction') commits += 1;
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const names = async () =>
    (await db.selectFrom('registry_mirrored').select('name').orderBy('name').execute()).map(
      ({ name }) => name,
    );
  return { db: counted, names, commits: () => commits, [Symbol.asyncDispose]: () => db.destroy() };
}

const note = (name: string) => async (tx: Queries) => {
  await tx
    .insertInto('registry_mirrored')
    .values({ index_name: film, name, file: '', integrity: '' })
    .execute();
  return name;
};
const noteAndRefuse = (name: string) => async (tx: Queries) => {
  await note(name)(tx);
  throw piplError('denied', 'PIPL_DENIED', { what: 'no' });
};
const noteAndBreak = (name: string) => async (tx: Queries) => {
  await note(name)(tx);
  throw new Error('broken');
};

test('what comes together is committed together, and a refusal takes nothing of the others along', async () => {
  await using state = await scratchDatabase();
  const all = [note('a'), noteAndRefuse('b'), note('c'), noteAndRefuse('d')];
  const outcomes = await Promise.allSettled(all.map((work) => commitTogether(state.db, work)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  expect(await state.names()).toEqual(['a', 'c']);
  expect(state.commits()).toBe(1);
});

test('one that breaks is undone and told, the others are done all the same', async () => {
  await using state = await scratchDatabase();
  const all = [note('a'), noteAndBreak('b'), note('c')];
  const outcomes = await Promise.allSettled(all.map((work) => commitTogether(state.db, work)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await state.names()).toEqual(['a', 'c']);
});

test('one alone that refuses leaves nothing', async () => {
  await using state = await scratchDatabase();
  expect(await refusal(commitTogether(state.db, noteAndRefuse('a')))).toBe('PIPL_DENIED');
  expect(await state.names()).toEqual([]);
});

test('what nobody waits for asks for no commit of its own: it goes along with the next', async () => {
  await using state = await scratchDatabase();
  const line = commitWithNext(state.db, note('line'), 600_000);
  expect(state.commits()).toBe(0);
  await Promise.all([commitTogether(state.db, note('release')), line]);
  expect(await state.names()).toEqual(['line', 'release']);
  expect(state.commits()).toBe(1);
});

test('what nobody waits for is not lost when nobody else comes, nor when who comes is refused or breaks', async () => {
  await using state = await scratchDatabase();
  await commitWithNext(state.db, note('alone'), 1);
  const beside = commitWithNext(state.db, note('beside a refusal'), 600_000);
  expect(await refusal(commitTogether(state.db, noteAndRefuse('refused')))).toBe('PIPL_DENIED');
  await beside;
  const left = commitWithNext(state.db, note('beside what breaks'), 600_000);
  await expect(commitTogether(state.db, noteAndBreak('broken'))).rejects.toThrow('broken');
  await left;
  expect(await state.names()).toEqual(['alone', 'beside a refusal', 'beside what breaks']);
});

test('who begins to wait for it has it written at once', async () => {
  await using state = await scratchDatabase();
  const line = commitWithNext(state.db, note('line'), 600_000);
  commitWhatWaits(state.db);
  await line;
  expect(await state.names()).toEqual(['line']);
});

test('later ones of a commit see earlier ones: of four that publish one version one wins', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  const different = await Promise.all(
    ['a', 'b', 'c', 'd'].map((content) => packl('same', '1.0.0', { content })),
  );
  const others = await Promise.all(['x', 'y'].map((name) => packl(name, '1.0.0')));
  const codes = await Promise.all(
    [...different, ...others].map((one) => refusal(root.release({ index: film, packls: [one] }))),
  );
  expect(codes.slice(0, 4).toSorted()).toEqual([
    'PIPL_VERSION_TAKEN',
    'PIPL_VERSION_TAKEN',
    'PIPL_VERSION_TAKEN',
    'accepted',
  ]);
  expect(codes.slice(4)).toEqual(['accepted', 'accepted']);
  const { changes } = await root.changes({ since: 0 });
  expect(changes.map(({ seq }) => seq)).toEqual(changes.map((_change, at) => at + 1));
});
