import { appendFileSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addDependency,
  applied,
  bumpPackl,
  createPackl,
  difference,
  editPackl,
  type Json,
  readHistory,
  recordByHand,
  replay,
  verifyHistory,
  withDependency,
} from '@pipl/project';
import { indexName } from '@pipl/packl';
import { hashOf, testFolder } from './folders.ts';

const index = indexName('root/PROJ');
const onDisk = (folder: string) => JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Json;

test('the history of a packl replays to its package.json', async () => {
  using folder = testFolder();
  const packl = await createPackl({ folder: folder.path, name: '@film/grade', index });
  await bumpPackl(packl.folder, { bump: 'release' });
  await editPackl(packl.folder, {
    comment: 'a description',
    edit: (written) => ({ ...written, description: 'grades' }),
  });
  await editPackl(packl.folder, {
    comment: 'no description',
    edit: ({ description: _gone, ...rest }) => rest as never,
  });
  await bumpPackl(packl.folder, { bump: 'minor', comment: 'more colours' });

  const history = await readHistory(packl.folder);
  expect(history.map(({ comment }) => comment)).toEqual([
    'created',
    'version 0.0.1',
    'a description',
    'no description',
    'more colours',
  ]);
  expect(history.every(({ at, by }) => !Number.isNaN(Date.parse(at)) && by !== '')).toBe(true);
  expect(replay(history)).toEqual(onDisk(packl.folder));
  expect(onDisk(packl.folder)).toMatchObject({ version: '0.1.0' });
});

test('an edit that makes no packl leaves file and history as they were', async () => {
  using folder = testFolder();
  const packl = await createPackl({ folder: folder.path, name: 'grade', index });
  const before = hashOf(packl.folder);
  const bad = { kind: 'sculpture' } as never;
  await expect(
    editPackl(packl.folder, { comment: 'bad', edit: (written) => ({ ...written, pipl: bad }) }),
  ).rejects.toMatchObject({ code: 'PIPL_MANIFEST', exitStatus: 7 });
  expect(hashOf(packl.folder)).toBe(before);
});

test('a dependency whose install fails is taken back', async () => {
  using folder = testFolder();
  const packl = await createPackl({ folder: folder.path, name: 'grade', index });
  const before = hashOf(packl.folder);
  const answer = {
    'dist-tags': { latest: '1.2.3' },
    versions: { '1.2.3': { name: 'bunny', version: '1.2.3' } },
  };
  const server = await serve(answer);
  try {
    const install = () => Promise.reject(new Error('the disk is full'));
    const asked = {
      client: { url: server.url } as never,
      index,
      folder: packl.folder,
      spec: 'bunny',
      install,
    };
    await expect(addDependency(asked)).rejects.toThrow('the disk is full');
    expect(hashOf(packl.folder)).toBe(before);
    const { install: _none, ...plain } = asked;
    await expect(addDependency(plain)).resolves.toMatchObject({ range: '^1.2.3', version: '1.2.3' });
  } finally {
    await server.close();
  }
});

/** What a managed edit may do to a package.json, by the functions that people's commands call. */
const managedEdit = fc.oneof(
  fc.record({
    do: fc.constant('bump' as const),
    bump: fc.constantFrom('major', 'minor', 'patch', 'prerelease'),
  }),
  fc.record({
    do: fc.constant('add' as const),
    name: fc.constantFrom('@film/a', '@film/b', 'lodash', 'zod'),
    range: fc.constantFrom('^1.0.0', '~2.1.0', '3.0.0'),
    edit: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('set' as const),
    key: fc.constantFrom('description', 'keywords', 'author', 'a/b', '~', 'config'),
    value: fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }),
  }),
);

async function doEdit(folder: string, edit: ReturnType<typeof managedEdit.generate>['value']): Promise<void> {
  if (edit.do === 'bump') return void (await bumpPackl(folder, { bump: edit.bump as 'major' }));
  const { ...asked } = edit;
  await editPackl(folder, {
    comment: edit.do,
    edit: (written) => {
      if (asked.do === 'add') return withDependency(written, { ...asked, slot: undefined, many: false });
      const { [asked.key]: _before, ...rest } = written;
      return { ...rest, ...(asked.value === undefined ? {} : { [asked.key]: asked.value as Json }) } as never;
    },
  });
}

test('1,000 random managed edits replay to the same package.json', { timeout: 540_000 }, async () => {
  using folder = testFolder();
  const packl = await createPackl({ folder: folder.path, name: '@film/grade', index });
  for (const edit of fc.sample(managedEdit, { numRuns: 1000, seed: 7 })) {
    if (edit.do === 'set' && edit.key === 'description' && typeof edit.value !== 'string') continue;
    await doEdit(packl.folder, edit);
  }
  const history = await readHistory(packl.folder);
  expect(history.length).toBeGreaterThan(900);
  expect(history.some(({ found }) => found)).toBe(false);
  expect(replay(history)).toEqual(onDisk(packl.folder));
});

test('an edit by hand is found, told, and written down before the next managed one', async () => {
  using folder = testFolder();
  const { folder: packl } = await createPackl({ folder: folder.path, name: '@film/grade', index });
  expect(await verifyHistory(packl)).toEqual({ lines: 1, unrecorded: [] });
  const write = (change: object) =>
    folder.write({ 'grade/package.json': { ...(onDisk(packl) as object), ...change } });
  write({ description: 'typed' });
  const found = { op: 'add', path: '/description', value: 'typed' };
  expect((await verifyHistory(packl)).unrecorded).toEqual([found]);
  await bumpPackl(packl, { bump: 'minor' });
  expect((await readHistory(packl)).map(({ comment, found: byHand }) => [comment, byHand === true])).toEqual([
    ['created', false],
    ['edited by hand', true],
    ['version 0.1.0', false],
  ]);
  write({ description: 'again' });
  expect(await recordByHand(packl, 'better words')).toEqual([{ ...found, op: 'replace', value: 'again' }]);
  expect(await recordByHand(packl)).toEqual([]);
  expect(replay(await readHistory(packl))).toEqual(onDisk(packl));
});

test('what a crash left of a line never happened; a line that is none is told by its number', async () => {
  using folder = testFolder();
  const { folder: packl } = await createPackl({ folder: folder.path, name: '@film/grade', index });
  const file = `${packl}/.pipl-history.jsonl`;
  appendFileSync(file, '{"at":"2026-');
  await bumpPackl(packl, { bump: 'minor' });
  expect(replay(await readHistory(packl))).toEqual(onDisk(packl));
  appendFileSync(file, 'what I did today\n');
  await expect(readHistory(packl)).rejects.toMatchObject({
    code: 'PIPL_HISTORY',
    message: expect.stringContaining('Line 3'),
  });
});

test('a packl that came without a history, or with one that does not fit, begins one with its next edit', async () => {
  using folder = testFolder({
    'old/package.json': { name: 'old', version: '1.0.0', pipl: { kind: 'code' } },
  });
  const packl = folder.at('old');
  const before = hashOf(packl);
  const { undo } = await editPackl(packl, {
    comment: 'x',
    edit: (written) => ({ ...written, author: 'me' }),
  });
  expect(replay(await readHistory(packl))).toEqual(onDisk(packl));
  await undo();
  folder.write({ 'old/package.json': readFileSync(`${packl}/package.json`, 'utf8') });
  expect(hashOf(packl)).toBe(before);
  const misfit = { at: '2026-01-01T00:00:00Z', by: 'x', comment: 'x', ops: [{ op: 'remove', path: '/a/b' }] };
  folder.write({ 'old/.pipl-history.jsonl': `${JSON.stringify(misfit)}\n` });
  await bumpPackl(packl, { bump: 'patch' });
  expect(replay(await readHistory(packl))).toEqual(onDisk(packl));
});

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string(), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'a/b', '~', '~1', ''), tie('value'), { maxKeys: 4 }),
  ) as fc.Arbitrary<Json>,
})).value;

test('a difference, applied, is the second document', () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      expect(applied(before, difference(before, after))).toEqual(after);
    }),
    { numRuns: 1000 },
  );
});

async function serve(answer: unknown) {
  const { createServer } = await import('node:http');
  const server = createServer((_request, response) => response.end(JSON.stringify(answer))).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((listening) => server.once('listening', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => new Promise((closed) => server.close(closed)) };
}
