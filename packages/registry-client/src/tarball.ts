/**
 * Reads the files of an npm tarball, strictly: the one door through which a stranger's archive comes in.
 *
 * Regular files and folders only. Anything that could reach outside the place it is unpacked to (absolute or
 * climbing paths, links, devices), that would overwrite another entry (also where case does not count), or
 * that is bigger than the limits is `PIPL_TARBALL`, and the reader stops there. The first part of a
 * path (`package/`) is left out, as npm does. `tarball-entries.ts` judges the entries, `tar-scan.ts` knows how archives are made.
 */
import { createGunzip, gunzipSync } from 'node:zlib';
import { badTarball } from './bad-tarball.ts';
import { strictScan, tarballLimits, type Open, type TarballLimits } from './tarball-entries.ts';

export interface TarballFile {
  /** relative, with `/`, without the leading `package/` */
  readonly path: string;
  readonly executable: boolean;
  readonly data: Uint8Array;
}

const headerBytes = 2048;
/** Text shrinks to a tenth, seldom to a fiftieth; zeros to a thousandth. */
const largestRatio = 200;
const ratioStartsAt = 16 * 1024 * 1024;

/** Counts every byte that comes out of the gzip, headers and padding too: a bomb needs no entries. */
function unpackedCounter({ unpacked, entries }: TarballLimits) {
  const most = unpacked + entries * headerBytes;
  let came = 0;
  return (bytes: number, packed: number) => {
    came += bytes;
    if (came > most) throw badTarball(`It unpacks to more than ${unpacked} bytes.`);
    if (came > ratioStartsAt && came > packed * largestRatio) {
      throw badTarball(`It unpacks to more than ${largestRatio} times its size.`);
    }
  };
}

const behindTheEnd = () => badTarball('There is something behind the end of the archive.');
const asRefusal = (error: unknown) =>
  error instanceof Error && error.name === 'PiplError'
    ? error
    : badTarball(`It is not a gzipped tar archive: ${(error as Error).message}`, error);

/** Takes a tarball piece by piece; what it says about it is thrown by the next call. */
export interface TarballReader {
  /** @throws PIPL_TARBALL */
  write(chunk: Uint8Array): Promise<void>;
  /** @throws PIPL_TARBALL */
  end(): Promise<void>;
  /** Nothing more will come. */
  abandon(): void;
}

function reader(limits: TarballLimits, open: Open): TarballReader {
  const scan = strictScan(limits, open);
  const count = unpackedCounter(limits);
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  let packed = 0;
  let failure: unknown;
  const failed = Promise.withResolvers<void>();
  const fail = (error: unknown) => {
    failure ??= error;
    gunzip.destroy();
    failed.resolve();
  };
  gunzip.on('error', fail);
  // It ends by itself only when something follows that is no gzip, and then never asks for more.
  gunzip.on('end', () => {
    if (!gunzip.writableEnded) fail(behindTheEnd());
  });
  gunzip.on('data', (chunk: Buffer) => {
    if (failure !== undefined) return;
    try {
      count(chunk.length, packed);
      scan.feed(chunk);
    } catch (error) {
      fail(error);
    }
  });
  const until = async (done: Promise<void>) => {
    await Promise.race([done, failed.promise]);
    if (failure !== undefined) throw asRefusal(failure);
  };
  return {
    write(chunk) {
      packed += chunk.length;
      return until(new Promise((resolve) => void gunzip.write(chunk, () => resolve())));
    },
    async end() {
      const ended = new Promise<void>((resolve) => gunzip.once('end', resolve));
      gunzip.end();
      await until(ended);
      scan.end();
    },
    abandon: () => fail(badTarball('It is cut short.')),
  };
}

/**
 * The files, in the order of the archive.
 * @throws PIPL_TARBALL
 */
export async function* tarballFiles(
  tarball: Uint8Array,
  limits: TarballLimits = tarballLimits,
): AsyncGenerator<TarballFile> {
  const ready: TarballFile[] = [];
  const open: Open = ({ path, executable }) => {
    const chunks: Uint8Array[] = [];
    return {
      data: (chunk) => chunks.push(Buffer.from(chunk)),
      whole: () => ready.push({ path, executable, data: Buffer.concat(chunks) }),
    };
  };
  const unpacked = tarball.length > quickUnpacked / 4 ? undefined : quickly(tarball);
  if (unpacked !== undefined) {
    scanAll(unpacked, { packed: tarball.length, limits, open });
    yield* ready;
    return;
  }
  const reading = reader(limits, open);
  try {
    for (let at = 0; at < tarball.length; at += step) {
      await reading.write(tarball.subarray(at, at + step));
      yield* ready.splice(0);
    }
    await reading.end();
    yield* ready.splice(0);
  } finally {
    reading.abandon();
  }
}

const step = 64 * 1024;

/** What somebody wants of a file: at most so many bytes, and what a bigger one is. */
export interface Wanted {
  readonly most: number;
  readonly bigger: 'refused' | 'cut';
}
type Want = (path: string) => Wanted | undefined;

/** Files by path, cut to what was wanted. */
function keeper(want: Want) {
  const kept = new Map<string, Uint8Array>();
  const open: Open = ({ path, size }) => {
    const wanted = want(path);
    if (wanted === undefined) return undefined;
    const { most, bigger } = wanted;
    if (size > most && bigger === 'refused') throw badTarball(`Its ${path} has more than ${most} bytes.`);
    const chunks: Uint8Array[] = [];
    let left = most;
    return {
      data(chunk) {
        const part = Buffer.from(chunk.subarray(0, left));
        left -= part.length;
        chunks.push(part);
      },
      whole: () => kept.set(path, Buffer.concat(chunks)),
    };
  };
  return { kept, open };
}

/**
 * Checks a tarball as it arrives and keeps the few files that are wanted of it.
 * @returns the reader, and what it has kept so far
 */
export function openTarball(
  want: Want,
  limits: TarballLimits = tarballLimits,
): TarballReader & { readonly kept: ReadonlyMap<string, Uint8Array> } {
  const { kept, open } = keeper(want);
  return { ...reader(limits, open), kept };
}

/** Bytes; what unpacks to more is not worth stopping everybody else for. */
const quickUnpacked = 1024 * 1024;

/**
 * The same for one that is whole already. A small one takes a tenth of the time of a stream.
 * @throws PIPL_TARBALL
 */
export async function readTarball(
  tarball: Uint8Array,
  want: Want,
  limits: TarballLimits = tarballLimits,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const unpacked = tarball.length > quickUnpacked / 4 ? undefined : quickly(tarball);
  if (unpacked === undefined) {
    const { kept, write, end, abandon } = openTarball(want, limits);
    try {
      for (let at = 0; at < tarball.length; at += step) await write(tarball.subarray(at, at + step));
      await end();
      return kept;
    } finally {
      abandon();
    }
  }
  const { kept, open } = keeper(want);
  scanAll(unpacked, { packed: tarball.length, limits, open });
  return kept;
}

/** @throws PIPL_TARBALL */
function scanAll(
  unpacked: Buffer,
  { packed, limits, open }: { packed: number; limits: TarballLimits; open: Open },
): void {
  unpackedCounter(limits)(unpacked.length, packed);
  const scan = strictScan(limits, open);
  scan.feed(unpacked);
  scan.end();
}

/** Bytes to take at a time: as many as it says itself, so that it mostly fits, as long as that is sensible. */
function statedSize(tarball: Uint8Array): number {
  const stated = Buffer.from(tarball.buffer, tarball.byteOffset, tarball.byteLength).subarray(-4);
  const size = stated.length === 4 ? stated.readUInt32LE() : 0;
  return Math.min(Math.max(size + 64, 1024), 64 * 1024);
}

/** @returns undefined when it unpacks to much. @throws PIPL_TARBALL */
function quickly(tarball: Uint8Array): Buffer | undefined {
  try {
    // With `info` it also says how much it used; its types do not know that.
    const { buffer, engine } = gunzipSync(tarball, {
      maxOutputLength: quickUnpacked,
      chunkSize: statedSize(tarball),
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (engine.bytesWritten === tarball.length) return buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw asRefusal(error);
  }
  throw behindTheEnd();
}
