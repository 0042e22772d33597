/**
 * Packls that a run reads but does not install: tasks and products, unpacked once on a machine, by integrity.
 *
 * A folder under its integrity is complete: it is unpacked aside and renamed into place.
 */
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest, piplError, type IndexName, type Manifest, type Pin } from '@pipl/packl';
import { unpackTarball, type RegistryClient } from '@pipl/registry-client';
import { withPatience } from './patience.ts';

export interface PacklSource {
  readonly client: Pick<RegistryClient, 'tarball'>;
  readonly index: IndexName;
  /** folder of unpacked packls */
  readonly cache: string;
  readonly signal: AbortSignal;
}

export interface UnpackedPackl {
  readonly dir: string;
  readonly manifest: Manifest;
}

const fetching = new Map<string, Promise<string>>();

/** A product is read by several runs; what stands under an integrity never changes. By folder, oldest first. */
const read = new Map<string, UnpackedPackl>();
const mostRead = 1_000;

/** @throws PIPL_INTEGRITY, PIPL_TARBALL, PIPL_MANIFEST; PIPL_SERVER_UNREACHABLE when the registry stayed away */
export async function fetchPackl(pin: Pin, source: PacklSource): Promise<UnpackedPackl> {
  const dir = join(source.cache, folderOf(pin));
  const isThere = await exists(dir);
  const known = read.get(dir);
  if (isThere && known !== undefined) return known;
  if (!isThere) await fetchOnce(pin, { ...source, dir });
  const text = await readFile(join(dir, 'package.json'), 'utf8');
  const manifest = parseManifest(JSON.parse(text), `package.json of ${pin.name}@${pin.version}`);
  if (read.size >= mostRead) read.delete(read.keys().next().value!);
  read.set(dir, { dir, manifest });
  return { dir, manifest };
}

/** What this machine has made itself need not be fetched by the next run that reads it. */
export async function keepPackl(
  { name, version, integrity }: Pin,
  { tarball, cache }: { readonly tarball: Uint8Array; readonly cache: string },
): Promise<void> {
  const dir = join(cache, folderOf({ name, version, integrity }));
  if (!(await exists(dir))) await unpackInto(dir, { tarball, cache });
}

function fetchOnce(pin: Pin, source: PacklSource & { dir: string }): Promise<string> {
  const known = fetching.get(source.dir);
  if (known !== undefined) return known;
  const work = withPatience(() => fetchNow(pin, source), source).finally(() => fetching.delete(source.dir));
  fetching.set(source.dir, work);
  return work;
}

async function fetchNow(
  { name, version, integrity }: Pin,
  { client, index, cache, dir }: PacklSource & { dir: string },
): Promise<string> {
  const tarball = await client.tarball(index, name, version, { integrity });
  return unpackInto(dir, { tarball, cache });
}

async function unpackInto(
  dir: string,
  { tarball, cache }: { readonly tarball: Uint8Array; readonly cache: string },
): Promise<string> {
  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(join(cache, '.new-'));
  try {
    await unpackTarball(tarball, aside);
    await rename(aside, dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return dir;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function folderOf({ name, version, integrity }: Pin): string {
  const digest = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity)?.[1];
  if (digest !== undefined) return Buffer.from(digest, 'base64').toString('hex');
  throw piplError('invalid', 'PIPL_TICKET', {
    what: `The ticket pins ${name}@${version} with no sha512 integrity.`,
    why: `It says "${integrity}".`,
    hint: 'Integrities are those of the registry’s rows.',
  });
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
