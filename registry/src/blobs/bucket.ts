/**
 * Content as objects of an S3 bucket, `<prefix>/sha512/<two digits>/<hex>`. What `hold` returned S3 has acknowledged,
 * with a checksum of what arrived. Several servers share a bucket as they share the database; nothing is listed or
 * asked at start, so a server comes up, and serves what it knows, while the bucket is away.
 *
 * What a refused publish left is collected later: content goes only by notes in the database (`bucket-going.ts`).
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs, Collected, Collection, Content, Hold, Listed } from './blobs.ts';
import { bucketContents, keysOf, type BucketPlace } from './bucket-contents.ts';
import { putOnce } from './bucket-put.ts';
import { leftIn } from './folder-contents.ts';
import { graceOfShared } from './folder.ts';

const batch = 500;

function holdOf(place: BucketPlace, integrity: string, content: Content): Hold {
  const { client, bucket, going } = place;
  const put = () => putOnce(client, keysOf(bucket).of(integrity), content);
  return {
    confirm: (tx) => going.refuse(tx, integrity),
    again: () => going.back(integrity, put),
    async settle() {
      if (!(content instanceof Uint8Array)) await rm(content.file, { force: true });
    },
  };
}

/** Notes, removes, says so. One at a time for all servers: see `upkeep.ts`. */
async function takeAway(
  { client, bucket, going }: BucketPlace,
  found: readonly Pick<Listed, 'integrity' | 'size'>[],
  named: Collection['named'],
): Promise<Collected> {
  const free = new Set(
    await going.note(
      found.map(({ integrity }) => integrity),
      named,
    ),
  );
  if (free.size === 0) return { files: 0, bytes: 0 };
  await client.remove([...free].map(keysOf(bucket).of));
  await going.gone([...free]);
  const gone = found.filter(({ integrity }) => free.has(integrity));
  return { files: gone.length, bytes: gone.reduce((sum, { size }) => sum + size, 0) };
}

async function collect(place: BucketPlace, list: Blobs['list'], { grace, named }: Collection) {
  const total = { files: 0, bytes: 0 };
  let old: Pick<Listed, 'integrity' | 'size'>[] = [];
  const flush = async () => {
    const needed = await named(old.map(({ integrity }) => integrity));
    const unneeded = old.filter(({ integrity }) => !needed.has(integrity));
    const { files, bytes } = await takeAway(place, unneeded, named);
    total.files += files;
    total.bytes += bytes;
    old = [];
  };
  for (const integrity of await place.going.unfinished()) old.push({ integrity, size: 0 });
  for await (const { integrity, size, touched } of list()) {
    if (Date.now() - touched < grace) continue;
    old.push({ integrity, size });
    if (old.length >= batch) await flush();
  }
  await flush();
  await place.going.forgetOld();
  return total;
}

/** `shared`: other servers have the folder for what is on its way, too. */
export async function openBucket(place: BucketPlace, { shared }: { shared: boolean }): Promise<Blobs> {
  const temporary = join(place.folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const contents = bucketContents(place);
  return {
    ...contents,
    temporary: () => join(temporary, randomUUID()),
    async hold(integrity, content) {
      const hold = holdOf(place, integrity, content);
      try {
        await putOnce(place.client, keysOf(place.bucket).of(integrity), content);
      } catch (error) {
        await hold.settle(() => Promise.resolve(false));
        throw error;
      }
      return hold;
    },
    async repair() {
      const old = (await leftIn(place.folder)).filter(
        ({ touched }) => !shared || Date.now() - touched >= graceOfShared,
      );
      for (const { where } of old) await rm(where, { force: true });
      return old.length;
    },
    collect: (collection) => collect(place, contents.list, collection),
  };
}
