/** Where a project keeps the content of its versions: a folder of its own, or a bucket that it was told. */
import { join } from 'node:path';
import { piplError } from '@pipl/packl';
import { backendOf } from '../state/database.ts';
import type { Database } from '../state/tables.ts';
import type { Blobs, Content, Contents } from './blobs.ts';
import { openBucket } from './bucket.ts';
import { openBucketClient } from './bucket-client.ts';
import { bucketContents, keysOf } from './bucket-contents.ts';
import { openGoing } from './bucket-going.ts';
import { putOnce } from './bucket-put.ts';
import { openFolder } from './folder.ts';
import { folderContents } from './folder-contents.ts';
import { parseBucket } from './s3-address.ts';

/** As `server.json` says it. */
export interface BlobsAt {
  /** `s3://bucket/prefix` */
  readonly address: string;
  /** of something that speaks S3 and is not AWS */
  readonly endpoint?: string;
}

export interface WhereBlobs {
  /** PROJ/system */
  readonly dataDir: string;
  readonly db: Database;
  /** absent: a folder of the project */
  readonly at?: BlobsAt | undefined;
}

const folderOf = (dataDir: string) => join(dataDir, 'blobs');

function placeOf({ dataDir, db, at }: WhereBlobs & { at: BlobsAt }) {
  const bucket = parseBucket(at.address, at.endpoint);
  const going = openGoing(db, () => new Date());
  return { client: openBucketClient(bucket), bucket, going, folder: folderOf(dataDir) };
}

/** For a server. @throws PIPL_BLOBS_ADDRESS */
export function openBlobs(where: WhereBlobs): Promise<Blobs> {
  const shared = backendOf(where.db).is === 'postgres';
  const { at } = where;
  if (at === undefined) return openFolder(folderOf(where.dataDir), { shared, db: where.db });
  return openBucket(placeOf({ ...where, at }), { shared });
}

/** For who only looks, with or without a server. @throws PIPL_BLOBS_ADDRESS */
export const contentsOf = (where: WhereBlobs): Contents =>
  where.at === undefined
    ? folderContents(folderOf(where.dataDir), where.db)
    : bucketContents(placeOf({ ...where, at: where.at }));

export interface Claimed {
  put(integrity: string, content: Content): Promise<void>;
  /** Removes everything: the project did not come to its end. */
  undo(): Promise<void>;
}

/**
 * Takes an empty place in a bucket for a new project: two projects would collect each other's content.
 * @throws PIPL_BLOBS_ADDRESS PIPL_BLOBS_TAKEN PIPL_BLOBS_AWAY PIPL_BLOBS_REFUSED
 */
export async function claimBucket({ address, endpoint }: BlobsAt): Promise<Claimed> {
  const bucket = parseBucket(address, endpoint);
  const client = openBucketClient(bucket);
  const keys = keysOf(bucket);
  for await (const { key } of client.list(keys.all)) {
    throw piplError('conflict', 'PIPL_BLOBS_TAKEN', {
      what: `${address} is not empty.`,
      why: `There is ${key}, and every project needs a place of its own.`,
      hint: 'Add a word to the address: s3://BUCKET/PREFIX/WORD.',
    });
  }
  await putOnce(client, keys.claim, Buffer.from('{"schema":1}\n'));
  return {
    put: (integrity, content) => putOnce(client, keys.of(integrity), content),
    async undo() {
      const all = await Array.fromAsync(client.list(keys.all), ({ key }) => key);
      await client.remove(all);
    },
  };
}
