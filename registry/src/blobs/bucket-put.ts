/**
 * Content into a bucket, never over what is there. S3 compares a sha256 of what arrived before it says yes, and only
 * its yes counts. What is big goes in parts, each held in memory while it is sent, so that it can be sent again.
 */
import { hash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { isContended, isNotThere, isTaken, type BucketClient, type Line } from './bucket-client.ts';
import type { Content } from './blobs.ts';

/** Bytes. S3 takes no smaller parts but the last; two are in memory at once. */
const partSize = 8 * 1024 * 1024;
const contendedTries = 5;

const sha256 = (bytes: Uint8Array) => hash('sha256', bytes, 'base64');

async function putBytes({ sdk, client, bucket: Bucket }: Line, Key: string, Body: Uint8Array): Promise<void> {
  await client.send(
    new sdk.PutObjectCommand({ Bucket, Key, Body, ChecksumSHA256: sha256(Body), IfNoneMatch: '*' }),
  );
}

interface Sent {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
  readonly ChecksumSHA256: string;
}

async function putParts(line: Line, Key: string, file: string): Promise<void> {
  const { sdk, client, bucket: Bucket } = line;
  const { UploadId } = await client.send(
    new sdk.CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'SHA256' }),
  );
  const upload = { Bucket, Key, UploadId };
  try {
    const Parts = await sendParts(line, upload, file);
    await client.send(
      new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, IfNoneMatch: '*' }),
    );
  } catch (error) {
    // What cannot be ended now is found by fsck; it is paid for until then, and does nothing else.
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

async function sendParts(
  { sdk, client }: Line,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
  file: string,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const source = await open(file, 'r');
  try {
    for (let PartNumber = 1; ; PartNumber++) {
      const { bytesRead, buffer } = await source.read(Buffer.allocUnsafe(partSize), 0, partSize);
      if (bytesRead === 0) return sent;
      const Body = buffer.subarray(0, bytesRead);
      const ChecksumSHA256 = sha256(Body);
      const { ETag } = await client.send(
        new sdk.UploadPartCommand({ ...upload, PartNumber, Body, ChecksumSHA256 }),
      );
      sent.push({ PartNumber, ETag, ChecksumSHA256 });
    }
  } finally {
    await source.close();
  }
}

async function bytesOf(file: string): Promise<Buffer | undefined> {
  const { size } = await stat(file);
  if (size > partSize) return undefined;
  const handle = await open(file, 'r');
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/**
 * Returns when the bucket has it, from now or from before.
 * @throws PIPL_BLOBS_AWAY PIPL_BLOBS_REFUSED
 */
export async function putOnce(client: BucketClient, key: string, content: Content): Promise<void> {
  const bytes = content instanceof Uint8Array ? content : await bytesOf(content.file);
  for (let tries = 1; ; tries++) {
    const outcome = await client.ask(async (line) => {
      try {
        await (bytes === undefined
          ? putParts(line, key, (content as { file: string }).file)
          : putBytes(line, key, bytes));
        return 'there';
      } catch (error) {
        if (isTaken(error)) return 'there';
        // Another attempt of the same request may have ended the upload.
        if (isNotThere(error) && (await client.head(key)) !== undefined) return 'there';
        if (isContended(error) && tries < contendedTries) return 'contended';
        throw error;
      }
    });
    if (outcome === 'there' || (await client.head(key)) !== undefined) return;
  }
}
