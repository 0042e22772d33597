/** The framework of a project, `@pipl/pipe`: which version its default index has, and a newer one in an old project. */
import { parseManifest, piplError } from '@pipl/packl';
import { integrityOf, type RegistryClient, tarballFiles } from '@pipl/registry-client';
import { readFile } from 'node:fs/promises';
import { gt } from 'semver';
import { liveRows, newest } from './packl-types.ts';
import type { Project } from './project-file.ts';

export interface Framework {
  /** in the project; absent: it has none */
  readonly has?: string;
  /** what this pipl brings */
  readonly brings: string;
  readonly newer: boolean;
}

/** @param tarball file of `@pipl/pipe` that this pipl brings @throws PIPL_NO_FILE (exit 3), PIPL_TARBALL */
export async function frameworkOf(
  client: RegistryClient,
  { project, tarball }: { project: Project; tarball: string },
): Promise<Framework> {
  const { manifest } = await read(tarball);
  const rows = await liveRows(client, project.defaultIndex, manifest.name);
  const has = newest(rows, '*')?.version;
  const brings = manifest.version;
  return { ...(has === undefined ? {} : { has }), brings, newer: has === undefined || gt(brings, has) };
}

/** Publishes the framework of this pipl where the project has an older one. @returns what is there now */
export async function upgradeFramework(
  client: RegistryClient,
  asked: { project: Project; tarball: string },
): Promise<Framework & { readonly published: boolean }> {
  const found = await frameworkOf(client, asked);
  if (!found.newer) return { ...found, published: false };
  const { manifest, bytes } = await read(asked.tarball);
  const packl = { manifest, integrity: integrityOf(bytes), tarball: bytes };
  await client.release({ index: asked.project.defaultIndex, packls: [packl] });
  return { ...found, published: true };
}

async function read(tarball: string) {
  const bytes = await readFile(tarball).catch((cause: unknown) => {
    throw piplError('notFound', 'PIPL_NO_FILE', {
      what: `There is no ${tarball}.`,
      why: 'It would be the framework that this pipl brings.',
      hint: 'Install pipl again.',
      cause,
    });
  });
  for await (const { path, data } of tarballFiles(bytes)) {
    if (path === 'package.json')
      return { bytes, manifest: parseManifest(JSON.parse(Buffer.from(data).toString('utf8')), tarball) };
  }
  throw piplError('invalid', 'PIPL_TARBALL', {
    what: `${tarball} is no packl.`,
    why: 'It has no package.json.',
    hint: 'Install pipl again.',
  });
}
