/** `fsck` finds what is damaged, says so in words, and mends what nobody can be missing. */
import { chmod, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { hexOf } from '../src/blobs/address.ts';
import { folderContents } from '../src/blobs/folder-contents.ts';
import { fsck, type FsckPlace } from '../src/upkeep/fsck.ts';
import { indexName } from '@pipl/packl';
import type { FsckOptions } from '@pipl/registry-client';
import { openDatabase } from '@pipl/registry';
import { databaseIn } from './databases.ts';
import { film, mirror, packl, settled, startScene, type Scene } from './scene.ts';

const blobsOf = ({ dir }: Scene) => join(dir, 'blobs');
const fileOf = (scene: Scene, integrity: string) => {
  const hex = hexOf(integrity);
  return join(blobsOf(scene), 'sha512', hex.slice(0, 2), hex);
};

/** As the stopped server's command does it. */
async function check(scene: Scene, options: FsckOptions = {}, more: Partial<FsckPlace> = {}) {
  await using db = await openDatabase(await databaseIn(scene.dir));
  const report = await fsck(
    {
      db,
      blobs: folderContents(blobsOf(scene)),
      keys: join(scene.dir, 'keys'),
      inUse: false,
      now: () => new Date(),
      ...more,
    },
    options,
  );
  return { ...report, found: report.findings.map(({ problem, subject }) => `${problem}: ${subject}`) };
}

async function flipByte(file: string, at = 100): Promise<void> {
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await chmod(file, 0o644);
  await writeFile(file, bytes);
}

test('a registry in which all is well has nothing to say, with every byte read', async () => {
  await using scene = await startScene({}, [await packl('left-pad', '1.0.0')]);
  const one = await packl('a', '1.0.0');
  await scene.publish(film, one, await packl('b', '1.0.0'));
  await (await scene.as('root')).withdraw(film, { name: 'b', version: '1.0.0' });
  await (await fetch(`${scene.registry.url}/${film}/left-pad/-/left-pad-1.0.0.tgz`)).arrayBuffer();
  expect(await check(scene, { readData: true })).toMatchObject({
    ok: true,
    findings: [],
    checked: { versions: 2, mirrored: 1, files: 3, changes: await scene.registry.feed.head() },
  });
});

test('one flipped byte of a published tarball is found when the bytes are read, and not taken for mended', async () => {
  await using scene = await startScene();
  const one = await packl('a', '1.0.0');
  await scene.publish(film, one, await packl('b', '1.0.0'));
  await settled(scene);
  await flipByte(fileOf(scene, one.integrity));
  expect(await check(scene)).toMatchObject({ ok: true });
  for (const repair of [false, true]) {
    const { ok, found } = await check(scene, { readData: true, repair });
    expect([ok, found]).toEqual([false, [`content-wrong: a@1.0.0 in ${film}`]]);
  }
});

test('a tarball that is gone is a version that nobody can install', async () => {
  await using scene = await startScene();
  const one = await packl('a', '1.0.0');
  await scene.publish(film, one);
  await settled(scene);
  await rm(fileOf(scene, one.integrity));
  expect(await check(scene, { repair: true })).toMatchObject({
    ok: false,
    found: [`content-missing: a@1.0.0 in ${film}`],
  });
});

test('what no row names and what a crash left goes into quarantine, nothing else does', async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('a', '1.0.0'));
  const stray = fileOf(scene, (await packl('stray', '1.0.0')).integrity);
  const half = join(blobsOf(scene), 'tmp', 'half');
  await mkdir(dirname(stray), { recursive: true });
  for (const file of [stray, half]) await writeFile(file, 'half of it');
  // Beside a server that may just be publishing it, what is young is none of our business.
  expect(await check(scene, { repair: true }, { inUse: true })).toMatchObject({ ok: true, findings: [] });
  for (const file of [stray, half]) await utimes(file, new Date(0), new Date(0));
  const found = [`content-unnamed: ${stray}`, `left-behind: ${half}`];
  expect(await check(scene, {}, { inUse: true })).toMatchObject({ ok: false, found });
  const { ok, findings } = await check(scene, { repair: true });
  expect([ok, findings.map(({ done }) => done)]).toEqual([
    true,
    [expect.stringContaining('quarantine'), expect.stringContaining('quarantine')],
  ]);
  expect(await check(scene, { readData: true })).toMatchObject({ ok: true, findings: [] });
});

test("a mirror's tarball that is gone or has changed is forgotten, and fetched again", async () => {
  const [left, right] = [await packl('left-pad', '1.0.0'), await packl('right-pad', '1.0.0')];
  await using scene = await startScene({}, [left, right]);
  const get = async (name: string) =>
    Buffer.from(
      await (await fetch(`${scene.registry.url}/${film}/${name}/-/${name}-1.0.0.tgz`)).arrayBuffer(),
    );
  for (const name of ['left-pad', 'right-pad']) await get(name);
  await rm(fileOf(scene, left.integrity));
  await flipByte(fileOf(scene, right.integrity));
  const report = await check(scene, { readData: true, repair: true });
  expect([report.ok, report.found.toSorted()]).toEqual([
    true,
    [
      `mirrored-missing: left-pad-1.0.0.tgz of left-pad in ${mirror}`,
      `mirrored-wrong: right-pad-1.0.0.tgz of right-pad in ${mirror}`,
    ],
  ]);
  expect(await get('left-pad')).toEqual(Buffer.from(left.tarball));
  expect(await get('right-pad')).toEqual(Buffer.from(right.tarball));
  expect(await check(scene, { readData: true })).toMatchObject({ ok: true, findings: [] });
});

test('a row that tells of other content than was signed is found, its sums and the feed edited along', async () => {
  await using scene = await startScene();
  const [one, other] = [await packl('a', '1.0.0'), await packl('a', '1.0.0', { content: 'other' })];
  const stage = indexName('root/stage');
  await scene.registry.createIndex(stage, {});
  await scene.publish(film, one, await packl('b', '1.0.0'), await packl('c', '1.0.0'));
  await scene.publish(stage, other);
  await using db = await openDatabase(await databaseIn(scene.dir));
  const { integrity, shasum } = await db
    .selectFrom('registry_versions')
    .select(['integrity', 'shasum'])
    .where('index_name', '=', stage)
    .executeTakeFirstOrThrow();
  const edited = { index: film, name: 'a' };
  await db
    .updateTable('registry_versions')
    .set({ integrity, shasum })
    .where('index_name', '=', edited.index)
    .where('name', '=', edited.name)
    .execute();
  await db
    .updateTable('registry_changes')
    .set({ integrity })
    .where('index_name', '=', edited.index)
    .where('name', '=', edited.name)
    .execute();
  for (const [name, signatures] of [
    ['b', null],
    ['c', '[{"keyid":"SHA256:x","sig":"x"}]'],
  ] as const) {
    await db.updateTable('registry_versions').set({ signatures }).where('name', '=', name).execute();
  }
  await rm(fileOf(scene, one.integrity));
  expect(await check(scene, { readData: true })).toMatchObject({
    ok: false,
    found: ['a', 'b', 'c'].map((name) => `signature-wrong: ${name}@1.0.0 in ${film}`),
  });
});

test('a row under another version than that of its tarball, and a feed that tells of other content, are found', async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('a', '1.0.0'), await packl('b', '1.0.0'));
  await using db = await openDatabase(await databaseIn(scene.dir));
  await db.updateTable('registry_versions').set({ version: '2.0.0' }).where('name', '=', 'a').execute();
  await db.updateTable('registry_changes').set({ integrity: 'x' }).where('name', '=', 'b').execute();
  expect((await check(scene, { readData: true })).found.toSorted()).toEqual([
    `feed-differs: a@2.0.0 in ${film}`,
    `feed-differs: b@1.0.0 in ${film}`,
    `row-wrong: a@2.0.0 in ${film}`,
    `signature-wrong: a@2.0.0 in ${film}`,
  ]);
});

test('tables that contradict each other are found: tags, the feed, sums', async () => {
  await using scene = await startScene();
  const one = await packl('a', '1.0.0');
  await scene.publish(film, one, await packl('b', '1.0.0'));
  const head = await scene.registry.feed.head();
  await using db = await openDatabase(await databaseIn(scene.dir));
  const dangling = { index_name: film, name: 'a', tag: 'beta', version: '9.0.0' };
  await db.insertInto('registry_tags').values(dangling).execute();
  await db.deleteFrom('registry_changes').where('seq', 'in', [2, head]).execute();
  await db.updateTable('registry_versions').set({ shasum: '0' }).where('name', '=', 'a').execute();
  const found = [
    `row-wrong: a@1.0.0 in ${film}`,
    `tag-dangling: a@beta in ${film}`,
    'feed-gap: change 2',
    `feed-gap: change ${head}`,
    `feed-differs: b@1.0.0 in ${film}`,
  ];
  expect(await check(scene, { readData: true })).toMatchObject({ ok: false, found });
  // Only the tag can be mended without making something up.
  await check(scene, { repair: true });
  expect(await db.selectFrom('registry_tags').selectAll().execute()).toEqual([]);
});
