/**
 * One answer to a read, as bytes: made once, with its ETag; its compressed forms when somebody has asked often
 * enough that making them pays.
 */
import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Head, Version } from './kept-document.ts';
import { tarballFile, type Packument } from './packument.ts';

export type Encoding = 'br' | 'gzip';

export interface Document {
  readonly body: Buffer;
  readonly etag: string;
  readonly type: string;
  readonly encoded: Map<Encoding, Buffer>;
  asked: number;
  readonly bytes: number;
}

export type DocumentForm =
  | { readonly is: 'full' | 'short' }
  | { readonly is: 'version'; readonly of: string };

/** Of an answer of that form. */
export const typeOf = ({ is }: DocumentForm): string => (is === 'short' ? shortType : jsonType);

const jsonType = 'application/json; charset=utf-8';
const shortType = 'application/vnd.npm.install-v1+json; charset=utf-8';

/** What an installation needs of a version. */
const shortFields = [
  'name',
  'version',
  'description',
  'deprecated',
  'bin',
  'dist',
  'engines',
  'cpu',
  'os',
  'libc',
  'funding',
  'directories',
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'optionalDependencies',
  'bundleDependencies',
  'bundledDependencies',
  '_hasShrinkwrap',
  'hasInstallScript',
] as const;

const runsAtInstall = ({ scripts }: Version) => {
  const all = (scripts ?? {}) as Version;
  return [all['preinstall'], all['install'], all['postinstall']].some((script) => typeof script === 'string');
};

function shortVersion(version: Version): Version {
  const short: Record<string, unknown> = {};
  for (const field of shortFields) if (version[field] !== undefined) short[field] = version[field];
  if (runsAtInstall(version)) short['hasInstallScript'] = true;
  return short;
}

/** Clients fetch tarballs where the document says: from us, whatever upstream's document said. */
export function atHome(name: string, version: Version, base: string): Version {
  const dist = (version['dist'] ?? {}) as Version;
  const given = typeof dist['tarball'] === 'string' ? dist['tarball'].split(/[?#]/)[0] : undefined;
  const file = given?.slice(given.lastIndexOf('/') + 1) ?? tarballFile(name, String(version['version']));
  return { ...version, dist: { ...dist, tarball: `${base}${name}/-/${file}` } };
}

/** Characters that are turned into bytes together. */
const piece = 64 * 1024;

/** Text into bytes, little by little: one long text and its bytes would both be there. */
function bytesOf(texts: Iterable<string>): Buffer {
  const chunks: Buffer[] = [];
  let waiting = '';
  for (const text of texts) {
    waiting += text;
    if (waiting.length < piece) continue;
    chunks.push(Buffer.from(waiting));
    waiting = '';
  }
  const last = Buffer.from(waiting);
  return chunks.length === 0 ? last : Buffer.concat([...chunks, last]);
}

/** What stands in a document beside its versions. */
export function surroundingsOf(head: Head, form: 'full' | 'short'): object {
  if (form === 'full') return head;
  const { name, 'dist-tags': tags } = head;
  const time = head['time'] as { modified?: unknown } | undefined;
  const modified = head['modified'] ?? time?.modified;
  return {
    name,
    'dist-tags': tags,
    ...(modified === undefined ? {} : { modified }),
    ...(time === undefined ? {} : { time }),
  };
}

/** A member of `versions`. */
export function versionText(
  number: string,
  version: Version,
  { name, form, base }: { name: string; form: 'full' | 'short'; base: string },
): string {
  const here = atHome(name, version, base);
  return `${JSON.stringify(number)}:${JSON.stringify(form === 'short' ? shortVersion(here) : here)}`;
}

/** One version at a time. */
function* textsOf(packument: Packument, form: 'full' | 'short', base: string): Generator<string> {
  const { versions, ...head } = packument;
  yield `${JSON.stringify(surroundingsOf(head, form)).slice(0, -1)},"versions":{`;
  const { name } = packument;
  let comma = '';
  for (const [number, version] of Object.entries(versions)) {
    yield comma + versionText(number, version, { name, form, base });
    comma = ',';
  }
  yield '}}';
}

/** @returns undefined when the packument has no such version */
function contentOf(packument: Packument, form: DocumentForm, base: string): Buffer | undefined {
  if (form.is !== 'version') return bytesOf(textsOf(packument, form.is, base));
  const { name, versions, 'dist-tags': tags } = packument;
  const version = versions[form.of] ?? versions[tags[form.of] ?? ''];
  return version === undefined ? undefined : Buffer.from(JSON.stringify(atHome(name, version, base)));
}

/**
 * @param base where the index stands, with a slash at the end
 * @returns undefined when the packument has no such version
 */
export function documentOf(
  packument: Packument,
  { form, base }: { form: DocumentForm; base: string },
): Document | undefined {
  const body = contentOf(packument, form, base);
  if (body === undefined) return undefined;
  return {
    body,
    // Weak: the compressed forms have the same.
    etag: `W/"${hash('sha1', body, 'base64url')}"`,
    type: typeOf(form),
    encoded: new Map(),
    asked: 0,
    get bytes() {
      let bytes = body.length;
      for (const one of this.encoded.values()) bytes += one.length;
      return bytes;
    },
  };
}

const compressors: Record<Encoding, (body: Buffer) => Promise<Buffer>> = {
  br: (body) =>
    promisify(brotliCompress)(body, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
    }),
  gzip: (body) => promisify(gzip)(body, { level: 6 }),
};

/** Bytes. Smaller ones fit into one packet anyway. */
const worthIt = 1400;
/** Bytes from which the first asker waits for it. */
const bigEnough = 64 * 1024;

/**
 * The form to send, compressed when it is ready or worth waiting for. Whoever asks first for a small one gets
 * it plain: most are asked for once, and compressing takes longer than sending.
 */
export async function encodedForm(
  document: Document,
  encoding: Encoding | undefined,
): Promise<{ body: Buffer; encoding?: Encoding }> {
  const { body, encoded } = document;
  document.asked += 1;
  if (encoding === undefined || body.length < worthIt) return { body };
  const ready = encoded.get(encoding);
  if (ready !== undefined) return { body: ready, encoding };
  if (document.asked < 2 && body.length < bigEnough) return { body };
  const made = await compressors[encoding](body);
  encoded.set(encoding, made);
  return { body: made, encoding };
}

const refusedBy = (header: string, name: Encoding) =>
  new RegExp(`\\b${name}\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$)`).test(header);

/** The best form that an `Accept-Encoding` takes. */
export function encodingFor(header: string | undefined): Encoding | undefined {
  if (header === undefined) return undefined;
  return (['br', 'gzip'] as const).find((name) => header.includes(name) && !refusedBy(header, name));
}

export const gzipTaken = (header: string | undefined): boolean =>
  header?.includes('gzip') === true && !refusedBy(header, 'gzip');
