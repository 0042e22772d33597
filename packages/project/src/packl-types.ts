/**
 * Task and product types by the short name people type: `@film/pipeline#Comp` becomes what a manifest holds,
 * `@film/pipeline/comp#Comp`. Reads manifests only; no code of a packl is loaded.
 */
import { type IndexName, type Manifest, packlName, piplError, type Row } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { maxSatisfying, rcompare, satisfies } from 'semver';

export interface FoundType {
  /** as a task's manifest names it */
  readonly type: string;
  readonly declaredBy: string;
  readonly version: string;
  /** the peer range of `@pipl/pipe` that the declaring packl asks for */
  readonly pipe: string | undefined;
}

export type Declares = 'taskTypes' | 'productTypes';

interface Asked {
  readonly packl: string;
  readonly subpath: string | undefined;
  readonly name: string;
}

/** @throws PIPL_TYPE_NAME (exit 2), PIPL_NO_TYPE (3, with the types there are) */
export async function findType(
  client: RegistryClient,
  { index, type, declares }: { index: IndexName; type: string; declares: Declares },
): Promise<FoundType> {
  const asked = parseType(type);
  const rows = await liveRows(client, index, asked.packl);
  const row = newest(rows, '*');
  if (row === undefined) throw noSuchPackl(asked.packl, { type, index });
  const found = entryOf(row.manifest, asked, declares);
  if (found === undefined) throw noSuchType(row, { type, index, declares });
  const pipe = row.manifest.peerDependencies?.['@pipl/pipe'];
  return { type: found, declaredBy: row.name, version: row.version, pipe };
}

/** Rows of a name that are there to be used, nearest first. */
export async function liveRows(
  client: RegistryClient,
  index: IndexName,
  name: string,
): Promise<readonly Row[]> {
  const { rows } = await client.rows(index, name);
  return rows.filter((row) => row.name === name && row.withdrawn !== true);
}

/** The highest version a range admits; a prerelease only where nothing stable fits. */
export function newest<R extends Pick<Row, 'version'>>(rows: readonly R[], range: string): R | undefined {
  const versions = rows.map(({ version }) => version);
  const found =
    maxSatisfying(versions, range) ??
    versions
      .filter((version) => satisfies(version, range, { includePrerelease: true }))
      .toSorted(rcompare)[0];
  return rows.find(({ version }) => version === found);
}

/** `@film/pipeline/comp#Comp` → its parts; the subpath may be missing. @throws PIPL_TYPE_NAME */
export function parseType(type: string): Asked {
  const found = /^((?:@[^/#]+\/)?[^/#]+)(\/[^#]+)?#([A-Za-z_$][\w$]*)$/.exec(type);
  if (!found) {
    throw piplError('usage', 'PIPL_TYPE_NAME', {
      what: `"${type}" does not name a type.`,
      why: 'A type is named by the packl that declares it and its own name, with # between.',
      hint: 'For example: --type @film/pipeline#Comp',
    });
  }
  return { packl: packlName(found[1]!), subpath: found[2], name: found[3]! };
}

/** The type as a task's manifest names it; undefined where the packl does not declare it. */
export function entryOf(
  manifest: Manifest,
  { subpath, name }: Asked,
  declares: Declares,
): string | undefined {
  const declared = typesOf(manifest, declares);
  const match = Object.entries(declared).find(([key, target]) => {
    const [module, exported] = target.split('#');
    if (subpath === undefined) return key === name;
    return module === `.${subpath}` && (exported === name || key === name);
  });
  if (match === undefined) return undefined;
  const [module, exported] = match[1].split('#');
  return `${manifest.name}${module!.replace(/^\./, '')}#${exported}`;
}

const typesOf = ({ pipl }: Manifest, declares: Declares): Readonly<Record<string, string>> =>
  (pipl?.kind === 'code' ? pipl[declares] : undefined) ?? {};

const noSuchPackl = (packl: string, { type, index }: { type: string; index: IndexName }) =>
  piplError('notFound', 'PIPL_NO_TYPE', {
    what: `There is no type ${type}.`,
    why: `No version of ${packl} is in ${index}.`,
    hint: `Publish ${packl} first, or look what is there: pipl proj index list`,
  });

export function noSuchType(
  row: Pick<Row, 'name' | 'version' | 'manifest'>,
  { type, index, declares }: { type: string; index: string; declares: Declares },
) {
  const names = Object.keys(typesOf(row.manifest, declares)).map((name) => `${row.name}#${name}`);
  const word = declares === 'taskTypes' ? 'task type' : 'product type';
  return piplError('notFound', 'PIPL_NO_TYPE', {
    what: `There is no ${word} ${type}.`,
    why: `${row.name}@${row.version} in ${index} declares ${names.join(', ') || `no ${word}s`}.`,
    hint: names.length === 0 ? `Declare it in "pipl.${declares}" of that packl.` : 'Choose one of these.',
  });
}
