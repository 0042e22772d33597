/**
 * Tarballs that nobody may take, written byte by byte: what a library that packs would never write, and what
 * somebody who means harm would.
 */
import { gzipSync } from 'node:zlib';

const block = 512;

interface Raw {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly content?: string | Buffer;
  /** instead of the length of the content: 12 bytes of the header */
  readonly size?: Buffer;
  readonly link?: string;
  readonly prefix?: string;
  readonly checksum?: number;
}

const octal = (value: number, length: number) =>
  Buffer.from(`${value.toString(8).padStart(length - 1, '0')}\0`);

/** One entry of a ustar archive. */
function entry({ name, type = '0', content = '', size, link = '', prefix = '', checksum }: Raw): Buffer {
  const header = Buffer.alloc(block);
  const bytes = Buffer.from(content as string);
  Buffer.from(name as string).copy(header, 0, 0, 100);
  octal(0o644, 8).copy(header, 100);
  octal(0, 8).copy(header, 108);
  octal(0, 8).copy(header, 116);
  (size ?? octal(bytes.length, 12)).copy(header, 124);
  octal(0, 12).copy(header, 136);
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(link, 157, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345, 'latin1');
  const sum = checksum ?? header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, bytes, Buffer.alloc((block - (bytes.length % block)) % block)]);
}

const end = Buffer.alloc(2 * block);

/** A gzipped archive of these entries, with a `package.json` in front. */
export function archiveOf(...entries: readonly (Raw | Buffer)[]): Buffer {
  return gzipSync(
    Buffer.concat([manifest(), ...entries.map((one) => (Buffer.isBuffer(one) ? one : entry(one))), end]),
  );
}

const manifest = (content: string | Buffer = '{"name":"a","version":"1.0.0"}') =>
  entry({ name: 'package/package.json', content });

function pax(records: Readonly<Record<string, string | Buffer>>, type = 'x'): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')]);
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
    return Buffer.concat([Buffer.from(String(length)), rest]);
  });
  return entry({ name: 'PaxHeader/x', type, content: Buffer.concat(lines) });
}

const file = (name: string | Buffer, content = 'x'): Raw => ({ name, content });
const base256 = (...last: number[]) =>
  Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11 - last.length), Buffer.from(last)]);

const zerosPacked = (bytes: number) => gzipSync(Buffer.alloc(bytes), { level: 1 });
/** A gzip whose second member is what the first one hides. */
const twoMembers = () => Buffer.concat([archiveOf(), gzipSync(entry({ name: '../evil', content: 'x' }))]);
const cut = (bytes: Buffer, from: number) => bytes.subarray(0, bytes.length - from);

export interface Refused {
  /** what the refusal says */
  readonly why: RegExp;
  readonly tarball: () => Uint8Array;
}

/** Each is refused with PIPL_TARBALL whoever reads it. */
export const refusedArchives: Readonly<Record<string, Refused>> = {
  'a path that climbs': { why: /climbs/, tarball: () => archiveOf(file('package/../../evil')) },
  'a path that climbs from the start': { why: /climbs/, tarball: () => archiveOf(file('../evil')) },
  'a path that climbs in its prefix': {
    why: /climbs/,
    tarball: () => archiveOf({ ...file('evil'), prefix: 'package/../..' }),
  },
  'an absolute path': { why: /absolute/, tarball: () => archiveOf(file('/tmp/evil')) },
  'a drive': { why: /absolute/, tarball: () => archiveOf(file('c:/evil')) },
  'a backslash': { why: /not allowed/, tarball: () => archiveOf(file('package\\..\\..\\evil')) },
  'a line feed in a name': { why: /not allowed/, tarball: () => archiveOf(file('package/a\nb')) },
  'a NUL in a name': { why: /NUL/, tarball: () => archiveOf(file('package/a\0/../../evil')) },
  'a name that is not UTF-8': {
    why: /UTF-8/,
    tarball: () => archiveOf(file(Buffer.from([...Buffer.from('package/'), 0xff, 0xfe]))),
  },
  'a symlink': { why: /symlink/, tarball: () => archiveOf({ name: 'package/l', type: '2', link: '/etc' }) },
  'a symlink and a file through it': {
    why: /symlink/,
    tarball: () => archiveOf({ name: 'package/l', type: '2', link: '/tmp' }, file('package/l/evil')),
  },
  'a hard link': {
    why: /hard link/,
    tarball: () => archiveOf({ name: 'package/l', type: '1', link: '/etc/passwd' }),
  },
  'a character device': { why: /device/, tarball: () => archiveOf({ name: 'package/d', type: '3' }) },
  'a block device': { why: /device/, tarball: () => archiveOf({ name: 'package/d', type: '4' }) },
  'a pipe': { why: /fifo/, tarball: () => archiveOf({ name: 'package/p', type: '6' }) },
  'an unknown kind of entry': {
    why: /unknown kind/,
    tarball: () => archiveOf({ name: 'package/x', type: 'Z' }),
  },
  'a sparse file': { why: /sparse/, tarball: () => archiveOf({ name: 'package/s', type: 'S' }) },
  'a link with a long target': {
    why: /long target/,
    tarball: () => archiveOf({ name: 'x', type: 'K', content: '/etc' }),
  },
  'a sparse file by pax': {
    why: /GNU\.sparse/,
    tarball: () =>
      archiveOf(pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'package/x' }), file('package/x')),
  },
  'a pax path that climbs': {
    why: /climbs/,
    tarball: () => archiveOf(pax({ path: 'package/../../evil' }), file('package/good')),
  },
  'an absolute pax path': {
    why: /absolute/,
    tarball: () => archiveOf(pax({ path: '/tmp/evil' }), file('package/good')),
  },
  'a NUL in a pax path': {
    why: /not allowed/,
    tarball: () => archiveOf(pax({ path: 'package/a\0b' }), file('package/good')),
  },
  'a pax path of everything': {
    why: /all entries/,
    tarball: () => archiveOf(pax({ path: 'package/x' }, 'g')),
  },
  'a pax link': { why: /linkpath/, tarball: () => archiveOf(pax({ linkpath: '/etc' }), file('package/x')) },
  'a pax size that contradicts': {
    why: /different sizes/,
    tarball: () => archiveOf(pax({ size: '1024' }), file('package/x')),
  },
  'a pax header twice': {
    why: /about one entry/,
    tarball: () => archiveOf(pax({ path: 'package/a' }), pax({ path: 'package/b' }), file('package/x')),
  },
  'a pax header that lies about its length': {
    why: /cannot be read/,
    tarball: () =>
      archiveOf(entry({ name: 'p', type: 'x', content: '999 path=package/x\n' }), file('package/x')),
  },
  'a pax header of a megabyte': {
    why: /far too long/,
    tarball: () => archiveOf(pax({ comment: 'x'.repeat(1_000_000) }), file('package/x')),
  },
  'a pax header without an entry': { why: /missing/, tarball: () => archiveOf(pax({ path: 'package/x' })) },
  'a long name that climbs': {
    why: /climbs/,
    tarball: () =>
      archiveOf(entry({ name: 'x', type: 'L', content: 'package/../../evil\0' }), file('package/x')),
  },
  'a path of two thousand characters': {
    why: /1024 characters/,
    tarball: () => archiveOf(pax({ path: `package/${'a/'.repeat(1000)}b` }), file('package/x')),
  },
  'a part of a path of three hundred characters': {
    why: /255 characters/,
    tarball: () => archiveOf(pax({ path: `package/${'a'.repeat(300)}` }), file('package/x')),
  },
  'a file twice': { why: /twice/, tarball: () => archiveOf(file('package/x'), file('package/x', 'y')) },
  'the manifest twice': {
    why: /twice/,
    tarball: () => archiveOf(file('package/package.json', '{"name":"evil"}')),
  },
  'the manifest twice, by other first folders': {
    why: /twice/,
    tarball: () => archiveOf(file('other/package.json', '{}')),
  },
  'a file twice where case does not count': {
    why: /twice/,
    tarball: () => archiveOf(file('package/x'), file('package/X')),
  },
  'a file twice where accents are written differently': {
    why: /twice/,
    tarball: () => archiveOf(file('package/\u00e9'), file('package/e\u0301')),
  },
  'a file where a folder is': {
    why: /both/,
    tarball: () => archiveOf(file('package/a/b'), file('package/a')),
  },
  'a folder where a file is': {
    why: /both/,
    tarball: () => archiveOf(file('package/a'), { name: 'package/a/', type: '5' }),
  },
  'a folder with content': {
    why: /folder with content/,
    tarball: () => archiveOf({ name: 'package/f/', type: '5', content: 'x' }),
  },
  'a file outside a folder': { why: /not inside a folder/, tarball: () => archiveOf(file('evil')) },
  'a wrong checksum': { why: /damaged/, tarball: () => archiveOf({ ...file('package/x'), checksum: 1 }) },
  'a size that is no number': {
    why: /number/,
    tarball: () => archiveOf({ ...file('package/x'), size: Buffer.from('99999999999\0') }),
  },
  'a size of eight gigabytes': {
    why: /unpacks to more/,
    tarball: () => archiveOf({ ...file('package/x'), size: Buffer.from('77777777777\0') }),
  },
  'a size in base 256': {
    why: /number/,
    tarball: () => archiveOf({ ...file('package/x'), size: base256(1, 0, 0, 0, 0) }),
  },
  'a size below zero': {
    why: /number/,
    tarball: () => archiveOf({ ...file('package/x'), size: Buffer.alloc(12, 0xff) }),
  },
  'an archive that is cut in a file': {
    why: /cut short/,
    tarball: () =>
      gzipSync(Buffer.concat([manifest(), cut(entry(file('package/x', 'x'.repeat(3000))), 2000)])),
  },
  'an archive that is cut in a header': {
    why: /cut short/,
    tarball: () => gzipSync(Buffer.concat([manifest(), cut(entry(file('package/x')), 800)])),
  },
  'a gzip that is cut': { why: /gzipped/, tarball: () => cut(archiveOf(file('package/x')), 9) },
  'a gzip with a wrong sum': {
    why: /gzipped/,
    tarball: () => {
      const bytes = Buffer.from(archiveOf());
      bytes.writeUInt32LE(1, bytes.length - 8);
      return bytes;
    },
  },
  'what is no gzip': { why: /gzipped/, tarball: () => Buffer.from('no tarball at all') },
  'a gzip of something else': { why: /number/, tarball: () => gzipSync('x'.repeat(2000)) },
  'an empty archive': { why: /empty/, tarball: () => gzipSync(end) },
  'something behind the end': {
    why: /behind the end/,
    tarball: () => gzipSync(Buffer.concat([manifest(), end, entry(file('../evil'))])),
  },
  'zeros behind the gzip': {
    why: /behind the end/,
    tarball: () => Buffer.concat([archiveOf(), Buffer.alloc(100)]),
  },
  'a second gzip behind the first': { why: /behind the end/, tarball: twoMembers },
  'a bomb without entries': { why: /unpacks to more than 200 times/, tarball: () => zerosPacked(80_000_000) },
  'a bomb in a file': {
    why: /unpacks to more than 200 times/,
    tarball: () =>
      gzipSync(
        Buffer.concat([manifest(), entry({ name: 'package/x', content: Buffer.alloc(80_000_000) }), end]),
        { level: 1 },
      ),
  },
};

/** Archives that unpack, and are refused by who looks at what is in them before anything is written. */
export const refusedManifests: Readonly<Record<string, Refused>> = {
  'more entries than anybody has': {
    why: /20000 entries/,
    tarball: () =>
      gzipSync(Buffer.concat(Array.from({ length: 20_001 }, (_, at) => entry({ name: `package/${at}` })))),
  },
  'no package.json': {
    why: /no package\.json/,
    tarball: () => gzipSync(Buffer.concat([entry(file('package/a.js')), end])),
  },
  'a package.json that is no JSON': {
    why: /no JSON/,
    tarball: () => gzipSync(Buffer.concat([manifest('{'), end])),
  },
  'a package.json of 50 MB': {
    why: /package\.json has more than/,
    tarball: () => {
      const digits = Buffer.alloc(50_000_000, '0123456789abcdefghijklmnopqrstuvwxyz'.repeat(3));
      return gzipSync(Buffer.concat([manifest(Buffer.concat([Buffer.from('{"a":"'), digits])), end]), {
        level: 1,
      });
    },
  },
  'a package.json that is a hundred thousand deep': {
    why: /deep/,
    tarball: () =>
      gzipSync(
        Buffer.concat([
          manifest(`{"name":"a","version":"1.0.0","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
          end,
        ]),
      ),
  },
};
