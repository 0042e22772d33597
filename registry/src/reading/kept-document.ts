/**
 * A document of an upstream as a file: a line for each version, so that a big one is read and handed on one
 * version at a time, by however many at once.
 *
 * ```
 *  {"etag":…,"hash":…,"head":<offset>,"bytes":<size>}   padded: it is written last, over the space left for it
 *  "1.0.0"<tab>{…}
 *  "1.0.1"<tab>{…}
 *  {"name":…,"dist-tags":…,…}                           everything but the versions
 * ```
 * When upstream was last asked is the time of the file, so that hearing "unchanged" writes nothing.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, utimes, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openGate } from './gate.ts';
import { packumentCutter, type Piece } from './packument-cutter.ts';
import type { Packument } from './packument.ts';

export interface KeptDocument {
  readonly etag: string | null;
  /** when upstream was last asked; milliseconds since 1970 */
  readonly at: number;
  readonly bytes: number;
  readonly isBig: boolean;
  /** It may be another one by now: what is read belongs to what this opens. */
  open(): Promise<OpenedDocument>;
}

export interface OpenedDocument extends AsyncDisposable {
  /** the same for the same content */
  readonly hash: string;
  readonly head: Head;
  /** JSON of each. @throws SyntaxError when a power loss left half of it */
  versions(): AsyncGenerator<{ readonly version: string; readonly text: string }>;
  version(number: string): Promise<Version | undefined>;
}

export type Version = Readonly<Record<string, unknown>>;
/** Everything but the versions. */
export interface Head {
  readonly name: string;
  readonly 'dist-tags': Record<string, string>;
  readonly [key: string]: unknown;
}

interface Header {
  readonly etag: string | null;
  readonly hash: string;
  readonly head: number;
  readonly bytes: number;
}

/** Bytes from which a document is not made into objects as a whole. */
const bigFrom = 2 * 1024 * 1024;
const headerLength = 1024;
const longestEtag = 256;
/** Big ones that come at the same time: each leaves garbage faster than it is collected beside others. */
const arrivals = openGate(2, 10_000);
/** Bytes of everything but the versions. */
const longestHead = 8 * 1024 * 1024;
const block = 256 * 1024;
const newline = 0x0a;

const headerLine = (header: Header) => `${JSON.stringify(header).padEnd(headerLength - 1)}\n`;
/** Lines into a file, many at a time: in bytes of its own, so that no line outlives its moment. */
function writerTo(handle: FileHandle) {
  const hash = createHash('sha256');
  const waiting = Buffer.allocUnsafe(block);
  let length = 0;
  let position = headerLength;
  const write = async (bytes: Buffer) => {
    hash.update(bytes);
    // `write` of a handle may write less than it was given.
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position);
      at += bytesWritten;
      position += bytesWritten;
    }
  };
  const flush = async () => {
    await write(waiting.subarray(0, length));
    length = 0;
  };
  return {
    async add(line: string) {
      const size = Buffer.byteLength(line);
      if (length + size > block) await flush();
      if (size > block) await write(Buffer.from(line));
      else length += waiting.write(line, length);
    },
    async end() {
      await flush();
      return { position, hash: () => hash.digest('base64url') };
    },
  };
}

/** Everything but the versions, until it is written behind them. */
function headCollector() {
  const members: Piece[] = [];
  let length = 0;
  return {
    add(member: Piece) {
      length += member.key.length + member.text.length;
      if (length > longestHead)
        throw new SyntaxError(`The document has more than ${longestHead} bytes beside its versions.`);
      members.push(member);
    },
    line: () => `{${members.map(({ key, text }) => `${JSON.stringify(key)}:${text}`).join(',')}}\n`,
  };
}

async function writeTo(
  handle: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  etag: string | null,
): Promise<void> {
  const cutter = packumentCutter();
  const writer = writerTo(handle);
  const head = headCollector();
  let size = 0;
  let leave: (() => void) | undefined;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size >= bigFrom) leave ??= await arrivals.enter();
      for (const piece of cutter.feed(chunk)) {
        if (piece.is === 'version') await writer.add(`${JSON.stringify(piece.key)}\t${piece.text}\n`);
        else head.add(piece);
      }
    }
  } finally {
    leave?.();
  }
  cutter.end();
  const { position: versionsEnd } = await writer.end();
  await writer.add(head.line());
  const { position: bytes, hash } = await writer.end();
  const short = etag === null || etag.length > longestEtag ? null : etag;
  await handle.write(headerLine({ etag: short, hash: hash(), head: versionsEnd, bytes }), 0);
  // A small one is read in whole before any of it is handed on, so half of it would be noticed.
  if (bytes >= bigFrom) await handle.datasync();
}

/**
 * Keeps what comes; what was kept there before stays until all of it is there.
 * @throws SyntaxError PIPL_TOO_DEEP for what is no document, and what the chunks throw
 */
export async function keepDocument(
  file: string,
  { chunks, etag, at }: { chunks: AsyncIterable<Uint8Array>; etag: string | null; at: number },
): Promise<KeptDocument> {
  await mkdir(dirname(file), { recursive: true });
  const temp = `${file}.${randomUUID()}`;
  try {
    const handle = await open(temp, 'wx');
    try {
      await writeTo(handle, chunks, etag);
    } finally {
      await handle.close();
    }
    await touch(temp, at);
    await rename(temp, file);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  const kept = await readKept(file);
  if (kept === undefined) throw new Error(`${file} was removed while it was kept`);
  return kept;
}

/** Upstream said that it is unchanged. @param at milliseconds since 1970 */
export const touch = (file: string, at: number): Promise<void> => utimes(file, at / 1000, at / 1000);

async function readAt(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(to - from);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, from + length);
    if (bytesRead === 0) throw new SyntaxError('The kept document is cut.');
    length += bytesRead;
  }
  return bytes;
}

async function headerIn(handle: FileHandle): Promise<Header> {
  const { size } = await handle.stat();
  const header = JSON.parse((await readAt(handle, 0, headerLength)).toString()) as Header;
  if (header.bytes !== size) throw new SyntaxError('The kept document is cut.');
  return header;
}

/** undefined: not there, or a power loss left half of it, which is as good. */
export async function readKept(file: string): Promise<KeptDocument | undefined> {
  try {
    await using handle = await open(file);
    const { etag, bytes } = await headerIn(handle);
    const { mtimeMs } = await handle.stat();
    return { etag, bytes, at: mtimeMs, isBig: bytes >= bigFrom, open: () => openKept(file) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function* linesOf(handle: FileHandle, end: number): AsyncGenerator<Buffer> {
  let left: Buffer[] = [];
  for (let from = headerLength; from < end; from += block) {
    const bytes = await readAt(handle, from, Math.min(from + block, end));
    let begin = 0;
    for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, begin)) {
      const line = bytes.subarray(begin, at);
      yield left.length === 0 ? line : Buffer.concat([...left, line]);
      left = [];
      begin = at + 1;
    }
    if (begin < bytes.length) left.push(bytes.subarray(begin));
  }
}

function partsOf(line: Buffer): { version: string; text: string } {
  const text = line.toString();
  const tab = text.indexOf('\t');
  return { version: JSON.parse(text.slice(0, tab)) as string, text: text.slice(tab + 1) };
}

async function openKept(file: string): Promise<OpenedDocument> {
  const handle = await open(file);
  try {
    const { hash, head: end, bytes } = await headerIn(handle);
    const head = JSON.parse((await readAt(handle, end, bytes)).toString()) as Partial<Head>;
    return {
      hash,
      head: { ...head, name: String(head.name ?? ''), 'dist-tags': head['dist-tags'] ?? {} },
      async *versions() {
        for await (const line of linesOf(handle, end)) yield partsOf(line);
      },
      async version(number) {
        const begin = Buffer.from(`${JSON.stringify(number)}\t`);
        for await (const line of linesOf(handle, end)) {
          if (line.subarray(0, begin.length).equals(begin)) return JSON.parse(partsOf(line).text) as Version;
        }
        return undefined;
      },
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** What lists and links of versions are made from. */
const thin = ({ name, version, deprecated, dist }: Version): Version => ({
  name,
  version,
  ...(deprecated === undefined ? {} : { deprecated }),
  dist,
});

/**
 * The document as objects. Of a big one the versions without a tag have their name and tarball only: whoever wants
 * all of all of them reads them one at a time.
 * @throws SyntaxError when a power loss left half of it
 */
export async function wholeOf(kept: KeptDocument): Promise<Packument> {
  await using opened = await kept.open();
  const { head } = opened;
  const tagged = new Set(Object.values(head['dist-tags']));
  const versions: [string, Version][] = [];
  for await (const { version, text } of opened.versions()) {
    const whole = JSON.parse(text) as Version;
    versions.push([version, kept.isBig && !tagged.has(version) ? thin(whole) : whole]);
  }
  return { ...head, versions: Object.fromEntries(versions) };
}
