/**
 * Little content is acknowledged with its bytes in the database, and on disk a moment later. Between the two a power
 * cut takes nothing, whatever it does to the file; the database forgets nothing that is not on disk.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { integrityOf } from '@pipl/registry-client';
import { openDatabase } from '@pipl/registry';
import { hexOf, pathOfHex } from '../src/blobs/address.ts';
import { arrivedNow, mostInDatabase } from '../src/blobs/arriving.ts';
import { openFolder } from '../src/blobs/folder.ts';
import { folderContents, mendPlaceOf } from '../src/blobs/folder-contents.ts';
import { mostBehind, openSettler } from '../src/blobs/folder-settle.ts';
import { migrate } from '../src/state/migrations.ts';
import type { Database } from '../src/state/tables.ts';
import { backup } from '../src/upkeep/backup.ts';
import { databaseIn } from './databases.ts';
import { film, refusal, scratch, settled } from './scene.ts';

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

test('what nobody needs and is there all the same is whole', async () => {
  const at = await place();
  await published(at);
  await at.unname();
  await truncate(at.fileOf(), 3);
  await (await at.open()).repair(named);
  expect([readFileSync(at.fileOf(), 'utf8'), await at.arriving()]).toEqual(['content', []]);
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
  const folder = dirname(at.fileOf());
  await rm(folder, { recursive: true });
  await writeFile(folder, 'a file where a folder should be');
  await hold.settle(yes);
  await expect.poll(() => refusal(blobs.look()), { timeout: 20_000 }).toContain('EEXIST');
  expect(await at.arriving()).toEqual([integrity]);
  // A start finds neither the file nor a way to write it: what was acknowledged is not silently left out.
  await expect((await at.open()).repair(named)).rejects.toThrow('EEXIST');

  await rm(folder);
  await settled(at);
  expect([readFileSync(at.fileOf(), 'utf8'), await refusal(blobs.look())]).toEqual(['content', 'accepted']);
});

test('a file that the disk did not take once is written anew each time: it is not asked for again, nor by who cannot wait', async () => {
  const at = await place();
  const { blobs, hold } = await published(at);
  // Nobody can open it.
  await rm(at.fileOf());
  await symlink(at.fileOf(), at.fileOf());
  await hold.settle(yes);
  await settled(at);
  for (const confirms of [true, false]) {
    const before = statSync(at.fileOf()).ino;
    const again = await blobs.hold(integrity, bytes, { confirms });
    await at.db.transaction().execute(async (tx) => again.confirm?.(tx));
    await again.settle(yes);
    await settled(at);
    expect(statSync(at.fileOf()).ino).not.toBe(before);
  }
  expect(readFileSync(at.fileOf(), 'utf8')).toBe('content');
});

test.each([
  ['files', mostBehind.files, bytes],
  ['bytes', mostBehind.bytes / mostInDatabase, new Uint8Array(mostInDatabase)],
])('when too many %s wait to be brought to disk, publishes wait for theirs', async (_what, most, content) => {
  const { root, db, open } = await place();
  await open();
  const settler = openSettler(mendPlaceOf(root, db));
  for (let count = 1; count < most; count++) settler.add(arrivedNow(integrity, content));
  expect(settler.takes()).toBe(true);
  settler.add(arrivedNow(integrity, content));
  expect(settler.takes()).toBe(false);
  await expect.poll(() => settler.takes()).toBe(true);
  settler.suspect(arrivedNow(integrity, content), new Error('the disk fails'));
  expect(settler.takes()).toBe(false);
  await settler.close();
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
