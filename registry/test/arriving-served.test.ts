/** What a server does with content that it acknowledged and that is not on disk yet: after a power cut, and meanwhile. */
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { integrityOf, type ReleasePackl } from '@pipl/registry-client';
import { openDatabase } from '@pipl/registry';
import { hexOf, pathOfHex } from '../src/blobs/address.ts';
import { folderContents } from '../src/blobs/folder-contents.ts';
import type { Database } from '../src/state/tables.ts';
import { fsck } from '../src/upkeep/fsck.ts';
import { databaseIn } from './databases.ts';
import { blobsIn, film, packl, refusal, settled, startScene, type Scene } from './scene.ts';

const fileIn = ({ dir }: Scene, { integrity: of }: ReleasePackl) => join(dir, 'blobs', pathOfHex(hexOf(of)));

/** What a server that died after its answers left: rows, and no files. */
async function takeAway(scene: Scene, packls: readonly ReleasePackl[]): Promise<void> {
  await settled(scene);
  await using db = await openDatabase(await databaseIn(scene.dir));
  for (const [at, one] of packls.entries()) {
    const row = { id: at + 1, integrity: one.integrity, bytes: one.tarball };
    await db.insertInto('registry_arriving').values(row).execute();
    await rm(fileIn(scene, one));
  }
}

test('a server serves what it acknowledged before the power went, from its first answer on: also what was promoted meanwhile, and withdrawn where it was published', async () => {
  await using scene = await startScene();
  const all = await Promise.all(['a', 'b', 'c'].map((name) => packl(name, '1.0.0')));
  const [promoted, ...others] = all as [ReleasePackl, ...ReleasePackl[]];
  await scene.publish(film, ...others);
  const root = await scene.as('root');
  const nightly = indexName('root/nightly');
  await scene.registry.createIndex(nightly, { volatile: true });
  await root.release({ index: nightly, packls: [promoted] });
  await root.promote(film, { packls: [{ name: 'a', version: '1.0.0', from: nightly }] });
  await root.withdraw(nightly, { name: 'a', version: '1.0.0' });
  await takeAway(scene, all);
  await scene.restart();
  for (const { manifest, integrity: of } of all)
    expect(integrityOf(await scene.anonymous.tarball(film, manifest.name, '1.0.0'))).toBe(of);
  await settled(scene);
  expect(await blobsIn(scene)).toBe(3);
});

test('a refused publish leaves nothing in the database, a closed server nothing to be done', async () => {
  await using scene = await startScene();
  const one = await packl('a', '1.0.0');
  await scene.publish(film, one);
  const other = await packl('a', '1.0.0', { content: 'other' });
  expect(await refusal(scene.publish(film, other))).toBe('PIPL_VERSION_TAKEN');
  await scene.registry.close();
  await using db = await openDatabase(await databaseIn(scene.dir));
  expect(await db.selectFrom('registry_arriving').select('id').execute()).toEqual([]);
});

test('content that goes from a volatile index while it is on its way stays away', async () => {
  await using scene = await startScene();
  const nightly = indexName('root/nightly');
  await scene.registry.createIndex(nightly, { volatile: true });
  const root = await scene.as('root');
  for (let patch = 0; patch < 5; patch++) {
    const version = `1.0.${patch}`;
    await root.release({ index: nightly, packls: [await packl('a', version)] });
    await root.withdraw(nightly, { name: 'a', version });
    await scene.registry.upkeep.collect(0);
  }
  await settled(scene);
  expect(await blobsIn(scene)).toBe(0);
});

test('a check takes what the database still has for no damage, and a repair writes it', async () => {
  await using scene = await startScene();
  const one = await packl('a', '1.0.0');
  await scene.publish(film, one);
  await takeAway(scene, [one]);
  await using db = await openDatabase(await databaseIn(scene.dir));
  const keys = join(scene.dir, 'keys');
  const blobs = folderContents(join(scene.dir, 'blobs'), db as unknown as Database);
  const check = (repair: boolean) =>
    fsck(
      { db: db as unknown as Database, blobs, keys, inUse: false, now: () => new Date() },
      { readData: true, repair },
    );
  expect(await check(false)).toMatchObject({ ok: true, findings: [] });
  await writeFile(fileIn(scene, one), 'torn');
  expect(await check(false)).toMatchObject({ ok: true, findings: [] });
  const findings = [{ problem: 'content-torn', subject: fileIn(scene, one), done: 'wrote it again' }];
  expect(await check(true)).toMatchObject({ ok: true, findings });
  expect(readFileSync(fileIn(scene, one))).toEqual(Buffer.from(one.tarball));
  expect(await check(true)).toMatchObject({ ok: true, findings: [] });
});
