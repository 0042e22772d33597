/** Version rows and tags: as the database holds them, as everybody else sees them, and which of them an index shows. */
import type { IndexName, Manifest, Row, ThirdPartyLock } from '@pipl/packl';
import type { IndexView, Signature, TagRow } from '@pipl/registry-client';
import { compare, prerelease } from 'semver';
import type { Queries, Tables } from '../state/tables.ts';

/** A row with what only the registry needs of it. */
export interface StoredRow extends Row {
  readonly shasum: string;
  readonly publishedAt: string;
  readonly publishedBy: string;
  readonly seq: number;
  readonly run?: string;
  readonly signatures?: readonly Signature[];
}

type Line = Omit<Tables['registry_versions'], 'readme'>;

export const storedRowOf = (line: Line): StoredRow => ({
  index: line.index_name,
  name: line.name,
  version: line.version,
  integrity: line.integrity,
  manifest: JSON.parse(line.manifest) as Manifest,
  ...(line.third_party === null ? {} : { thirdParty: JSON.parse(line.third_party) as ThirdPartyLock }),
  ...(line.deprecated === null ? {} : { deprecated: line.deprecated }),
  ...(line.withdrawn === 0 ? {} : { withdrawn: true }),
  shasum: line.shasum,
  publishedAt: line.published_at,
  publishedBy: line.published_by,
  seq: line.seq,
  ...(line.run === null ? {} : { run: line.run }),
  ...(line.signatures === null ? {} : { signatures: JSON.parse(line.signatures) as Signature[] }),
});

/** What leaves the registry. */
export const rowOf = ({ index, name, version, integrity, manifest, ...rest }: StoredRow): Row => ({
  index,
  name,
  version,
  integrity,
  manifest,
  ...(rest.thirdParty === undefined ? {} : { thirdParty: rest.thirdParty }),
  ...(rest.deprecated === undefined ? {} : { deprecated: rest.deprecated }),
  ...(rest.withdrawn === undefined ? {} : { withdrawn: rest.withdrawn }),
});

const columns = [
  'index_name',
  'name',
  'version',
  'seq',
  'integrity',
  'shasum',
  'manifest',
  'third_party',
  'deprecated',
  'withdrawn',
  'published_at',
  'published_by',
  'run',
  'signatures',
] as const;

export interface Which {
  readonly indexes?: readonly IndexName[];
  readonly name?: string;
  readonly version?: string;
  readonly run?: string;
  /** only rows whose manifest has this name somewhere */
  readonly mentions?: string;
}

/** In the order in which they were published. */
export async function readRows(
  db: Queries,
  { indexes, name, version, run, mentions }: Which = {},
): Promise<StoredRow[]> {
  let query = db.selectFrom('registry_versions').select(columns).orderBy('seq');
  if (indexes !== undefined) query = query.where('index_name', 'in', indexes);
  if (name !== undefined) query = query.where('name', '=', name);
  if (version !== undefined) query = query.where('version', '=', version);
  if (run !== undefined) query = query.where('run', '=', run);
  // `_` stands for any letter: it lets in a few rows too many, which whoever reads the manifests leaves out.
  if (mentions !== undefined) query = query.where('manifest', 'like', `%${JSON.stringify(mentions)}%`);
  return (await query.execute()).map(storedRowOf);
}

export async function readTags(
  db: Queries,
  { indexes, name }: Pick<Which, 'indexes' | 'name'> = {},
): Promise<TagRow[]> {
  let query = db.selectFrom('registry_tags').selectAll().orderBy('index_name').orderBy('name').orderBy('tag');
  if (indexes !== undefined) query = query.where('index_name', 'in', indexes);
  if (name !== undefined) query = query.where('name', '=', name);
  return (await query.execute()).map(({ index_name: index, ...tag }) => ({ index, ...tag }));
}

/** Of each (name, version) the row of the nearest index, nearest index first. Withdrawn ones too: they hide what a base has. */
export function nearestRows<T extends Row>(order: readonly IndexView[], rows: readonly T[]): T[] {
  const seen = new Set<string>();
  const nearest: T[] = [];
  for (const { name: index } of order) {
    for (const row of rows) {
      const key = `${row.name}@${row.version}`;
      if (row.index !== index || seen.has(key)) continue;
      seen.add(key);
      nearest.push(row);
    }
  }
  return nearest;
}

/** Tag → version, the nearest index's word counts. */
export function nearestTags(order: readonly IndexView[], tags: readonly TagRow[]): Map<string, string> {
  const nearest = new Map<string, string>();
  for (const { name: index } of order.toReversed()) {
    for (const { tag, version } of tags.filter((one) => one.index === index)) nearest.set(tag, version);
  }
  return nearest;
}

/** What `latest` means: what a person set it to, if that is there, else the derived one. */
export function latestOf(
  rows: readonly Pick<Row, 'version' | 'deprecated' | 'withdrawn'>[],
  tags: ReadonlyMap<string, string>,
): string | undefined {
  const held = tags.get('latest');
  const isThere = rows.some(({ version, withdrawn }) => version === held && withdrawn !== true);
  return isThere ? held : derivedLatest(rows);
}

/** The derived `latest`: the highest stable version that is not deprecated; less good ones where there is none. */
export function derivedLatest(
  rows: readonly Pick<Row, 'version' | 'deprecated' | 'withdrawn'>[],
): string | undefined {
  const shown = rows.filter(({ withdrawn }) => withdrawn !== true);
  const good = shown.filter(({ deprecated }) => deprecated === undefined);
  const choices = [good.filter(({ version }) => prerelease(version) === null), good, shown];
  const best = choices.find((some) => some.length > 0) ?? [];
  return best
    .map(({ version }) => version)
    .toSorted(compare)
    .at(-1);
}
