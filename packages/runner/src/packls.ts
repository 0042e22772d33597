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

/** @throws PIPL_INTEGRITY, PIPL_TARBALL, PIPL_MANIFEST; PIPL_SERVER_UNREACHABLE when the registry stayed away */
export async function fetchPackl(pin: Pin, source: PacklSource): Promise<UnpackedPackl> {
  const dir = join(source.cache, folderOf(pin));
  if (!(await exists(dir))) await fetchOnce(pin, { ...source, dir });
  const text = await readFile(join(dir, 'package.json'), 'utf8');
  return { dir, manifest: parseManifest(JSON.parse(text), `package.json of ${pin.name}@${pin.version}`) };
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
