/**
 * What a version was made of, and what was made of it, over any number of runs and indexes. Pure.
 *
 * A version stands in one graph once, wherever it was promoted to: the same name, version and bytes are one node.
 * Rows that the asker may not read are not in the state that is given here, so nothing is told of them.
 */
import semver from 'semver';
import { piplError, productOf, taskOf, type IndexName, type Pin, type Row } from '@pipl/packl';
import type { Lineage, LineageDirection, LineageNode } from '@pipl/registry-client';
import { rowWith } from './attest.ts';
import type { RunRecord, State } from '../step/index.ts';

type Edge = Lineage['edges'][number];

export interface LineageAsked {
  readonly direction: LineageDirection;
  readonly from: readonly Row[];
  /** edges to code packls as well */
  readonly code: boolean;
}

const mostNodes = 20_000;

export function lineage(state: State, { direction, from, code: asked }: LineageAsked): Lineage {
  // Whoever asks what a packl of code went into means exactly these edges.
  const code = asked || (direction === 'down' && from.some(isCode));
  const makings = direction === 'up' ? undefined : usesOf(state, code);
  const nodes = new Map<string, Row[]>();
  const edges = new Map<string, Edge>();
  const waiting = [...from];
  const ids = naming(state);
  for (let row = waiting.shift(); row !== undefined && nodes.size < mostNodes; row = waiting.shift()) {
    const key = keyOf(row);
    if (nodes.has(key)) continue;
    nodes.set(key, standing(state, row));
    const near = makings === undefined ? madeOf(state, row, code) : (makings.get(key) ?? []);
    for (const { row: other, as } of near) {
      const [product, source] = direction === 'up' ? [row, other] : [other, row];
      edges.set(`${keyOf(product)} ${keyOf(source)} ${as}`, { from: ids(product), to: ids(source), as });
      if (!nodes.has(keyOf(other))) waiting.push(other);
    }
  }
  return {
    direction,
    roots: [...new Set(from.map(ids))],
    nodes: [...nodes.values()].map((rows) => nodeOf(state, rows, ids)),
    edges: [...edges.values()],
  };
}

const isCode = ({ manifest }: Row): boolean =>
  productOf(manifest) === undefined && taskOf(manifest) === undefined;

const keyOf = ({ name, version, integrity }: Pin): string => `${name}@${version} ${integrity}`;

/** One version may have another content in another index: then its integrity tells them apart. */
function naming({ projection }: State): (row: Row) => string {
  return ({ name, version, integrity }) => {
    const all = [...(projection.rows.get(name)?.values() ?? [])];
    const several =
      new Set(all.filter((one) => one.version === version).map((one) => one.integrity)).size > 1;
    return several ? `${name}@${version} (${integrity.slice(7, 15)})` : `${name}@${version}`;
  };
}

const standing = ({ projection }: State, row: Row): Row[] =>
  [...(projection.rows.get(row.name)?.values() ?? [])].filter((one) => keyOf(one) === keyOf(row));

function nodeOf({ records }: State, rows: readonly Row[], ids: (row: Row) => string): LineageNode {
  const [row] = rows;
  const { name, version, integrity, manifest } = row!;
  const made = productOf(manifest)?.made;
  const run = made === undefined ? undefined : records.runs.get(made.run);
  return {
    id: ids(row!),
    name,
    version,
    integrity,
    indexes: rows.map(({ index }) => index),
    ...(manifest.pipl === undefined ? {} : { kind: manifest.pipl.kind }),
    ...(made === undefined ? {} : { made: { by: made.by, run: made.run, ...timesOf(run) } }),
    ...(rows.every(({ withdrawn }) => withdrawn === true) ? { withdrawn: true } : {}),
  };
}

const timesOf = (run: RunRecord | undefined): { index?: IndexName; at?: string } =>
  run === undefined ? {} : { index: run.index, ...(run.endedAt === undefined ? {} : { at: run.endedAt }) };

interface Source {
  readonly row: Row;
  readonly as: Edge['as'];
}

/** A product's task and inputs; what a task fills its slots with is known of its runs only. */
function madeOf(state: State, row: Row, code: boolean): Source[] {
  const made = productOf(row.manifest)?.made;
  if (made === undefined) return [];
  const run = state.records.runs.get(made.run);
  const find = (spec: string): Row | undefined => rowOfSpec(state, { spec, run, near: row.index });
  const inputs = Object.entries(made.inputs).map(([name, version]) => `${name}@${version}`);
  const named = new Set([made.by, ...inputs]);
  const others = code ? Object.keys(run?.lock.pins ?? {}).filter((spec) => !named.has(spec)) : [];
  const as = (specs: readonly string[], role: Edge['as']): Source[] =>
    specs.flatMap((spec) => {
      const source = find(spec);
      return source === undefined ? [] : [{ row: source, as: role }];
    });
  return [...as([made.by], 'task'), ...as(inputs, 'input'), ...as(others, 'code')];
}

/** By the integrity that the run's lock pinned; else the one of that version which is nearest. */
function rowOfSpec(
  state: State,
  { spec, run, near }: { spec: string; run: RunRecord | undefined; near: IndexName },
): Row | undefined {
  const at = spec.lastIndexOf('@');
  const pin = { name: spec.slice(0, at), version: spec.slice(at + 1) };
  const own = run?.builtOn?.find(({ name, version }) => name === pin.name && version === pin.version);
  const integrity = run?.lock.pins[spec] ?? own?.integrity;
  if (integrity !== undefined) return rowWith(state, { ...pin, integrity });
  const all = [...(state.projection.rows.get(pin.name)?.values() ?? [])].filter(
    ({ version }) => version === pin.version,
  );
  return all.find(({ index }) => index === near) ?? all[0];
}

/** Everything turned round: source → what was made of it. */
function usesOf(state: State, code: boolean): ReadonlyMap<string, Source[]> {
  const uses = new Map<string, Source[]>();
  for (const versions of state.projection.rows.values()) {
    for (const row of versions.values()) {
      for (const { row: source, as } of madeOf(state, row, code)) {
        const known = uses.get(keyOf(source)) ?? [];
        if (!known.some((one) => keyOf(one.row) === keyOf(row) && one.as === as)) known.push({ row, as });
        uses.set(keyOf(source), known);
      }
    }
  }
  return uses;
}

const newest = (rows: readonly Row[]): Row | undefined => {
  const kept = rows.filter(({ withdrawn }) => withdrawn !== true);
  return kept.toSorted((a, b) => semver.rcompare(a.version, b.version))[0];
};

/**
 * The rows that a person means by `name@version`, or by `name` the one that the index shows.
 * @throws PIPL_NO_VERSION
 */
export function rowsNamed(
  { projection }: State,
  { subject, index, order }: { subject: string; index: IndexName | undefined; order: readonly IndexName[] },
): Row[] {
  const at = subject.lastIndexOf('@');
  const [name, version] = at > 0 ? [subject.slice(0, at), subject.slice(at + 1)] : [subject, undefined];
  const rows = [...(projection.rows.get(name)?.values() ?? [])].filter(
    (row) => version === undefined || row.version === version,
  );
  const seen = rows.filter((row) => order.length === 0 || order.includes(row.index));
  const usable = seen.length > 0 ? seen : rows;
  const nearest = usable.toSorted((a, b) => order.indexOf(a.index) - order.indexOf(b.index));
  const chosen = version === undefined ? newest(nearest) : nearest[0];
  if (chosen !== undefined) return [chosen];
  throw piplError('notFound', 'PIPL_NO_VERSION', {
    what: `There is no ${subject}${index === undefined ? '' : ` in ${index}`}.`,
    why: 'No index that you may read has it.',
    hint: 'Versions look like @film/bunny@1.2.0; `pipl proj index list` lists what is there.',
  });
}
