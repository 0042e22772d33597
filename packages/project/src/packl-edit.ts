/** The sources of a published version in a workspace, to be edited and published again: tarballs keep them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type IndexName, piplError, shortName } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { newFolder } from './new-folder.ts';
import { baseFileIn, baseText, writeBase } from './packl-base.ts';
import { readPackl } from './packl-file.ts';
import { writeFiles } from './packl-get.ts';
import { exists } from './places.ts';
import type { Project } from './project-file.ts';
import { publishedFiles, sourcesOf } from './published-files.ts';

export interface EditedPackl {
  readonly name: string;
  readonly version: string;
  /** absolute */
  readonly folder: string;
  readonly files: number;
}

export interface EditPublished {
  readonly project: Project;
  /** its folder */
  readonly workspace: string;
  readonly index: IndexName;
  readonly spec: string;
}

/** @throws PIPL_PACKL_EXISTS (exit 4), PIPL_NO_VERSION, PIPL_NO_PACKAGE (11), PIPL_NOT_A_PACKL (7) */
export async function editPublished(client: RegistryClient, asked: EditPublished): Promise<EditedPackl> {
  const { project, workspace, index } = asked;
  const published = await publishedFiles(client, asked);
  const { name, version, manifest } = published;
  if (manifest.pipl === undefined) throw notAPackl(`${name}@${version}`);
  const folder = join(workspace, shortName(name));
  if (await exists(folder)) throw hereAlready(name, folder);
  const sources = sourcesOf(published);
  await newFolder(folder, async (building) => {
    await writeFiles(building, sources);
    await writeFile(baseFileIn(building), baseText(project, { index, name, version }));
  });
  return { name, version, folder, files: sources.length };
}

/** Says that the sources in the workspace hold what this version brought. @throws PIPL_NO_PACKL */
export async function mergedFrom(client: RegistryClient, asked: EditPublished): Promise<EditedPackl> {
  const { project, workspace, index } = asked;
  const published = await publishedFiles(client, asked);
  const { name, version } = published;
  const folder = join(workspace, shortName(name));
  await readPackl(folder);
  await writeBase(project, folder, { index, name, version });
  return { name, version, folder, files: sourcesOf(published).length };
}

const hereAlready = (name: string, folder: string) =>
  piplError('conflict', 'PIPL_PACKL_EXISTS', {
    what: `${name} is here already.`,
    why: `${folder} is there.`,
    hint: 'Edit that, or bring it into another workspace: pipl work create NAME',
  });

const notAPackl = (spec: string) =>
  piplError('invalid', 'PIPL_NOT_A_PACKL', {
    what: `${spec} is no packl of this project.`,
    why: 'It is an npm package: it has no "pipl" field.',
    hint: `Look at its files: pipl packl get ${spec} DIR`,
  });
