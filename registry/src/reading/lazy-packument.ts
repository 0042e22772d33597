/**
 * A document of an upstream, which may have fifty megabytes: kept as the bytes that came, cut into its versions.
 * A version is parsed when somebody looks at it, and forgotten again: as objects the whole would take four times
 * the space.
 */
import { deepestJson, tooDeep } from '../publishing/stream-json.ts';
import type { Packument } from './packument.ts';

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const space = new Set([0x20, 0x09, 0x0a, 0x0d]);

interface Member {
  readonly key: string;
  /** of its value */
  readonly from: number;
  readonly to: number;
}

const broken = (why: string) => new SyntaxError(`The document is no JSON: ${why}.`);

/** Behind the string that begins at `at`. */
function behindString(bytes: Buffer, at: number): number {
  for (let to = bytes.indexOf(quote, at + 1); to >= 0; to = bytes.indexOf(quote, to + 1)) {
    let escapes = 0;
    while (bytes[to - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return to + 1;
  }
  throw broken('a text has no end');
}

/** Behind the value that begins at `at`. @throws PIPL_TOO_DEEP SyntaxError */
function behindValue(bytes: Buffer, at: number, above: number): number {
  let depth = 0;
  for (let to = at; to < bytes.length; to += 1) {
    const byte = bytes[to];
    if (byte === quote) to = behindString(bytes, to) - 1;
    else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      if (depth + above > deepestJson) throw tooDeep(deepestJson);
    } else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) return to;
      depth -= 1;
    } else if (byte === comma && depth === 0) return to;
  }
  throw broken('it ends in the middle');
}

const skipSpace = (bytes: Buffer, at: number): number => {
  let to = at;
  while (space.has(bytes[to] ?? -1)) to += 1;
  return to;
};

/** The members of the object that begins at `at`, without looking into their values. @throws like {@link behindValue} */
function membersOf(bytes: Buffer, begin: number, above: number): Member[] {
  const members: Member[] = [];
  let at = skipSpace(bytes, begin);
  if (bytes[at] !== openBrace) throw broken('there is no object where one should be');
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === closeBrace) return members;
  for (;;) {
    if (bytes[at] !== quote) throw broken('a name is missing');
    const end = behindString(bytes, at);
    const key = JSON.parse(bytes.toString('utf8', at, end)) as string;
    at = skipSpace(bytes, end);
    if (bytes[at] !== 0x3a) throw broken('a colon is missing');
    const from = at + 1;
    const to = behindValue(bytes, from, above);
    members.push({ key, from, to });
    if (bytes[to] === closeBrace) return members;
    if (bytes[to] !== comma) throw broken('a comma is missing');
    at = skipSpace(bytes, to + 1);
  }
}

/**
 * @param bytes kept as long as the document; nobody changes them
 * @throws SyntaxError PIPL_TOO_DEEP
 */
export function lazyPackument(bytes: Buffer): Packument {
  const parse = ({ from, to }: Member): unknown => JSON.parse(bytes.toString('utf8', from, to));
  const document: Record<string, unknown> = { name: '', 'dist-tags': {} };
  const versions = Object.create(null) as Packument['versions'];
  const set = (into: object, key: string, how: PropertyDescriptor) =>
    Object.defineProperty(into, key, { ...how, enumerable: true, configurable: true });
  for (const member of membersOf(bytes, 0, 1)) {
    if (member.key !== 'versions') {
      set(document, member.key, { value: parse(member) });
      continue;
    }
    for (const version of membersOf(bytes, member.from, 2))
      set(versions, version.key, { get: () => parse(version) });
  }
  set(document, 'versions', { value: versions });
  return document as unknown as Packument;
}

/** Looks into every version once. @throws SyntaxError */
export function proveWhole({ versions }: Packument): void {
  for (const key of Object.keys(versions)) void versions[key];
}
