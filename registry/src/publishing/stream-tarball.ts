/**
 * A tarball on its way in: hashed, checked and, once it is more than a little, written to a temporary file, all
 * while it arrives. One that stays in memory may be written when it is whole, and the disk is busy with it while it
 * is checked. What is wrong with it is kept and told at the end, so that a transfer that was cut is reported as such
 * and the rest of the request can still be read.
 */
import { createHash, hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { PiplError, provenanceFile } from '@pipl/packl';
import { largestProvenance } from '../signing/provenance.ts';
import { openTarball, readTarball, type TarballReader } from '@pipl/registry-client';
import type { Blobs, Content } from '../blobs/blobs.ts';
import { tooBig } from './stream-json.ts';

export interface ReceivedTarball {
  readonly integrity: string;
  readonly shasum: string;
  /** where it is until it becomes a blob */
  readonly content: Content;
  /** the few files that a candidate needs, by path; readme under `README` */
  readonly kept: ReadonlyMap<string, Uint8Array>;
  /** why it cannot be taken */
  readonly refusal: PiplError | undefined;
  /** Removes what nobody took over. */
  discard(): Promise<void>;
}

export interface IncomingTarball {
  /** @throws PIPL_TOO_BIG, the errors of the file system */
  write(bytes: Buffer): Promise<void>;
  end(): Promise<ReceivedTarball>;
  discard(): Promise<void>;
}

/** Bytes, packed. */
const largestTarball = 128 * 1024 * 1024;
const keptInMemory = 512 * 1024;
const largestManifest = 1024 * 1024;
const largestLock = 8 * 1024 * 1024;
const readmeBytes = 1024 * 1024;

const isReadme = (path: string) => /^readme(?:\.md|\.markdown)?$/i.test(path);
const want = (path: string) => {
  if (path === 'package.json') return { most: largestManifest, bigger: 'refused' } as const;
  if (path === 'pipl-lock.json') return { most: largestLock, bigger: 'refused' } as const;
  if (path === provenanceFile) return { most: largestProvenance, bigger: 'refused' } as const;
  return isReadme(path) ? ({ most: readmeBytes, bigger: 'cut' } as const) : undefined;
};

/** A refusal is an answer; anything else is a failure of ours. */
async function refusalOf(work: () => Promise<void>): Promise<PiplError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof PiplError) return error;
    throw error;
  }
}

/** What is bigger than a little: a file that is hashed and checked as it grows. */
interface Spilled {
  readonly path: string;
  readonly file: FileHandle;
  readonly sha512: ReturnType<typeof createHash>;
  readonly sha1: ReturnType<typeof createHash>;
  readonly reader: TarballReader & { readonly kept: ReadonlyMap<string, Uint8Array> };
  refusal: PiplError | undefined;
}

async function spill(path: string): Promise<Spilled> {
  const file = await open(path, 'wx', 0o444);
  return {
    path,
    file,
    sha512: createHash('sha512'),
    sha1: createHash('sha1'),
    reader: openTarball(want),
    refusal: undefined,
  };
}

async function append(spilled: Spilled, bytes: Buffer): Promise<void> {
  spilled.sha512.update(bytes);
  spilled.sha1.update(bytes);
  if (spilled.refusal !== undefined) return;
  const [refusal] = await Promise.all([
    refusalOf(() => spilled.reader.write(bytes)),
    spilled.file.appendFile(bytes),
  ]);
  spilled.refusal = refusal;
}

const renamedReadme = (kept: ReadonlyMap<string, Uint8Array>) =>
  new Map([...kept].map(([path, data]) => [isReadme(path) ? 'README' : path, data]));

async function endSpilled(spilled: Spilled): Promise<Omit<ReceivedTarball, 'discard'>> {
  const { path, file, reader, sha512, sha1 } = spilled;
  spilled.refusal ??= await refusalOf(() => reader.end());
  await file.close();
  return {
    integrity: `sha512-${sha512.digest('base64')}`,
    shasum: sha1.digest('hex'),
    content: { file: path },
    kept: renamedReadme(reader.kept),
    refusal: spilled.refusal,
  };
}

async function endSmall(bytes: Buffer, content: Content): Promise<Omit<ReceivedTarball, 'discard'>> {
  let kept: ReadonlyMap<string, Uint8Array> = new Map();
  const refusal = await refusalOf(async () => {
    kept = await readTarball(bytes, want);
  });
  return {
    integrity: `sha512-${hash('sha512', bytes, 'base64')}`,
    shasum: hash('sha1', bytes, 'hex'),
    content,
    kept: renamedReadme(kept),
    refusal,
  };
}

/** Of a small one whose bytes went to disk early. */
async function remove(content: Content | undefined): Promise<void> {
  if (content === undefined || content instanceof Uint8Array) return;
  await content.durable?.catch(() => undefined);
  if (existsSync(content.file)) await rm(content.file, { force: true });
}

type Place = Pick<Blobs, 'temporary' | 'early'>;

export function incomingTarball({ temporary, early }: Place): IncomingTarball {
  const chunks: Buffer[] = [];
  let size = 0;
  let spilled: Spilled | undefined;
  let small: Content | undefined;
  const discard = async () => {
    if (spilled === undefined) return remove(small);
    spilled.reader.abandon();
    await spilled.file.close();
    await rm(spilled.path, { force: true });
  };
  return {
    async write(bytes) {
      size += bytes.length;
      if (size > largestTarball) throw tooBig(`A tarball in it has more than ${largestTarball} bytes.`);
      if (spilled === undefined && size <= keptInMemory) {
        chunks.push(bytes);
        return;
      }
      if (spilled === undefined) {
        spilled = await spill(temporary());
        for (const chunk of chunks.splice(0)) await append(spilled, chunk);
      }
      await append(spilled, bytes);
    },
    async end() {
      if (spilled !== undefined) return { ...(await endSpilled(spilled)), discard };
      const bytes = Buffer.concat(chunks);
      small = early?.(bytes) ?? bytes;
      return { ...(await endSmall(bytes, small)), discard };
    },
    discard,
  };
}

/** The same for one that is in memory already, and stays there while it is small: nobody has to discard it. */
export async function receivedTarball(
  { temporary }: Pick<Blobs, 'temporary'>,
  bytes: Uint8Array,
): Promise<ReceivedTarball> {
  const incoming = incomingTarball({ temporary });
  await incoming.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return incoming.end();
}
