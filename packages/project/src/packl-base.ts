/**
 * What the sources in a folder started from: the version that was edited, or the last one published from there.
 *
 * It stands in `.pipl-base.json` of a packl in a workspace and never travels. Publishing from sources that do not
 * know a newer version would silently take that one back; {@link staleBase} says what it would lose.
 */
import { join } from 'node:path';
import { type IndexName, indexName, type PiplError, piplError } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { gt, lte, rcompare, satisfies } from 'semver';
import { z } from 'zod';
import { jsonText, readJson, writeWhole } from './atomic-file.ts';
import { liveRows } from './packl-types.ts';
import { workspacePath } from './places.ts';
import type { Project } from './project-file.ts';
import { historyIn, type PublishedFiles, publishedFiles, sourcesOf } from './published-files.ts';

const baseFile = '.pipl-base.json';
const BaseFile = z.looseObject({
  project: z.string(),
  index: z.string(),
  name: z.string(),
  version: z.string(),
});

export interface Base {
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
}

/** Only in a workspace: a source tree that somebody publishes from elsewhere is theirs to keep. */
export async function writeBase(project: Project, folder: string, base: Base): Promise<void> {
  if ((await workspacePath({ from: folder, env: {} })) === undefined) return;
  await writeWhole(join(folder, baseFile), baseText(project, base));
}

export const baseText = (project: Project, { index, name, version }: Base): string =>
  jsonText({ schema: 1, project: project.id, index, name, version });

export const baseFileIn = (folder: string): string => join(folder, baseFile);

/** Undefined for sources that were never published, or come from another project. */
export async function readBase(project: Project, folder: string): Promise<Base | undefined> {
  const parsed = BaseFile.safeParse(await readJson(join(folder, baseFile)));
  if (!parsed.success || parsed.data.project !== project.id) return undefined;
  const { index, name, version } = parsed.data;
  return { index: indexName(index), name, version };
}

/** What stands between these sources and the version they are to become; undefined when nothing does. */
export async function staleBase(
  client: RegistryClient,
  about: { project: Project; folder: string; index: IndexName; name: string; version: string },
): Promise<PiplError | undefined> {
  const { project, folder, index, name, version } = about;
  const base = await readBase(project, folder);
  if (base === undefined || base.name !== name) return undefined;
  const rows = await liveRows(client, index, name);
  const newer = rows
    .map((row) => row.version)
    .filter((one) => gt(one, base.version) && (satisfies(one, `^${base.version}`) || lte(one, version)))
    .toSorted(rcompare)[0];
  if (newer === undefined) return undefined;
  const spec = (one: string) => ({ index, spec: `${name}@${one}` });
  const theirs = await publishedFiles(client, spec(newer));
  const known = rows.some((row) => row.version === base.version);
  const before = known ? await publishedFiles(client, spec(base.version)) : undefined;
  return stale({ name, version, base: base.version, newer }, changedBetween(before, theirs));
}

/** Lines for people: edits with who and why, then the files that differ. */
function changedBetween(before: PublishedFiles | undefined, after: PublishedFiles): string[] {
  const known = before === undefined ? 0 : historyIn(before).length;
  const edits = historyIn(after)
    .slice(known)
    .map(({ by, at, comment }) => `${by}, ${at.slice(0, 10)}: ${comment}`);
  if (before === undefined) return edits;
  const [old, now] = [filesBy(before), filesBy(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  const differ = names.filter((path) => old.get(path) !== now.get(path) && !path.startsWith('.'));
  return [
    ...edits,
    ...differ.map((path) => `${old.has(path) ? (now.has(path) ? 'changed' : 'gone') : 'new'}: ${path}`),
  ];
}

const filesBy = (published: PublishedFiles): Map<string, string> =>
  new Map(sourcesOf(published).map(({ path, data }) => [path, Buffer.from(data).toString('base64')]));

const stale = (
  { name, version, base, newer }: { name: string; version: string; base: string; newer: string },
  changed: readonly string[],
): PiplError =>
  piplError('conflict', 'PIPL_STALE_BASE', {
    what: `${name}@${version} would take back what ${newer} brought.`,
    why: `These sources started from ${base}; since then: ${changed.join('; ') || 'nothing that can be seen'}.`,
    hint: `Look at it (pipl packl get ${name}@${newer} DIR), take it in, then say so: pipl packl edit ${name}@${newer} --merged`,
    problems: changed,
  });
