/**
 * What a bucket is asked, in a handful of verbs. The AWS SDK takes 150 ms to load: it is, at the first of them. It
 * finds the credentials by itself (environment, files of the AWS tools, role of the machine) and repeats what
 * failed on the way; what it gives up comes out in our words.
 */
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { PiplError, piplError } from '@pipl/packl';
import type { Found, Opened, Part } from './blobs.ts';
import type { Bucket } from './s3-address.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

export interface Line {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly bucket: string;
}

/** Milliseconds until a connection stands, and until an answer begins. */
const patience = { connection: 3_000, answer: 60_000 };
const attempts = 3;
/** What no second try mends. */
const refusals =
  /^(?:CredentialsProviderError|InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|Forbidden|NoSuchBucket|ExpiredToken|InvalidToken|PermanentRedirect|AuthorizationHeaderMalformed)$/;

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const statusOf = (error: unknown) => (error as SdkError).$metadata?.httpStatusCode;
export const isNotThere = (error: unknown): boolean =>
  statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';
/** Something has that name already: ours, because a name is its content. */
export const isTaken = (error: unknown): boolean => statusOf(error) === 412;
/** Somebody else is writing that name at this moment. */
export const isContended = (error: unknown): boolean => statusOf(error) === 409;

/** @returns what {@link ask} throws */
function inWords(error: unknown, { bucket, prefix, endpoint }: Bucket): PiplError {
  if (error instanceof PiplError) return error;
  const { name, message } = error as Error;
  const address = `s3://${bucket}/${prefix}${endpoint === undefined ? '' : ` at ${endpoint}`}`;
  // An answer to HEAD has no body, so there is nothing but its status.
  const why = `${name}: ${message || `status ${statusOf(error) ?? 'unknown'}`}`;
  if (refusals.test(name) || statusOf(error) === 403 || /region is missing/i.test(message)) {
    return piplError('unreachable', 'PIPL_BLOBS_REFUSED', {
      what: `The store of tarballs (${address}) refuses the server.`,
      why,
      hint: 'Whoever runs the server: look at AWS_PROFILE, AWS_REGION, the credentials and the rights of the bucket.',
      cause: error,
    });
  }
  return piplError('unreachable', 'PIPL_BLOBS_AWAY', {
    what: `The store of tarballs (${address}) does not answer as it should.`,
    why,
    hint: 'Nothing was acknowledged that is not stored. Try again when the store is back.',
    cause: error,
  });
}

export interface BucketClient {
  /** @throws PIPL_BLOBS_AWAY PIPL_BLOBS_REFUSED, and what `work` throws of its own: PiplErrors */
  ask<T>(work: (line: Line) => Promise<T>): Promise<T>;
  head(key: string): Promise<Found | undefined>;
  get(key: string, part?: Part): Promise<Opened | undefined>;
  /** Every key that begins so. */
  list(prefix: string): AsyncIterable<Found & { readonly key: string }>;
  remove(keys: readonly string[]): Promise<void>;
}

async function connect({ bucket, endpoint }: Bucket): Promise<Line> {
  const sdk = await import('@aws-sdk/client-s3');
  const region = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  const client = new sdk.S3Client({
    maxAttempts: attempts,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: patience.connection,
      requestTimeout: patience.answer,
      throwOnRequestTimeout: true,
    },
    // What is not AWS has no region, but a signature names one.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true, region: region ?? 'us-east-1' }),
  });
  return { sdk, client, bucket };
}

const touchedOf = (date: Date | undefined) => date?.getTime() ?? 0;
const mostAtOnce = 1000;

export function openBucketClient(place: Bucket): BucketClient {
  let line: Promise<Line> | undefined;
  const ask: BucketClient['ask'] = async (work) => {
    try {
      line ??= connect(place);
      return await work(await line);
    } catch (error) {
      throw inWords(error, place);
    }
  };
  const unlessGone = async <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      if (isNotThere(error)) return undefined;
      throw error;
    });
  return {
    ask,
    head: (Key) =>
      ask(async ({ sdk, client, bucket: Bucket }) => {
        const found = await unlessGone(client.send(new sdk.HeadObjectCommand({ Bucket, Key })));
        return found && { size: found.ContentLength ?? 0, touched: touchedOf(found.LastModified) };
      }),
    get: (Key, part) =>
      ask(async ({ sdk, client, bucket: Bucket }) => {
        const Range = part === undefined ? {} : { Range: `bytes=${part.from}-${part.to}` };
        const command = new sdk.GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED', ...Range });
        const found = await unlessGone(client.send(command));
        return found && openedOf(found, (error) => inWords(error, place));
      }),
    async *list(Prefix) {
      let next: string | undefined;
      do {
        const page = await ask(({ sdk, client, bucket: Bucket }) =>
          client.send(
            new sdk.ListObjectsV2Command({
              Bucket,
              Prefix,
              ...(next === undefined ? {} : { ContinuationToken: next }),
            }),
          ),
        );
        for (const { Key = '', Size = 0, LastModified } of page.Contents ?? [])
          yield { key: Key, size: Size, touched: touchedOf(LastModified) };
        next = page.NextContinuationToken;
      } while (next !== undefined);
    },
    remove: (keys) =>
      ask(async ({ sdk, client, bucket: Bucket }) => {
        for (let at = 0; at < keys.length; at += mostAtOnce) {
          const Objects = keys.slice(at, at + mostAtOnce).map((Key) => ({ Key }));
          const Delete = { Objects, Quiet: true };
          // S3 wants this one with a checksum.
          const command = new sdk.DeleteObjectsCommand({ Bucket, Delete, ChecksumAlgorithm: 'SHA256' });
          const [failed] = (await client.send(command)).Errors ?? [];
          if (failed !== undefined) {
            throw Object.assign(new Error(failed.Message), { name: failed.Code ?? 'Error' });
          }
        }
      }),
  };
}

function openedOf(
  { Body, ContentLength = 0 }: { Body?: unknown; ContentLength?: number | undefined },
  inOurWords: (error: unknown) => PiplError,
): Opened {
  const body = Body as Readable;
  return {
    size: ContentLength,
    async bytes() {
      try {
        return Buffer.concat(await Array.fromAsync(body as AsyncIterable<Buffer>));
      } catch (error) {
        throw inOurWords(error);
      }
    },
    stream: () => body,
    discard: () => void body.destroy(),
  };
}
