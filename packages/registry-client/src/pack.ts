/**
 * Packs files into an npm tarball: the same files give the same bytes, on every machine and at any time.
 */
import { constants, gzip, gzipSync } from 'node:zlib';
import { promisify } from 'node:util';
import { badTarball } from './bad-tarball.ts';
import { integrityOf, shasumOf } from './integrity.ts';

export type PackedFile =
  | Uint8Array
  | { readonly data: Uint8Array; /** only whether somebody may execute it counts */ readonly mode: number };

export interface PackedTarball {
  readonly tarball: Uint8Array;
  /** `sha512-…` */
  readonly integrity: string;
  /** hex sha1 */
  readonly shasum: string;
}

/** Noon of 26 October 1985, UTC: what npm writes too. Zero makes some tars complain. */
const fixedTime = new Date(499_162_500_000);
/** Byte 9 of a gzip header names the operating system that packed; 255 is "unknown". */
const operatingSystemByte = 9;

/** Bytes that are packed sooner than another thread could be told to. */
const little = 64 * 1024;
const how = { level: constants.Z_DEFAULT_COMPRESSION };
const zipped = (bytes: Buffer): Buffer | Promise<Buffer> =>
  bytes.length <= little ? gzipSync(bytes, how) : promisify(gzip)(bytes, how);

const compareCodePoints = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * @param files relative path with `/` → content
 * @throws PIPL_TARBALL for a path that leaves the packl
 */
export async function packTarball(files: ReadonlyMap<string, PackedFile>): Promise<PackedTarball> {
  const { pack } = (await import('tar-stream')).default;
  const archive = pack();
  for (const [path, file] of [...files].toSorted(([a], [b]) => compareCodePoints(a, b))) {
    if (path === '' || path.split(/[/\\]/).some((part) => part === '' || part === '.' || part === '..')) {
      throw badTarball(`"${path}" is not a path inside the packl.`);
    }
    const { data, mode } = file instanceof Uint8Array ? { data: file, mode: 0o644 } : file;
    archive.entry(
      {
        name: `package/${path}`,
        mode: (mode & 0o111) === 0 ? 0o644 : 0o755,
        mtime: fixedTime,
        uid: 0,
        gid: 0,
      },
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    );
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  const tarball = await zipped(Buffer.concat(chunks));
  tarball[operatingSystemByte] = 255;
  return { tarball, integrity: integrityOf(tarball), shasum: shasumOf(tarball) };
}
