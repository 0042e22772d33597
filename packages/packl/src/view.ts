/**
 * What one index shows: its own rows and those of its bases.
 *
 * The index comes first, then its bases depth first; the nearest row of a (name, version) wins and so does the
 * nearest tag. A nearest row that was withdrawn hides the farther ones: a version that an index took back does
 * not come back from behind. Mirrors of npm contribute nothing: what is not in the view is third party.
 *
 * `View` is an interface so that an index kept up to date change by change can stand in for this one.
 */
import type { Row } from './change.ts';
import type { IndexName } from './names.ts';
import { compareVersions } from './versions.ts';

export interface View {
  readonly index: IndexName;
  /** Is the name owned here? True also when every version was withdrawn: an owned name is never asked upstream. */
  has(name: string): boolean;
  /** The nearest row of each version, withdrawn ones left out, highest version first. */
  versions(name: string): readonly Row[];
  /** The version that a person set the tag to, nearest first; the version need not exist. */
  tag(name: string, tag: string): string | undefined;
  names(): Iterable<string>;
}

/** An index as far as a view needs it. */
export interface IndexShape {
  readonly name: IndexName;
  readonly bases: readonly IndexName[];
  /** address of the registry it mirrors */
  readonly mirror?: string;
}

export interface TagRow {
  readonly index: IndexName;
  readonly name: string;
  readonly tag: string;
  readonly version: string;
}

export interface ViewSource {
  readonly index: IndexName;
  readonly indexes: readonly IndexShape[];
  /** of any index; those that the view does not reach are passed over */
  readonly rows: Iterable<Row>;
  readonly tags: Iterable<TagRow>;
}

export function buildView({ index, indexes, rows, tags }: ViewSource): View {
  const order = searchOrder(index, indexes);
  const nearness = new Map(order.map((name, at) => [name, at]));
  const byName = new Map<string, Map<string, Row>>();
  for (const row of rows) {
    const versions = byName.get(row.name);
    const known = versions?.get(row.version);
    if (!isNearer(nearness, row.index, known?.index)) continue;
    if (versions === undefined) byName.set(row.name, new Map([[row.version, row]]));
    else versions.set(row.version, row);
  }
  const tagsByKey = new Map<string, TagRow>();
  for (const row of tags) {
    const key = `${row.name} ${row.tag}`;
    if (isNearer(nearness, row.index, tagsByKey.get(key)?.index)) tagsByKey.set(key, row);
  }
  const sorted = new Map<string, readonly Row[]>();
  return {
    index,
    has: (name) => byName.has(name),
    versions(name) {
      const known = sorted.get(name);
      if (known !== undefined) return known;
      const visible = [...(byName.get(name)?.values() ?? [])].filter((row) => row.withdrawn !== true);
      visible.sort((a, b) => compareVersions(b.version, a.version));
      sorted.set(name, visible);
      return visible;
    },
    tag: (name, tag) => tagsByKey.get(`${name} ${tag}`)?.version,
    names: () => byName.keys(),
  };
}

/**
 * The index, then its bases depth first, each once, mirrors left out. A base that does not exist is passed over:
 * the registry refuses to make or remove such a one, and a view must not fail while it does.
 */
export function searchOrder(index: IndexName, indexes: readonly IndexShape[]): IndexName[] {
  const byName = new Map(indexes.map((one) => [one.name, one]));
  const order = new Set<IndexName>();
  const visit = (name: IndexName): void => {
    const shape = byName.get(name);
    if (shape === undefined || shape.mirror !== undefined || order.has(name)) return;
    order.add(name);
    for (const base of shape.bases) visit(base);
  };
  visit(index);
  return [...order];
}

function isNearer(
  nearness: ReadonlyMap<IndexName, number>,
  one: IndexName,
  other: IndexName | undefined,
): boolean {
  const at = nearness.get(one);
  if (at === undefined) return false;
  return other === undefined || at < nearness.get(other)!;
}
