import { readFileSync } from 'node:fs';
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
  replay,
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
