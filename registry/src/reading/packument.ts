/** The npm document of one packl, made from its rows. Pure. */
import { compare } from 'semver';
import { derivedLatest, type StoredRow } from './rows.ts';

export interface Packument {
  readonly name: string;
  readonly versions: Record<string, Record<string, unknown>>;
  readonly 'dist-tags': Record<string, string>;
  readonly [key: string]: unknown;
}

/** `@film/bunny` 1.0.0 → `bunny-1.0.0.tgz` */
export const tarballFile = (name: string, version: string) =>
  `${name.slice(name.indexOf('/') + 1)}-${version}.tgz`;

/** The version in the name of a tarball; undefined when it is of another packl. */
export function versionInFile(name: string, file: string): string | undefined {
  const start = `${name.slice(name.indexOf('/') + 1)}-`;
  return file.startsWith(start) && file.endsWith('.tgz')
    ? file.slice(start.length, -'.tgz'.length)
    : undefined;
}

/** Clients never see this host: Verdaccio puts the address they asked into its place. */
const placeholder = 'http://localhost';

const versionOf = (row: StoredRow): Record<string, unknown> => ({
  ...row.manifest,
  _id: `${row.name}@${row.version}`,
  _npmUser: { name: row.publishedBy },
  maintainers: [{ name: row.publishedBy }],
  ...(row.deprecated === undefined ? {} : { deprecated: row.deprecated }),
  dist: {
    integrity: row.integrity,
    shasum: row.shasum,
    ...(row.signatures === undefined ? {} : { signatures: row.signatures }),
    tarball: `${placeholder}/${row.name}/-/${tarballFile(row.name, row.version)}`,
  },
});

/**
 * @param rows nearest ones of this name, withdrawn ones among them
 * @returns undefined when there is nothing to show
 */
export function packumentOf(
  name: string,
  { rows, tags, readme }: { rows: readonly StoredRow[]; tags: ReadonlyMap<string, string>; readme: string },
): Packument | undefined {
  const shown = rows
    .filter(({ withdrawn }) => withdrawn !== true)
    .toSorted((one, other) => compare(one.version, other.version));
  const latest = derivedLatest(shown);
  if (latest === undefined) return undefined;
  const versions = new Set(shown.map(({ version }) => version));
  const live = [...tags].filter(([, version]) => versions.has(version));
  const times = shown.map(({ publishedAt }) => publishedAt).toSorted();
  return {
    _id: name,
    _rev: `${Math.max(...shown.map(({ seq }) => seq))}-pipl`,
    name,
    readme,
    'dist-tags': { latest, ...Object.fromEntries(live) },
    versions: Object.fromEntries(shown.map((row) => [row.version, versionOf(row)])),
    time: {
      created: times[0],
      modified: times.at(-1),
      ...Object.fromEntries(shown.map(({ version, publishedAt }) => [version, publishedAt])),
    },
    users: {},
    _attachments: {},
    _distfiles: {},
    _uplinks: {},
  };
}
