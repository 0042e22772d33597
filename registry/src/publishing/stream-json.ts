/**
 * Cuts big base64 strings out of a JSON text while it arrives, so that neither they nor the whole text is ever
 * in memory at once. What is left is ordinary JSON, with a label where each string was.
 *
 * Pure: bytes in, pieces out. It does not judge the JSON: `JSON.parse` of what is left does. It only knows
 * where strings, lists and objects begin and end, and counts how deep they go and how much is left.
 */
import { piplError, type PiplError } from '@pipl/packl';

/** Keys of objects, and `*` for each place in a list, from the outside in. */
export type Path = readonly string[];

export type Piece =
  /** a string that is cut begins */
  | { readonly is: 'begin' }
  /** its next bytes, decoded */
  | { readonly is: 'bytes'; readonly bytes: Buffer }
  | { readonly is: 'end' };

export interface JsonCutter {
  /** @throws PIPL_BODY PIPL_TOO_BIG */
  feed(chunk: Buffer): Piece[];
  /** The text without what was cut. */
  rest(): string;
}

export interface CutterOptions {
  readonly isCut: (path: Path) => boolean;
  /** how long the paths are that may be cut */
  readonly cutDepth: number;
  /** the text that stands for the string with this number; must need no escape in JSON */
  readonly label: (at: number) => string;
  /** bytes */
  readonly mostRest: number;
  readonly deepest: number;
}

interface Frame {
  readonly is: 'object' | 'array';
  key: string;
  expects: 'key' | 'value';
}

/** Documents of npm are about six deep; what is deeper only wants to exhaust a stack. */
export const deepestJson = 64;

const quote = 0x22;
const backslash = 0x5c;
/** Longer ones are no keys that anybody asks for. */
const longestKey = 1024;

const refused = (why: string): PiplError =>
  piplError('usage', 'PIPL_BODY', {
    what: 'The body of the request cannot be read.',
    why,
    hint: 'Send JSON.',
  });

export const tooBig = (why: string): PiplError =>
  piplError('invalid', 'PIPL_TOO_BIG', {
    what: 'The request is too big.',
    why,
    hint: 'Big files belong into the asset store: `pipl asset add`.',
  });

export const tooDeep = (deepest: number): PiplError =>
  refused(`Its lists and objects are more than ${deepest} deep.`);

/** Decodes base64 that comes in pieces of any length. */
function decoder() {
  let left = '';
  const decode = (text: string): Buffer => {
    const bytes = Buffer.from(text, 'base64');
    // The decoder skips what it does not know; then fewer bytes come out than there should.
    if (bytes.length !== Math.floor((text.length * 3) / 4)) throw refused('A tarball in it is no base64.');
    return bytes;
  };
  return {
    piece(chunk: Buffer): Buffer {
      // `/` may be written `\/`; any other escape leaves bytes that do not match their integrity.
      const text = left + chunk.toString('latin1').replaceAll('\\', '');
      // The last four may end in padding: they wait for the end of the string.
      const whole = Math.max(text.length - (text.length % 4) - 4, 0);
      left = text.slice(whole);
      return decode(text.slice(0, whole));
    },
    last: () => decode(left.replace(/={1,2}$/, '')),
  };
}

/** Bytes one after the other, in one buffer that grows: the pieces are too small to be objects of their own. */
function growing(most: number) {
  let kept = Buffer.allocUnsafe(2 * 1024);
  let length = 0;
  return {
    add(part: Buffer): void {
      if (length + part.length > most) throw tooBig(`It has more than ${most} bytes beside its tarballs.`);
      if (length + part.length > kept.length) {
        const bigger = Buffer.allocUnsafe(Math.max(kept.length * 2, length + part.length));
        kept.copy(bigger, 0, 0, length);
        kept = bigger;
      }
      length += part.copy(kept, length);
    },
    text: () => kept.toString('utf8', 0, length),
  };
}

/** Where in the document the next value stands. */
function position(deepest: number) {
  const frames: Frame[] = [];
  return {
    /** Of anything outside of strings. */
    see(byte: number): void {
      if (byte === 0x7b || byte === 0x5b) {
        const is = byte === 0x7b ? 'object' : 'array';
        frames.push({ is, key: '', expects: is === 'object' ? 'key' : 'value' });
        if (frames.length > deepest) throw tooDeep(deepest);
        return;
      }
      const frame = frames.at(-1);
      if (byte === 0x7d || byte === 0x5d) frames.pop();
      else if (byte === 0x3a && frame !== undefined) frame.expects = 'value';
      else if (byte === 0x2c && frame?.is === 'object') frame.expects = 'key';
    },
    expectsKey: () => frames.at(-1)?.expects === 'key',
    depth: () => frames.length,
    path: () => frames.map((frame) => (frame.is === 'array' ? '*' : frame.key)),
    key(raw: Buffer): void {
      const frame = frames.at(-1);
      if (frame === undefined) return;
      try {
        if (raw.length > longestKey) frame.key = '';
        else
          frame.key = raw.includes(backslash)
            ? (JSON.parse(`"${raw.toString()}"`) as string)
            : raw.toString();
      } catch {
        throw refused('A key in it cannot be read.');
      }
    },
  };
}

export function jsonCutter({ isCut, cutDepth, label, mostRest, deepest }: CutterOptions): JsonCutter {
  const rest = growing(mostRest);
  const at = position(deepest);
  let state: 'plain' | 'string' | 'key' | 'cut' = 'plain';
  let isEscaped = false;
  const key: Buffer[] = [];
  let base64 = decoder();
  let cuts = 0;
  /** Up to where the bytes of this chunk are in `rest`, or do not belong there. */
  let kept = 0;

  /** Each of these takes from `from` what belongs to its state, and returns where it stopped. */
  const plain = (chunk: Buffer, from: number, pieces: Piece[]): number => {
    const end = chunk.indexOf(quote, from);
    const stop = end < 0 ? chunk.length : end;
    for (let i = from; i < stop; i++) at.see(chunk[i] ?? 0);
    if (end < 0) return stop;
    if (at.expectsKey()) state = 'key';
    else state = at.depth() === cutDepth && isCut(at.path()) ? 'cut' : 'string';
    if (state === 'cut') {
      rest.add(chunk.subarray(kept, end));
      rest.add(Buffer.from(`"${label(cuts++)}"`));
      base64 = decoder();
      pieces.push({ is: 'begin' });
    }
    return end + 1;
  };
  const string = (chunk: Buffer, from: number): number => {
    let end = from;
    for (; end < chunk.length; end++) {
      const byte = chunk[end];
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) break;
    }
    const isWhole = end < chunk.length;
    // Copied: the chunk is used again by whoever reads the socket.
    if (state === 'key') key.push(Buffer.from(chunk.subarray(from, end)));
    if (!isWhole) return end;
    if (state === 'key') at.key(Buffer.concat(key.splice(0)));
    state = 'plain';
    return end + 1;
  };
  const cut = (chunk: Buffer, from: number, pieces: Piece[]): number => {
    const end = chunk.indexOf(quote, from);
    const bytes = base64.piece(chunk.subarray(from, end < 0 ? chunk.length : end));
    if (bytes.length > 0) pieces.push({ is: 'bytes', bytes });
    if (end < 0) return chunk.length;
    const last = base64.last();
    if (last.length > 0) pieces.push({ is: 'bytes', bytes: last });
    pieces.push({ is: 'end' });
    state = 'plain';
    kept = end + 1;
    return end + 1;
  };

  return {
    feed(chunk) {
      const pieces: Piece[] = [];
      kept = 0;
      for (let from = 0; from < chunk.length;) {
        if (state === 'plain') from = plain(chunk, from, pieces);
        else if (state === 'cut') from = cut(chunk, from, pieces);
        else from = string(chunk, from);
      }
      if (state !== 'cut') rest.add(chunk.subarray(kept));
      return pieces;
    },
    rest: rest.text,
  };
}

/** How deep lists and objects go in a JSON text; strings are passed over. */
export function refuseDeep(text: string, deepest = deepestJson): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) {
        if (text.charCodeAt(at) === backslash) at++;
      }
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > deepest) throw tooDeep(deepest);
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}
