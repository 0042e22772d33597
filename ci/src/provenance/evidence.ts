/**
 * Everything that somebody needs to walk from a content back to its sources by themselves: what the registry vouches
 * for of each version on the way. It is a collection, not a proof: whoever gets it checks every signature.
 */
import { integrityOfDigest, packlOfPurl, type Row } from '@pipl/packl';
import type { Registry } from '@pipl/registry';
import { unverified, type Evidence, type Vouched } from '@pipl/registry-client';
import type { State } from '../step/index.ts';
import { rowWith } from './attest.ts';
import type { Contents, Holding } from './contents.ts';

const mostVersions = 20_000;

/** @param state without what the asker may not read */
export async function evidenceFor(
  state: State,
  from: readonly (Partial<Holding> & Pick<Holding, 'row'>)[],
  { vouched, tree }: { vouched: Registry['vouched']; tree: Contents['tree'] },
): Promise<Evidence> {
  const seen = new Set<string>();
  const all: Vouched[] = [];
  const waiting = from.map(({ row }) => row);
  for (let row = waiting.shift(); row !== undefined && all.length < mostVersions; row = waiting.shift()) {
    const key = `${row.name}@${row.version} ${row.integrity}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const one = await vouched(row.index, row.name, row.version);
    if (one === undefined) continue;
    all.push(one);
    waiting.push(...sourcesOf(state, one));
  }
  return {
    found: from.map(({ row: { name, version, index }, asset }) => ({
      spec: `${name}@${version}`,
      index,
      ...(asset === undefined ? {} : { asset }),
    })),
    vouched: all,
    trees: Object.fromEntries(
      await Promise.all(treesOf(from).map(async (one) => [one, await tree(one)] as const)),
    ),
  };
}

const treesOf = (from: readonly Partial<Holding>[]): string[] => [
  ...new Set(from.flatMap(({ tree }) => (tree === undefined ? [] : [tree]))),
];

/** By the bytes that the statement names: the same version elsewhere may be something else. */
function sourcesOf(state: State, { envelope }: Vouched): Row[] {
  if (envelope === undefined) return [];
  const { resolvedDependencies } = unverified(envelope).predicate.buildDefinition;
  return resolvedDependencies.flatMap(({ uri, digest = {} }) => {
    const packl = packlOfPurl(uri);
    const integrity = integrityOfDigest(digest);
    if (packl === undefined || integrity === undefined) return [];
    const row = rowWith(state, { ...packl, integrity });
    return row === undefined ? [] : [row];
  });
}
