/**
 * Cuts a document of an upstream into its members and its versions while it arrives: such a document may have
 * a hundred megabytes, and nobody needs more than one version of it at a time.
 *
 * It finds where members begin and end and counts how deep they go; whether each is JSON, `JSON.parse` says.
 */
import { deepestJson, tooDeep } from '../publishing/stream-json.ts';

export interface Piece {
  /** `version`: a member of `versions`; `member`: any other of the document */
  readonly is: 'member' | 'version';
  readonly key: string;
  /** its JSON, on one line */
  readonly text: string;
}

export interface PackumentCutter {
  /** The pieces that end in this chunk. @throws SyntaxError PIPL_TOO_DEEP */
  feed(chunk: Uint8Array): Piece[];
  /** @throws SyntaxError when the document is not at its end */
  end(): void;
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Bytes of one member or version: a readme, the times of all versions. */
const longestPiece = 8 * 1024 * 1024;

const broken = (why: string) => new SyntaxError(`The document is no JSON: ${why}.`);

const beforeColon = /^\s*("(?:[^"\\]|\\.)*")\s*:/;
const versionsBegin = /^\s*"versions"\s*:\s*$/;

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stood between two commas. @throws SyntaxError */
function pieceIn(is: Piece['is'], member: string): Piece & { readonly value: unknown } {
  const [begin = '', name] = beforeColon.exec(member) ?? [];
  if (name === undefined) throw broken('a name is missing');
  const key = JSON.parse(name) as string;
  const text = member.slice(begin.length).trim();
  const value: unknown = JSON.parse(text);
  if (is === 'version' && !isObject(value)) throw broken(`version ${key.slice(0, 100)} is no object`);
  return { is, key, text: text.includes('\n') ? JSON.stringify(value) : text, value };
}

/** `versions` is spelled in a way that was not noticed when it began: it is small, or it would be too long a piece. */
function versionsIn(value: unknown): Piece[] {
  if (!isObject(value)) throw broken('its versions are no object');
  return Object.entries(value).map(([key, version]) => {
    if (!isObject(version)) throw broken(`version ${key.slice(0, 100)} is no object`);
    return { is: 'version', key, text: JSON.stringify(version) };
  });
}

/** The bytes of the piece that is not over yet. */
function collector() {
  let parts: Buffer[] = [];
  let length = 0;
  return {
    add(part: Buffer): void {
      length += part.length;
      if (length > longestPiece) throw broken(`a part of it has more than ${longestPiece} bytes`);
      // Copied: whoever reads the socket may use the chunk again.
      parts.push(Buffer.from(part));
    },
    take(last: Buffer): string {
      const all = parts.length === 0 ? last : Buffer.concat([...parts, last]);
      parts = [];
      length = 0;
      return all.toString();
    },
  };
}

export function packumentCutter(): PackumentCutter {
  /** `gap`: behind `versions`, where only the end of its member may come */
  let where: 'before' | 'document' | 'versions' | 'gap' | 'done' = 'before';
  let depth = 0;
  let isString = false;
  let isEscaped = false;
  /** nothing came yet of the object whose members are cut: it may be empty */
  let isFirst = true;
  const rest = collector();

  /** Depth at which commas separate pieces. */
  const level = () => (where === 'versions' ? 2 : 1);

  const finish = (last: Buffer, isEnd: boolean): Piece[] => {
    const member = rest.take(last);
    const mayBeEmpty = where === 'gap' || (isFirst && isEnd);
    isFirst = false;
    if (mayBeEmpty && member.trim() === '') return [];
    if (where === 'gap') throw broken('a comma is missing');
    const { value, ...piece } = pieceIn(where === 'versions' ? 'version' : 'member', member);
    return piece.is === 'member' && piece.key === 'versions' ? versionsIn(value) : [piece];
  };

  /** What opens at `at`, which nothing of `piece` is yet. @returns whether a new piece begins behind it */
  const opens = (byte: number, piece: () => Buffer): boolean => {
    depth += 1;
    if (depth > deepestJson) throw tooDeep(deepestJson);
    if (where === 'before' || where === 'done') {
      if (byte !== openBrace || where === 'done' || rest.take(piece()).trim() !== '')
        throw broken('there is no object where one should be');
      where = 'document';
      return true;
    }
    if (where === 'gap') throw broken('a comma is missing');
    if (where !== 'document' || depth !== 2 || byte !== openBrace) return false;
    const before = rest.take(piece());
    if (versionsBegin.test(before)) {
      where = 'versions';
      isFirst = true;
      return true;
    }
    rest.add(Buffer.from(before));
    rest.add(Buffer.from('{'));
    return true;
  };

  const feed = (given: Uint8Array): Piece[] => {
    const chunk = Buffer.from(given.buffer, given.byteOffset, given.length);
    const pieces: Piece[] = [];
    let begin = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (isString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) isString = false;
      } else if (byte === quote) isString = true;
      else if (byte === openBrace || byte === openBracket) {
        const here = begin;
        if (opens(byte, () => chunk.subarray(here, at))) begin = at + 1;
      } else if (byte === closeBrace || byte === closeBracket) {
        if (depth === level()) {
          if (byte !== closeBrace) throw broken('a bracket does not match');
          pieces.push(...finish(chunk.subarray(begin, at), true));
          begin = at + 1;
          where = where === 'versions' ? 'gap' : 'done';
        }
        depth -= 1;
        if (depth < 0) throw broken('there is something behind its end');
      } else if (byte === comma && depth === level()) {
        pieces.push(...finish(chunk.subarray(begin, at), false));
        begin = at + 1;
        if (where === 'gap') where = 'document';
      }
    }
    rest.add(chunk.subarray(begin));
    return pieces;
  };

  return {
    feed,
    end() {
      if (where !== 'done') throw broken('it ends in the middle');
      if (rest.take(Buffer.alloc(0)).trim() !== '') throw broken('there is something behind its end');
    },
  };
}
