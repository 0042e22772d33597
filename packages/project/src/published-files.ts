/** A published version with the files of its tarball, and those of them that somebody wrote. Reads only. */
import { type IndexName, type Manifest, parseSpec } from '@pipl/packl';
import { integrityOf, type RegistryClient, type TarballFile, tarballFiles } from '@pipl/registry-client';
import { chooseVersion } from './packument.ts';
import { type HistoryLine, historyFile, parseHistory } from './packl-history.ts';
import { strippedPath } from './strip-types.ts';
import { lockFile } from './third-party-lock.ts';

export interface PublishedFiles {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly manifest: Manifest;
  readonly files: readonly TarballFile[];
}

interface Asked {
  readonly index: IndexName;
  /** `name`, `name@range` or `name@tag` */
  readonly spec: string;
}

/** @throws PIPL_NO_VERSION, PIPL_NO_PACKAGE (exit 11), PIPL_TARBALL */
export async function publishedFiles(
  client: RegistryClient,
  { index, spec }: Asked,
): Promise<PublishedFiles> {
  const { name, range } = parseSpec(spec);
  const { version, manifest } = await chooseVersion(client, { index, name, range });
  const tarball = await client.tarball(index, name, version);
  const files: TarballFile[] = [];
  for await (const file of tarballFiles(tarball)) files.push(file);
  return { name, version, integrity: integrityOf(tarball), manifest, files };
}

/** Without what publishing makes: the lock of third parties, and the modules stripped from TypeScript. */
export function sourcesOf({ files }: PublishedFiles): readonly TarballFile[] {
  const made = new Set([lockFile, ...files.flatMap(({ path }) => strippedPath(path) ?? [])]);
  return files.filter(({ path }) => !made.has(path));
}

/** The history that travelled with it. @throws PIPL_HISTORY */
export function historyIn({ name, version, files }: PublishedFiles): readonly HistoryLine[] {
  const file = files.find(({ path }) => path === historyFile);
  const where = `${historyFile} of ${name}@${version}`;
  return file === undefined ? [] : parseHistory(Buffer.from(file.data).toString('utf8'), where);
}

/** The history of a published version. @throws as {@link publishedFiles}, PIPL_HISTORY */
export async function publishedHistory(
  client: RegistryClient,
  asked: Asked,
): Promise<{ readonly name: string; readonly version: string; readonly lines: readonly HistoryLine[] }> {
  const published = await publishedFiles(client, asked);
  return { name: published.name, version: published.version, lines: historyIn(published) };
}
