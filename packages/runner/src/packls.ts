/**
 * Packls that a run reads but does not install: tasks and products, unpacked once on a machine, by integrity.
 *
 * A folder under its integrity is complete: it is unpacked aside and renamed into place. The files are few and small,
 * so this thread reads and writes them itself: handing each of them to another one takes longer.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  const isThere = existsSync(dir);
  const known = read.get(dir);
  if (isThere && known !== undefined) return known;
  if (!isThere) await fetchOnce(pin, { ...source, dir });
  const text = readFileSync(join(dir, 'package.json'), 'utf8');
  const manifest = parseManifest(JSON.parse(text), `package.json of ${pin.name}@${pin.version}`);
  return remember({ dir, manifest });
}

function remember(packl: UnpackedPackl): UnpackedPackl {
  if (read.size >= mostRead) read.delete(read.keys().next().value!);
  read.set(packl.dir, packl);
  return packl;
}

/** What this machine has made itself need neither be fetched nor read by the next run that uses it. */
export async function keepPackl(pin: Pin, { files, manifest, cache }: KeptPackl): Promise<void> {
  const dir = join(cache, folderOf(pin));
  if (!existsSync(dir)) {
    await complete(dir, cache, (aside) => {
      for (const [path, data] of files) writeFileSync(join(aside, path), data);
    });
  }
  remember({ dir, manifest });
}

export interface KeptPackl {
  /** all that its tarball holds, none of it in a folder */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly manifest: Manifest;
  /** folder of unpacked packls */
  readonly cache: string;
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
  return complete(dir, cache, (aside) => unpackTarball(tarball, aside));
}

/** @param fill writes everything into a folder that is nobody else's */
async function complete(
  dir: string,
  cache: string,
  fill: (aside: string) => Promise<void> | void,
): Promise<string> {
  mkdirSync(cache, { recursive: true });
  const aside = mkdtempSync(join(cache, '.new-'));
  try {
    await fill(aside);
    renameSync(aside, dir);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    // Somebody else was faster.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
  return dir;
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
