/**
 * Reads a tar archive byte by byte as it arrives, strictly, without keeping more of it than one header.
 *
 * It knows what archives are made of (ustar, pax, GNU long names) and refuses whatever two programs could read
 * differently: bad checksums, sparse files, sizes or names that a second header contradicts, bytes behind the
 * end. What a path may be and how much is too much is `tarball.ts`'s business: it hears of every entry.
 */
import { isAscii } from 'node:buffer';
import { badTarball } from './bad-tarball.ts';

export interface TarEntry {
  /** as the archive spells it */
  readonly name: string;
  readonly is: 'file' | 'folder';
  readonly executable: boolean;
  /** bytes */
  readonly size: number;
}

export interface TarListener {
  entry(entry: TarEntry): void;
  /** Part of the content of the last entry; valid only during the call. */
  data(chunk: Uint8Array): void;
  /** The last entry is whole. */
  whole(): void;
}

export interface TarScan {
  /** @throws PIPL_TARBALL */
  feed(chunk: Uint8Array): void;
  /** @throws PIPL_TARBALL when something is missing */
  end(): void;
}

type State =
  | { readonly is: 'header' }
  | { readonly is: 'content'; left: number; padding: number }
  | { readonly is: 'extension'; readonly of: string; left: number; padding: number; chunks: Uint8Array[] }
  | { readonly is: 'ended' };

const block = 512;
/** Bytes of a pax header or a long name: both hold little more than a path. */
const largestExtension = 64 * 1024;
const typeNames: Readonly<Record<string, string>> = {
  '1': 'hard link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '6': 'fifo',
  S: 'sparse file',
  K: 'link with a long target',
};
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const zeros = Buffer.alloc(64 * 1024);

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length);
    if (zeros.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}

function textOf(bytes: Uint8Array): string {
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw badTarball('The name of an entry is not UTF-8.', error);
  }
}

function textField(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  if (end < 0) return textOf(field);
  if (!isZero(field.subarray(end))) throw badTarball('The name of an entry has a NUL in it.');
  return textOf(field.subarray(0, end));
}

/** Octal digits, as every writer in use writes what is smaller than 8 GB. */
function numberField(header: Uint8Array, at: number, length: number): number {
  const text = Buffer.from(header.buffer, header.byteOffset + at, length).toString('latin1');
  const digits = /^ *([0-7]*)[ \0]*$/.exec(text)?.[1];
  if (digits === undefined) throw badTarball('A header has a number that is none, or is far too big.');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function refuseDamaged(header: Uint8Array): void {
  let sum = 8 * 32;
  for (let at = 0; at < block; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  if (numberField(header, 148, 8) !== sum) throw badTarball('It is no tar archive, or it is damaged.');
}

const paddingOf = (size: number) => (block - (size % block)) % block;

/** `<length> <key>=<value>\n`, one after the other; the length counts itself. */
function paxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = Number(Buffer.from(bytes.subarray(at, Math.max(at, space))).toString('latin1'));
    const end = at + length;
    const equals = bytes.indexOf(61, space);
    const sound = length > 0 && space > at && equals > space && equals < end && bytes[end - 1] === 10;
    if (!sound || end > bytes.length) throw badTarball('A pax header cannot be read.');
    const key = textOf(bytes.subarray(space + 1, equals));
    if (records.has(key)) throw badTarball(`A pax header says ${key} twice.`);
    if (/^(?:GNU\.sparse|linkpath$)/.test(key)) throw badTarball(`A pax header says ${key}.`);
    records.set(key, textOf(bytes.subarray(equals + 1, end - 1)));
    at = end;
  }
  return records;
}

/** What the headers before an entry say about it. */
interface Said {
  path?: string;
  size?: string;
}

function saidBy(of: string, bytes: Uint8Array): Said {
  if (of === 'L') {
    const end = bytes.indexOf(0);
    return { path: textOf(end < 0 ? bytes : bytes.subarray(0, end)) };
  }
  const records = paxRecords(bytes);
  const path = records.get('path');
  const size = records.get('size');
  if (of === 'g' && (path !== undefined || size !== undefined)) {
    throw badTarball('A pax header speaks for all entries.');
  }
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size }) };
}

function entryOf(header: Uint8Array, type: string, said: Said): TarEntry {
  const size = numberField(header, 124, 12);
  if (said.size !== undefined && said.size !== String(size)) {
    throw badTarball('Two headers give one entry different sizes.');
  }
  const isUstar = Buffer.from(header.buffer, header.byteOffset + 257, 6).toString('latin1') === 'ustar\0';
  const prefix = isUstar ? textField(header, 345, 155) : '';
  const short = textField(header, 0, 100);
  const name = said.path ?? (prefix === '' ? short : `${prefix}/${short}`);
  const isFolder = type === '5' || (type === '\0' && name.endsWith('/'));
  if (!isFolder && type !== '0' && type !== '\0' && type !== '7') {
    const what = typeNames[type] ?? 'thing of an unknown kind';
    throw badTarball(`"${name}" is a ${what}; only files and folders may be inside.`);
  }
  if (isFolder && size !== 0) throw badTarball(`"${name}" is a folder with content.`);
  const executable = (numberField(header, 100, 8) & 0o100) !== 0;
  return { name, is: isFolder ? 'folder' : 'file', executable, size };
}

/** Collects chunks into whole blocks. */
function headerCollector() {
  const header = Buffer.alloc(block);
  let filled = 0;
  return {
    started: () => filled > 0,
    /** @returns how many bytes were taken, and the header when it is whole */
    take(chunk: Uint8Array, at: number): { taken: number; header?: Buffer } {
      const taken = Math.min(block - filled, chunk.length - at);
      header.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      if (filled < block) return { taken };
      filled = 0;
      return { taken, header };
    },
  };
}

export function tarScan(listener: TarListener): TarScan {
  const collector = headerCollector();
  let state: State = { is: 'header' };
  let said: Said | undefined;
  let zeroBlocks = 0;

  const onHeader = (header: Buffer): void => {
    if (isZero(header)) {
      if (said !== undefined) throw badTarball('An entry is missing behind its pax header.');
      if (++zeroBlocks === 2) state = { is: 'ended' };
      return;
    }
    if (zeroBlocks > 0) throw badTarball('There is something behind the end of the archive.');
    refuseDamaged(header);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x' || type === 'g' || type === 'L') {
      const left = numberField(header, 124, 12);
      if (left > largestExtension) throw badTarball('A pax header or a long name is far too long.');
      state = { is: 'extension', of: type, left, padding: paddingOf(left), chunks: [] };
      if (left === 0) endExtension(state);
      return;
    }
    const entry = entryOf(header, type, said ?? {});
    said = undefined;
    listener.entry(entry);
    if (entry.size > 0) state = { is: 'content', left: entry.size, padding: paddingOf(entry.size) };
    else listener.whole();
  };
  const endExtension = ({ of, chunks }: Extract<State, { is: 'extension' }>): void => {
    const found = saidBy(of, Buffer.concat(chunks));
    if (of !== 'g') {
      if (said !== undefined) throw badTarball('Two headers speak about one entry.');
      said = found;
    }
    state = { is: 'header' };
  };
  /** @returns how many bytes of `chunk` it has used */
  const step = (chunk: Uint8Array, at: number): number => {
    if (state.is === 'header') {
      const { taken, header } = collector.take(chunk, at);
      if (header !== undefined) onHeader(header);
      return taken;
    }
    if (state.is === 'ended') {
      if (!isZero(chunk.subarray(at))) {
        throw badTarball('There is something behind the end of the archive.');
      }
      return chunk.length - at;
    }
    const used = Math.min(state.left > 0 ? state.left : state.padding, chunk.length - at);
    if (state.left > 0) {
      const part = chunk.subarray(at, at + used);
      state.left -= used;
      if (state.is === 'content') listener.data(part);
      else state.chunks.push(Buffer.from(part));
      if (state.left === 0 && state.is === 'content') listener.whole();
    } else state.padding -= used;
    if (state.left > 0 || state.padding > 0) return used;
    if (state.is === 'extension') endExtension(state);
    else state = { is: 'header' };
    return used;
  };

  return {
    feed(chunk) {
      for (let at = 0; at < chunk.length;) at += step(chunk, at);
    },
    end() {
      const between = state.is === 'ended' || (state.is === 'header' && !collector.started());
      if (!between || said !== undefined) throw badTarball('It is cut short.');
    },
  };
}
