/** Points of runs as they are kept and found: shared among runs of the same code, and only what a run has made itself. */
import { expect, inject, test } from 'vitest';
import { indexName, type IndexName, type Ticket } from '@pipl/packl';
import { openDatabase } from '@pipl/registry';
import { createDatabase } from '../../registry/test/cluster.ts';
import { forgetPoints } from '../src/provenance/points-forgotten.ts';
import { heldBy, keepPoints, knownPoints } from '../src/provenance/points.ts';
import type { State } from '../src/step/index.ts';
import { migrate } from '../src/tables.ts';

async function openTables() {
  const cluster = inject('postgres');
  const name = `points_${process.pid}_${Date.now()}`;
  if (cluster !== undefined) await createDatabase(cluster, name);
  const db = await openDatabase(cluster === undefined ? ':memory:' : cluster.replace(/[^/]*$/, name));
  await migrate(db, '2026-01-01T00:00:00.000Z');
  return db;
}

const digest = (of: number): string => `sha256:${of.toString(16).padStart(64, '0')}`;
const key = (of: number): string => of.toString(16).padStart(32, '0');
const point = (of: number, slot = 'frames') => ({
  key: key(of),
  outputs: [{ slot, asset: 'beauty', name: `f.${of}.png`, digest: digest(of), size: 1 }],
});
const film = indexName('root/film');
const ticket = ({ attempt = 'a.1', lock = 'l1', type = '@film/p#Render', index = film } = {}): Ticket =>
  ({
    attempt,
    index,
    codeLock: { hash: lock },
    field: { type },
    products: [{ slot: 'frames', name: '@film/frames', version: '1.0.0' }],
  }) as unknown as Ticket;
const everything = (index: IndexName): boolean => index !== '';
const holds = (): Promise<boolean> => Promise.resolve(true);
const contents = new Set(Array.from({ length: 2000 }, (_, of) => digest(of)));
const at = '2026-01-01T00:00:00.000Z';

test('points are found by runs of the same type in the same code, and by nobody else', async () => {
  await using db = await openTables();
  await keepPoints(db, { ticket: ticket(), points: [point(1), point(2)], contents, at });
  const ask = (asked: Ticket, mayRead = everything) =>
    knownPoints(db, { ticket: asked, body: { keys: [1, 2, 3].map(key) }, mayRead, holds });
  const found = await ask(ticket({ attempt: 'b.1', index: indexName('ann/stage') }));
  expect(found.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
    { ...point(1), attempt: 'a.1' },
    { ...point(2), attempt: 'a.1' },
  ]);
  expect(await ask(ticket({ lock: 'l2' }))).toEqual([]);
  expect(await ask(ticket({ type: '@film/p#Comp' }))).toEqual([]);
  expect(await ask(ticket(), (index) => index !== film)).toEqual([]);
});

test('a run keeps only what is in its own products; the newest counts', async () => {
  await using db = await openTables();
  const foreign = { ...point(1), outputs: [{ ...point(1).outputs[0]!, digest: digest(9999) }] };
  await keepPoints(db, { ticket: ticket(), points: [foreign, point(2, 'other'), point(3)], contents, at });
  await keepPoints(db, { ticket: ticket({ attempt: 'b.1' }), points: [point(3)], contents, at });
  const body = { keys: [1, 2, 3].map(key) };
  expect(await knownPoints(db, { ticket: ticket(), body, mayRead: everything, holds })).toEqual([
    { ...point(3), attempt: 'b.1' },
  ]);
});

test('many at once', async () => {
  await using db = await openTables();
  const points = Array.from({ length: 1200 }, (_, of) => point(of));
  await keepPoints(db, { ticket: ticket(), points, contents, at });
  const body = { keys: points.map((one) => one.key) };
  expect(await knownPoints(db, { ticket: ticket(), body, mayRead: everything, holds })).toHaveLength(1200);
  const asked = knownPoints(db, { ticket: ticket(), body: { keys: ['x'] }, mayRead: everything, holds });
  await expect(asked).rejects.toMatchObject({ code: 'PIPL_BODY' });
});

test('a point counts when its run has ended well, and its products hold what it says', async () => {
  const run = (state: string, version = '1.0.0') => ({
    state,
    products: [{ slot: 'frames', name: '@film/frames', version }],
    outcome: { published: [{ name: '@film/frames', version }], unchanged: [] },
  });
  const row = {
    version: '1.0.0',
    manifest: { pipl: { kind: 'product', assets: { beauty: { digest: digest(500) } } } },
  };
  const shown = { ...row, version: '1.1.0', withdrawn: true };
  const state = {
    records: {
      runs: new Map(
        Object.entries({
          good: run('succeeded'),
          bad: run('failed'),
          other: run('unchanged', '2.0.0'),
          withdrawn: run('succeeded', '1.1.0'),
        }),
      ),
    },
    projection: {
      rows: new Map([
        [
          '@film/frames',
          new Map([
            ['k', row],
            ['w', shown],
          ]),
        ],
      ]),
    },
  } as unknown as State;
  const files = (tree: string) =>
    Promise.resolve(new Map(tree === digest(500) ? [[digest(1), 'f.1.png']] : []));
  const counts = heldBy(state, { files });
  expect(await counts({ ...point(1), attempt: 'good' })).toBe(true);
  expect(await counts({ ...point(2), attempt: 'good' })).toBe(false);
  expect(await counts({ ...point(1), attempt: 'bad' })).toBe(false);
  expect(await counts({ ...point(1), attempt: 'other' })).toBe(false);
  expect(await counts({ ...point(1), attempt: 'gone' })).toBe(false);
  expect(await counts({ ...point(1), attempt: 'withdrawn' })).toBe(false);
});

test('a point that no run vouches for goes; what is held, or under way, stays', async () => {
  await using db = await openTables();
  const keep = (attempt: string, points: readonly number[]) =>
    keepPoints(db, { ticket: ticket({ attempt }), points: points.map((of) => point(of)), contents, at });
  const many = Array.from({ length: 1100 }, (_, of) => of);
  await keep('failed.1', many);
  await keep('running.1', [1, 2]);
  await keep('good.1', [3, 4, 1099]);
  const asked = {
    isUnderWay: (attempt: string) => attempt === 'running.1',
    // Of what the good run says it made, its products hold all but the fourth.
    holds: async ({ attempt, key: one }: { attempt: string; key: string }) =>
      attempt === 'good.1' && one !== key(4),
    dryRun: false,
  };

  expect(await forgetPoints(db, { ...asked, dryRun: true })).toBe(1100 - 4);
  expect(await forgetPoints(db, asked)).toBe(1100 - 4);
  expect(await forgetPoints(db, asked)).toBe(0);

  const left = await db.selectFrom('ci_points').select('key').orderBy('key').execute();
  expect(left.map((row) => row.key)).toEqual([1, 2, 3, 1099].map(key).toSorted());
});

test('what another run has made meanwhile does not go with what it made in its place', async () => {
  await using db = await openTables();
  await keepPoints(db, { ticket: ticket({ attempt: 'failed.1' }), points: [point(1)], contents, at });
  const asked = {
    isUnderWay: () => false,
    async holds() {
      await keepPoints(db, { ticket: ticket({ attempt: 'good.1' }), points: [point(1)], contents, at });
      return false;
    },
    dryRun: false,
  };
  await forgetPoints(db, asked);
  const left = await db.selectFrom('ci_points').select('attempt').execute();
  expect(left).toEqual([{ attempt: 'good.1' }]);
});
