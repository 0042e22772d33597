/** The content of versions, in a folder and in a bucket: what both promise, and what each has of its own. */
import { existsSync } from 'node:fs';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { integrityOf } from '@pipl/registry-client';
import { openDatabase } from '@pipl/registry';
import { pathOfHex, hexOf } from '../src/blobs/address.ts';
import type { Blobs, ContentFile, Hold } from '../src/blobs/blobs.ts';
import { openFolder } from '../src/blobs/folder.ts';
import { claimBucket, openBlobs } from '../src/blobs/open-blobs.ts';
import { parseBucket } from '../src/blobs/s3-address.ts';
import { migrate } from '../src/state/migrations.ts';
import type { Database } from '../src/state/tables.ts';
import { hasMoto, startMoto, type Moto } from './moto.ts';
import { refusal, scratch } from './scene.ts';

const bytes = new TextEncoder().encode('content');
const integrity = integrityOf(bytes);
const other = new TextEncoder().encode('other');
const yes = () => Promise.resolve(true);
const no = () => Promise.resolve(false);
const nothing = () => Promise.resolve(new Set<string>());
const only =
  (...needed: string[]) =>
  () =>
    Promise.resolve(new Set(needed));
const isThere = async (blobs: Blobs, of = integrity) => (await blobs.stat(of)) !== undefined;

let moto: Moto;
let prefixes = 0;
const withMoto = hasMoto();
beforeAll(async () => {
  if (withMoto) moto = await startMoto();
});
afterAll(async () => moto?.stop());

async function inFolder() {
  const dir = await scratch();
  return { blobs: await openFolder(dir), dir };
}

async function inBucket() {
  const dataDir = await scratch();
  const db = (await openDatabase(join(dataDir, 'pipl.sqlite'))) as Database;
  onTestFinished(() => db.destroy());
  await migrate(db);
  const prefix = `film/${(prefixes += 1)}`;
  const at = { address: `s3://${moto.bucket}/${prefix}`, endpoint: moto.endpoint };
  return { blobs: await openBlobs({ dataDir, db, at }), dir: join(dataDir, 'blobs'), db, prefix, at };
}

const kinds = [
  { kind: 'a folder', open: inFolder },
  ...(withMoto ? [{ kind: 'a bucket', open: inBucket }] : []),
];

describe.each(kinds)('content in $kind', ({ open }) => {
  test('is what was put, whole and in parts, and is listed', async () => {
    const { blobs } = await open();
    await (await blobs.hold(integrity, bytes)).settle(yes);
    const [whole, part] = [await blobs.open(integrity), await blobs.open(integrity, { from: 3, to: 99 })];
    expect([whole?.size, String(await whole?.bytes())]).toEqual([7, 'content']);
    expect([part?.size, String(await part?.bytes())]).toEqual([4, 'tent']);
    const [listed, ...more] = await Array.fromAsync(blobs.list());
    expect([listed, more]).toMatchObject([{ integrity, size: 7 }, []]);
    expect(Math.abs(Date.now() - (listed?.touched ?? 0))).toBeLessThan(60_000);
    expect(await blobs.stat(integrity)).toMatchObject({ size: 7 });
  });

  test('that is not there is not there', async () => {
    const { blobs, dir } = await open();
    expect([await blobs.stat(integrity), await blobs.open(integrity)]).toEqual([undefined, undefined]);
    expect(await blobs.copyTo(integrity, join(dir, 'copy'))).toBe(false);
    expect(await Array.fromAsync(blobs.list())).toEqual([]);
  });

  test('may come as a file, however big, which is gone then', async () => {
    const { blobs, dir } = await open();
    const big = Buffer.alloc(20_000_000, 'a row of letters ');
    const file = blobs.temporary();
    await writeFile(file, big);
    await (await blobs.hold(integrityOf(big), { file })).settle(yes);
    expect(existsSync(file)).toBe(false);
    await writeFile(file, big);
    await (await blobs.hold(integrityOf(big), { file })).settle(yes);
    expect(await blobs.stat(integrityOf(big))).toMatchObject({ size: big.length });
    expect(await blobs.copyTo(integrityOf(big), join(dir, 'copy', 'it'))).toBe(true);
    expect(integrityOf(await readFile(join(dir, 'copy', 'it')))).toBe(integrityOf(big));
  });

  test('that nobody names goes, when it is old enough, and what is named stays', async () => {
    const { blobs } = await open();
    for (const one of [bytes, other]) await (await blobs.hold(integrityOf(one), one)).settle(yes);
    const hour = 60 * 60_000;
    expect(await blobs.collect({ grace: hour, named: nothing })).toEqual({ files: 0, bytes: 0 });
    expect(await blobs.collect({ grace: 0, named: only(integrity) })).toEqual({ files: 1, bytes: 5 });
    expect([await isThere(blobs), await isThere(blobs, integrityOf(other))]).toEqual([true, false]);
  });

  test('can be set aside, and then is not there', async () => {
    const { blobs } = await open();
    await (await blobs.hold(integrity, bytes)).settle(yes);
    expect(await blobs.setAside(integrity, nothing)).toContain('quarantine');
    expect(await isThere(blobs)).toBe(false);
  });

  test('is named by a sha512 and by nothing else', async () => {
    const { blobs } = await open();
    for (const wrong of ['sha512-../../etc', 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', '']) {
      expect(() => blobs.where(wrong)).toThrow('not a sha512');
      expect(await refusal(blobs.open(wrong))).toBe('PIPL_INTEGRITY');
      expect(await refusal(blobs.hold(wrong, bytes))).toBe('PIPL_INTEGRITY');
    }
  });
});

describe('a folder', () => {
  test('lets content that no row names go when it is settled; named content stays', async () => {
    const { blobs } = await inFolder();
    await (await blobs.hold(integrity, bytes)).settle(no);
    expect(await isThere(blobs)).toBe(false);
    await (await blobs.hold(integrity, bytes)).settle(yes);
    expect(await isThere(blobs)).toBe(true);
  });

  test('keeps what somebody else publishes while the question is asked', async () => {
    const { blobs } = await inFolder();
    const refused = await blobs.hold(integrity, bytes);
    await refused.settle(async () => {
      await (await blobs.hold(integrity, bytes)).settle(yes);
      return false;
    });
    expect(await isThere(blobs)).toBe(true);
  });

  test('is rid of what a crash left at the next start: half written files and content without a row', async () => {
    const { blobs, dir } = await inFolder();
    await blobs.hold(integrity, bytes);
    await blobs.hold(integrityOf(other), other);
    await writeFile(join(dir, 'tmp', 'half'), 'ha');
    const again = await openFolder(dir);
    expect(await again.repair(only(integrity))).toBe(2);
    expect([await isThere(again), await isThere(again, integrityOf(other))]).toEqual([true, false]);
  });
});

describe.runIf(withMoto)('a bucket', () => {
  const confirm = (db: Database, hold: Hold) =>
    refusal(db.transaction().execute(async (tx) => hold.confirm?.(tx)));

  test('that lets content go while the same content is published: the publisher puts it back before it is named', async () => {
    const { blobs, db } = await inBucket();
    await (await blobs.hold(integrity, bytes)).settle(no);
    const second = await blobs.hold(integrity, bytes);
    // Whoever collects knows of no row: it has not been written yet.
    await blobs.collect({ grace: 0, named: nothing });
    expect(await isThere(blobs)).toBe(false);
    expect(await confirm(db, second)).toBe('PIPL_CONTENT_GOING');
    await second.again?.();
    expect([await confirm(db, second), await isThere(blobs)]).toEqual(['accepted', true]);
  });

  test('looks for rows again in the transaction that lets content go', async () => {
    const { blobs, db } = await inBucket();
    const hold = await blobs.hold(integrity, bytes);
    let asked = 0;
    // Not yet named at the first look, named at the second.
    const named = () => Promise.resolve(new Set((asked += 1) === 1 ? [] : [integrity]));
    expect(await blobs.collect({ grace: 0, named })).toEqual({ files: 0, bytes: 0 });
    expect([await confirm(db, hold), await isThere(blobs)]).toEqual(['accepted', true]);
  });

  test('while content is going nobody names it; a removal that failed is done by the next collection', async () => {
    const { blobs, db } = await inBucket();
    const hold = await blobs.hold(integrity, bytes);
    const named = async () => {
      // It does not come to the removal.
      if ((asked += 1) === 2) moto.away();
      return new Set<string>();
    };
    let asked = 0;
    expect(await refusal(blobs.collect({ grace: 0, named }))).toBe('PIPL_BLOBS_AWAY');
    moto.back();
    await hold.again?.();
    expect([await confirm(db, hold), await isThere(blobs)]).toEqual(['PIPL_CONTENT_GOING', true]);
    expect(await blobs.collect({ grace: 60_000, named: nothing })).toEqual({ files: 1, bytes: 0 });
    await hold.again?.();
    expect([await confirm(db, hold), await isThere(blobs)]).toEqual(['accepted', true]);
  });

  test('that a server left in the middle keeps nobody waiting for ever', async () => {
    const { blobs, db } = await inBucket();
    const hold = await blobs.hold(integrity, bytes);
    const longAgo = new Date(Date.now() - 20 * 60_000).toISOString();
    await db
      .insertInto('registry_blobs_going')
      .values({ integrity, at: longAgo, turn: 'of a dead one', gone_at: null })
      .execute();
    expect(await confirm(db, hold)).toBe('PIPL_CONTENT_GOING');
    await hold.again?.();
    expect(await confirm(db, hold)).toBe('accepted');
  });

  test('never takes anything in the place of what is there', async () => {
    const { blobs, prefix } = await inBucket();
    const Key = `${prefix}/${pathOfHex(hexOf(integrity))}`;
    await moto.client.send(new PutObjectCommand({ Bucket: moto.bucket, Key, Body: 'something else' }));
    await blobs.hold(integrity, bytes);
    expect(String(await (await blobs.open(integrity))?.bytes())).toBe('something else');
  });

  test('that is away acknowledges nothing, and says so', async () => {
    const { blobs, dir } = await inBucket();
    moto.away();
    onTestFinished(() => moto.back());
    const file = blobs.temporary();
    await writeFile(file, bytes);
    expect(await refusal(blobs.hold(integrity, { file }))).toBe('PIPL_BLOBS_AWAY');
    expect([existsSync(file), await refusal(blobs.look())]).toEqual([false, 'PIPL_BLOBS_AWAY']);
    moto.back();
    expect([await isThere(blobs), await refusal(blobs.look())]).toEqual([false, 'accepted']);
    await writeFile(join(dir, 'tmp', 'half'), 'ha');
    await utimes(join(dir, 'tmp', 'half'), 0, 0);
    expect(await blobs.leftovers()).toHaveLength(1);
    expect(await blobs.repair(nothing)).toBe(1);
  });

  test('belongs to one project', async () => {
    const { at } = await inBucket();
    const claimed = await claimBucket(at);
    expect(await refusal(claimBucket(at))).toBe('PIPL_BLOBS_TAKEN');
    await claimed.undo();
    expect(await refusal(claimBucket(at))).toBe('accepted');
  });

  test('that is not there is told from one that is away', async () => {
    const at = { address: 's3://nobodys-bucket/x', endpoint: moto.endpoint };
    expect(await refusal(claimBucket(at))).toBe('PIPL_BLOBS_REFUSED');
  });
});

test.each([
  's3://studio/../other',
  's3://studio/a//b',
  's3://studio/a?versionId=1',
  's3://studio/%2e%2e',
  's3://key:secret@studio/a',
  's3://evil@studio',
  's3://studio:9000/a',
  's3://127.0.0.1/a',
  's3://Studio/a',
  's3:///a',
  'https://studio.s3.amazonaws.com/a',
  's3://studio/a\nb',
])('%j is no place for tarballs', (address) => {
  expect(() => parseBucket(address)).toThrow('cannot hold the tarballs');
});

test('an address is a bucket and a prefix, an endpoint has nothing secret in it', () => {
  expect(parseBucket('s3://studio')).toEqual({ bucket: 'studio', prefix: '' });
  expect(parseBucket('s3://studio.film/a/b-1/', 'http://minio:9000')).toEqual({
    bucket: 'studio.film',
    prefix: 'a/b-1',
    endpoint: 'http://minio:9000',
  });
  for (const wrong of ['http://key:secret@minio', 'ftp://minio', 'minio:9000', 'http://minio/?a=b'])
    expect(() => parseBucket('s3://studio', wrong)).toThrow('cannot hold');
});

test('content that went to disk early is taken over by whoever holds it, who hears what the disk said', async () => {
  const { blobs, dir } = await inFolder();
  const early = (some: Uint8Array) => blobs.early?.(some) as ContentFile;
  const content = early(bytes);
  expect(await isThere(blobs)).toBe(false);
  await (await blobs.hold(integrity, content)).settle(yes);
  expect(String(await (await blobs.open(integrity))?.bytes())).toBe('content');
  expect(existsSync(content.file)).toBe(false);

  const { file } = early(other);
  const durable = Promise.reject(new Error('the disk fails'));
  await expect(blobs.hold(integrityOf(other), { file, durable })).rejects.toThrow('the disk fails');
  await rm(join(dir, 'tmp'), { recursive: true });
  await expect(blobs.hold(integrityOf(other), early(other))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await isThere(blobs, integrityOf(other))).toBe(false);
});
