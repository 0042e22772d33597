/**
 * Turns the bytes of a process into lines of text. Pure: bytes in, lines out.
 *
 * Promises: memory is bounded by one chunk and one line (64,000 bytes); bytes
 * that are no UTF-8 become `\xNN`; a longer line is handed on in pieces, never cut
 * inside a character; `end` delivers a last line without a newline.
 */

/** Longest line handed on in one piece, in bytes; the reference's limit. */
export const lineLimit = 64_000;

const newline = 0x0a;
const carriageReturn = 0x0d;

export interface OutputLine {
  readonly text: string;
  /** `whole`: a line. `first`, `next`: pieces of a line longer than the limit, in order. */
  readonly part: 'whole' | 'first' | 'next';
}

/** Where, at or before the offset `limit`, these bytes may be cut: secrets must not lie across. */
export type ChooseCut = (bytes: Buffer, limit: number) => number;

export class LineSplitter {
  readonly #chooseCut: ChooseCut;
  #rest: Buffer = Buffer.alloc(0);
  #insideLongLine = false;

  constructor(chooseCut: ChooseCut = (_bytes, limit) => limit) {
    this.#chooseCut = chooseCut;
  }

  /** The lines that `chunk` completes. */
  *push(chunk: Buffer): Generator<OutputLine> {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = rest.lastIndexOf(newline);
    const texts = end === -1 || this.#insideLongLine ? undefined : plainLines(rest.subarray(0, end));
    if (texts) {
      for (const text of texts) yield { text, part: 'whole' };
      rest = rest.subarray(end + 1);
    }
    for (let at = rest.indexOf(newline); at !== -1; at = rest.indexOf(newline)) {
      this.#rest = rest.subarray(0, at);
      rest = rest.subarray(at + 1);
      yield* this.#pieces();
      yield this.#finish();
    }
    this.#rest = rest;
    yield* this.#pieces();
    // A copy: a short rest must not keep its whole chunk alive.
    this.#rest = Buffer.from(this.#rest);
  }

  /** The last line, when it had no newline. */
  *end(): Generator<OutputLine> {
    if (this.#rest.length > 0) yield this.#finish();
  }

  #finish(): OutputLine {
    const line = this.#rest;
    const text = decode(line.at(-1) === carriageReturn ? line.subarray(0, -1) : line);
    const part = this.#insideLongLine ? 'next' : 'whole';
    this.#rest = Buffer.alloc(0);
    this.#insideLongLine = false;
    return { text, part };
  }

  *#pieces(): Generator<OutputLine> {
    while (this.#rest.length > lineLimit) {
      const end = this.#chooseCut(this.#rest, characterBoundary(this.#rest, lineLimit));
      const text = decode(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
      yield { text, part: this.#insideLongLine ? 'next' : 'first' };
      this.#insideLongLine = true;
    }
  }
}

/** All lines at once, many times faster than one by one; undefined if one is long or is not UTF-8. */
function plainLines(bytes: Buffer): string[] | undefined {
  const text = bytes.toString('utf8');
  if (text.includes('\ufffd')) return undefined;
  const lines = text.split('\n');
  // A UTF-16 unit is three bytes at most.
  if (lines.some(({ length }) => length * 3 > lineLimit)) return undefined;
  return text.includes('\r') ? lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) : lines;
}

/** The last offset at or before `limit` where a UTF-8 character begins. */
function characterBoundary(bytes: Buffer, limit: number): number {
  for (let at = limit; at > limit - 4; at -= 1) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  return limit;
}

/** UTF-8 to text; each byte that is not part of a character becomes `\xNN`. */
export function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  let decoded = '';
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    decoded +=
      length === 0
        ? `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`
        : bytes.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return decoded;
}

/** Bytes of the well-formed character at `at`; 0 when there is none. Source: table 3-7 of the Unicode standard. */
function characterLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf5 ? 0 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const [least, most] = secondByte(lead);
  const second = bytes[at + 1]!;
  if (second < least || second > most) return 0;
  for (let next = at + 2; next < at + length; next += 1) {
    if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Neither overlong forms nor surrogates nor beyond the last character. */
function secondByte(lead: number): readonly [least: number, most: number] {
  switch (lead) {
    case 0xe0:
      return [0xa0, 0xbf];
    case 0xed:
      return [0x80, 0x9f];
    case 0xf0:
      return [0x90, 0xbf];
    case 0xf4:
      return [0x80, 0x8f];
    default:
      return [0x80, 0xbf];
  }
}
