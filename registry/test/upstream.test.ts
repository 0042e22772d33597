/** What a mirror keeps of its upstream: fresh for five minutes, then asked again, served stale when it is away. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openUpstream, type Document } from '../src/reading/upstream.ts';
import { packl, scratch, startUpstream } from './scene.ts';

const nowhere = () => Promise.resolve(() => false);
const nameIn = (document: Document | undefined) =>
  document?.is === 'whole' ? document.packument.name : undefined;

const minutes = (n: number) => n * 60_000;

test('a document is kept five minutes, then asked for again, and outlives its upstream', async () => {
  const server = await startUpstream([await packl('tiny-dep', '1.0.0')]);
  let time = 0;
  const upstream = openUpstream({
    near: true,
    reachable: nowhere,
    url: `${server.url}/`,
    folder: await scratch(),
    now: () => new Date(time),
  });
  const versions = async () => {
    const document = await upstream.document('tiny-dep', 'short');
    return document?.is === 'whole' ? Object.keys(document.packument.versions) : [];
  };

  expect(await versions()).toEqual(['1.0.0']);
  time = minutes(4);
  expect(await versions()).toEqual(['1.0.0']);
  expect(server.asked).toHaveLength(1);
  time = minutes(6);
  expect(await versions()).toEqual(['1.0.0']);
  expect(server.asked).toHaveLength(2);
  await server.stop();
  time = minutes(600);
  expect(await versions()).toEqual(['1.0.0']);
  await expect(upstream.document('other', 'short')).rejects.toMatchObject({
    code: 'PIPL_UPSTREAM',
    exitStatus: 8,
  });
});

test('a kept document that was cut is fetched again', async () => {
  const server = await startUpstream([await packl('tiny-dep', '1.0.0')]);
  const folder = await scratch();
  const upstream = openUpstream({
    near: true,
    reachable: nowhere,
    url: server.url,
    folder,
    now: () => new Date(),
  });
  await upstream.document('tiny-dep', 'full');
  const [file = ''] = await readdir(join(folder, 'full'));
  await writeFile(join(folder, 'full', file), '{"etag":null,"at":99999999999999}\n{"name":');
  expect(nameIn(await upstream.document('tiny-dep', 'full'))).toBe('tiny-dep');
  expect(server.asked).toHaveLength(2);
  await server.stop();
});

test('several that ask at once make one request', async () => {
  const server = await startUpstream([await packl('tiny-dep', '1.0.0')]);
  const upstream = openUpstream({
    near: true,
    reachable: nowhere,
    url: server.url,
    folder: await scratch(),
    now: () => new Date(),
  });
  await Promise.all([1, 2, 3].map(() => upstream.document('tiny-dep', 'short')));
  expect(server.asked).toHaveLength(1);
  await server.stop();
});
