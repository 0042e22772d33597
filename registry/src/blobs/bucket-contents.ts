/** Content in a bucket, as it stands there: read, listed, copied to a file, set aside. */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { hexOf, integrityOfHex, pathOfHex } from './address.ts';
import type { BucketClient } from './bucket-client.ts';
import type { Going } from './bucket-going.ts';
import type { Contents, Leftover } from './blobs.ts';
import { leftIn } from './folder-contents.ts';
import type { Bucket } from './s3-address.ts';

export interface BucketPlace {
  readonly client: BucketClient;
  readonly bucket: Bucket;
  readonly going: Going;
  /** PROJ/system/blobs: for what is on its way in */
  readonly folder: string;
}

export const keysOf = ({ prefix }: Bucket) => {
  const below = prefix === '' ? '' : `${prefix}/`;
  return {
    /** everything of the project */
    all: below,
    contents: `${below}sha512/`,
    of: (integrity: string) => `${below}${pathOfHex(hexOf(integrity))}`,
    quarantine: (hex: string, day: string) => `${below}quarantine/${day}-${hex}`,
    /** says whose this is */
    claim: `${below}pipl.json`,
  };
};

const hexName = /\/([0-9a-f]{128})$/;

/** Big content that never became whole. S3 keeps it, and asks to be paid for it. */
async function unfinishedUploads({ client, bucket }: BucketPlace): Promise<Leftover[]> {
  const { contents } = keysOf(bucket);
  return client.ask(async (line) => {
    const { sdk, bucket: Bucket } = line;
    const { Uploads = [] } = await line.client.send(
      new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: contents }),
    );
    return Uploads.map(({ Key, UploadId, Initiated }) => ({
      where: `s3://${Bucket}/${Key ?? ''} (upload ${UploadId ?? ''})`,
      touched: Initiated?.getTime() ?? 0,
      setAside: () =>
        client.ask(async () => {
          await line.client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
          return 'nowhere: the upload was given up';
        }),
    }));
  });
}

export function bucketContents(place: BucketPlace): Contents {
  const { client, bucket, going, folder } = place;
  const keys = keysOf(bucket);
  return {
    where: (integrity) => `s3://${bucket.bucket}/${keys.of(integrity)}`,
    stat: async (integrity) => client.head(keys.of(integrity)),
    open: async (integrity, part) => client.get(keys.of(integrity), part),
    async *list() {
      for await (const { key, ...found } of client.list(keys.contents)) {
        const hex = hexName.exec(key)?.[1];
        if (hex !== undefined) yield { ...found, integrity: integrityOfHex(hex) };
      }
    },
    leftovers: async () => [...(await leftIn(folder)), ...(await unfinishedUploads(place))],
    async setAside(integrity, named) {
      const [free] = await going.note([integrity], named);
      if (free === undefined) return undefined;
      const to = keys.quarantine(hexOf(integrity), new Date().toISOString().slice(0, 10));
      await client.ask(({ sdk, client: s3, bucket: Bucket }) =>
        s3.send(
          new sdk.CopyObjectCommand({ Bucket, Key: to, CopySource: `${Bucket}/${keys.of(integrity)}` }),
        ),
      );
      await client.remove([keys.of(integrity)]);
      await going.gone([integrity]);
      return `s3://${bucket.bucket}/${to}`;
    },
    async copyTo(integrity, file) {
      const found = await client.get(keys.of(integrity));
      if (found === undefined) return false;
      await mkdir(dirname(file), { recursive: true });
      try {
        await pipeline(found.stream(), createWriteStream(file, { flags: 'wx', flush: true }));
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
      return true;
    },
    look: () =>
      client.ask(async ({ sdk, client: s3, bucket: Bucket }) => {
        await s3.send(new sdk.HeadBucketCommand({ Bucket }));
      }),
  };
}
