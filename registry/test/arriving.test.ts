/**
 * Little content is acknowledged with its bytes in the database, and on disk a moment later. Between the two a power
 * cut takes nothing, whatever it does to the file; the database forgets nothing that is not on disk.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { integrityOf, type ReleasePackl } from '@pipl/registry-client';
import { openDatabase } from '@pipl/registry';
import { hexOf, pathOfHex } from '../src/blobs/address.ts';
import { mostInDatabase } from '../src/blobs/arriving.ts';
import { openFolder } from '../src/blobs/folder.ts';
import { folderContents } from '../src/blobs/folder-contents.ts';
import { migrate } from '../src/state/migrations.ts';
import type { Database } from '../src/state/tables.ts';
import { backup } from '../src/upkeep/backup.ts';
import { fsck } from '../src/upkeep/fsck.ts';
import { databaseIn } from './databases.ts';
import { blobsIn, film, packl, refusal, scratch, settled, startScene, type Scene } from './scene.ts';

const bytes = new TextEncoder().encode('content');
const integrity = integrityOf(bytes);
const yes = () => Promise.resolve(true);

/** The same folder may be opened again, as after a crash. */
async function place() {
  const dir = await scratch();
  const db = (await openDatabase(await databaseIn(dir))) as unknown as Database;
  onTestFinished(() => db.destroy());
  await migrate(db);
  const dataDir = join(dir, 'system');
  const root = join(dataDir, 'blobs');
  const open = async () => {
    const blobs = await openFolder(root, { db });
    onTestFinished(() => blobs.close?.());
    return blobs;
  };
  const fileOf = (one = integrity) => join(root, pathOfHex(hexOf(one)));
  /** Somebody needs the content from now on; it is all that a row of a version does for it. */
  const name = (one = integrity) =>
    db
      .insertInto('registry_mirrored')
      .values({ index_name: film, name: 'x', file: `${one}.tgz`, integrity: one })
      .execute();
  const unname = () => db.deleteFrom('registry_mirrored').execute();
  const arriving = async () =>
    (await db.selectFrom('registry_arriving').select('integrity').execute()).map((row) => row.integrity);
  return { dataDir, root, dir, db, open, fileOf, name, unname, arriving };
}

type Place = Awaited<ReturnType<typeof place>>;

/** As a publish does it, up to the answer: its transaction is over, and nothing has been brought to disk. */
async function published({ db, open, name }: Place, content = bytes) {
  const blobs = await open();
  const of = integrityOf(content);
  const hold = await blobs.hold(of, content, { confirms: true });
  await db.transaction().execute(async (tx) => hold.confirm?.(tx));
  await name(of);
  return { blobs, hold };
}

const named = () => Promise.resolve(new Set([integrity]));

test('little content is in its file and in the database when it is published, and in its file alone when that is on disk', async () => {
  const at = await place();
  const { hold } = await published(at);
  expect([readFileSync(at.fileOf(), 'utf8'), await at.arriving()]).toEqual(['content', [integrity]]);
  await hold.settle(yes);
  await settled(at);
  expect(readFileSync(at.fileOf(), 'utf8')).toBe('content');
});

test('content that is not little, or that nobody confirms, is on disk before it is named', async () => {
  const { db, open, arriving } = await place();
  const blobs = await open();
  const big = randomBytes(mostInDatabase + 1);
  for (const hold of [
    await blobs.hold(integrityOf(big), big, { confirms: true }),
    await blobs.hold(integrity, bytes),
  ]) {
    await db.transaction().execute(async (tx) => hold.confirm?.(tx));
    await hold.settle(yes);
  }
  expect(await arriving()).toEqual([]);
});

test.each([
  ['gone', (file: string) => rm(file)],
  ['empty', (file: string) => truncate(file, 0)],
  ['short', (file: string) => truncate(file, 3)],
  [
    'full of zeros',
    (file: string) => chmod(file, 0o644).then(() => writeFile(file, Buffer.alloc(bytes.length))),
  ],
])('a power cut that leaves the file %s: the next start writes it again, once', async (_what, tear) => {
  const at = await place();
  await published(at);
  await tear(at.fileOf());
  for (let start = 0; start < 2; start++) {
    await (await at.open()).repair(named);
    expect([readFileSync(at.fileOf(), 'utf8'), await at.arriving()]).toEqual(['content', []]);
  }
});

test('what nobody needs any longer does not come back, neither at a start nor behind an answer', async () => {
  const at = await place();
  const { blobs, hold } = await published(at);
  await at.unname();
  // Collected while it was on its way.
  await rm(at.fileOf());
  await hold.settle(yes);
  await settled(at);
  expect(existsSync(at.fileOf())).toBe(false);

  const again = await blobs.hold(integrity, bytes, { confirms: true });
  await at.db.transaction().execute(async (tx) => again.confirm?.(tx));
  await rm(at.fileOf());
  await (await at.open()).repair(named);
  expect([existsSync(at.fileOf()), await at.arriving()]).toEqual([false, []]);
});

test('bytes of the database that are not what they are called replace nothing', async () => {
  const at = await place();
  await published(at);
  await at.db
    .updateTable('registry_arriving')
    .set({ bytes: Buffer.from('damage!') })
    .execute();
  await (await at.open()).repair(named);
  expect([readFileSync(at.fileOf(), 'utf8'), await at.arriving()]).toEqual(['content', [integrity]]);
});

test('a torn file that no row came to name is not taken for the content when that is published again', async () => {
  const { open, fileOf } = await place();
  for (const confirms of [true, false]) {
    const blobs = await open();
    await rm(fileOf(), { force: true });
    await writeFile(fileOf(), 'con');
    await blobs.hold(integrity, bytes, { confirms });
    expect(readFileSync(fileOf(), 'utf8')).toBe('content');
  }
});

test('what the disk does not take stays in the database, the server says so, and it is written anew when the disk does', async () => {
  const at = await place();
  const { blobs, hold } = await published(at);
  const temporary = join(at.root, 'tmp');
  await rm(temporary, { recursive: true });
  await rm(at.fileOf());
  await hold.settle(yes);
  await expect.poll(() => refusal(blobs.look()), { timeout: 20_000 }).toContain('ENOENT');
  expect(await at.arriving()).toEqual([integrity]);
  // A start finds neither the file nor a way to write it: what was acknowledged is not silently left out.
  const other = await at.open();
  await rm(temporary, { recursive: true });
  await writeFile(temporary, 'a file where a folder should be');
  await expect(other.repair(named)).rejects.toThrow('ENOTDIR');

  await rm(temporary);
  await mkdir(temporary);
  await settled(at);
  expect([readFileSync(at.fileOf(), 'utf8'), await refusal(blobs.look())]).toEqual(['content', 'accepted']);
});

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

test('a server serves what it acknowledged before the power went, from its first answer on', async () => {
  await using scene = await startScene();
  const all = await Promise.all(['a', 'b', 'c'].map((name) => packl(name, '1.0.0')));
  await scene.publish(film, ...all);
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

/** Rows that a backup's database has of content on its way. */
async function arrivingIn(file: string): Promise<number> {
  if (file.endsWith('.gz')) {
    const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as { table: string; rows: unknown[] });
    return rows.flatMap((line) => (line.table === 'registry_arriving' ? line.rows : [])).length;
  }
  await using copy = await openDatabase(file);
  return (await copy.selectFrom('registry_arriving').select('id').execute()).length;
}

test('a backup has the content as files, and nothing is on its way in it', async () => {
  const at = await place();
  const { db, dataDir, root } = at;
  await published(at);
  await rm(at.fileOf());
  const to = join(at.dir, 'backup');
  const blobs = folderContents(root, db);
  const { database } = await backup({ db, blobs, dataDir, project: 'film', now: () => new Date() }, to);
  expect(readFileSync(join(to, 'blobs', pathOfHex(hexOf(integrity))), 'utf8')).toBe('content');
  expect(await arrivingIn(join(to, database.file))).toBe(0);
});
