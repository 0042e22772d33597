/** What the packls of a graph offer by name. Read from manifests: nothing here can load code. */
import { piplError } from '../errors.ts';
import { specOf, type GraphPackl, type PacklGraph } from './graph.ts';

export const entryKinds = ['services', 'assetTypes', 'productTypes', 'taskTypes'] as const;
export type EntryKind = (typeof entryKinds)[number];

export interface EntryPoint {
  readonly name: string;
  /** `./store#createStore` */
  readonly entry: string;
  readonly packl: GraphPackl;
  /** the packls whose entry of that name it hides, nearest first */
  readonly hides: readonly string[];
}

export const entriesOf = ({ field }: GraphPackl, kind: EntryKind): Readonly<Record<string, string>> =>
  (kind in field
    ? (field as Partial<Record<EntryKind, Readonly<Record<string, string>>>>)[kind]
    : undefined) ?? {};

/** Name → who offers it: the last in dependency order. */
export function entryPoints({ packls }: PacklGraph, kind: EntryKind): ReadonlyMap<string, EntryPoint> {
  const found = new Map<string, EntryPoint>();
  for (const packl of packls) {
    for (const [name, entry] of Object.entries(entriesOf(packl, kind))) {
      const before = found.get(name);
      const hides = before === undefined ? [] : [specOf(before.packl), ...before.hides];
      found.set(name, { name, entry, packl, hides });
    }
  }
  return found;
}

export const noEntryPoint = (kind: EntryKind, name: string, known: Iterable<string>) =>
  piplError('notFound', 'PIPL_NO_ENTRY', {
    what: `There is no ${words[kind]} called ${name}.`,
    why: `The packls that are installed here offer ${[...known].toSorted().join(', ') || 'none'}.`,
    hint: `Add the packl that offers it (pipl packl add NAME), or list it under pipl.${kind} of its package.json.`,
  });

const words: Record<EntryKind, string> = {
  services: 'service',
  assetTypes: 'asset type',
  productTypes: 'product type',
  taskTypes: 'task type',
};
