/** What one packl resolves to in an index, now or at a moment: the same pins that a run would have. */
import {
  inputsOf,
  parseSpec,
  pick,
  piplError,
  taskOf,
  type IndexName,
  type Row,
  type View,
} from '@pipl/packl';
import type { ResolvedView } from '@pipl/registry-client';
import type { Projection } from '../step/index.ts';
import { lookOver } from '../step/shown.ts';

/** @param spec `name`, `name@range`, `name@version` @throws PIPL_NO_VERSION */
export function resolveSpec(
  projection: Projection,
  index: IndexName,
  { spec, seq }: { readonly spec: string; readonly seq: number },
): ResolvedView {
  const { name, range = '*' } = parseSpec(spec);
  const shown = lookOver(projection, index);
  const { view } = shown;
  const row = pick(view, name, range);
  if (row === undefined) {
    const versions = view.versions(name).map(({ version }) => version);
    throw noVersion(`${name}@${range}`, index, { versions, seq });
  }
  const resolution = shown.resolve(row);
  const { version, integrity, manifest } = row;
  const told = { index, seq, name, version, integrity, manifest };
  if (!resolution.ok) return { ...told, missing: resolution.missing };
  const { hash, direct, nodes, codeLock } = resolution.lock;
  return {
    ...told,
    lock: {
      hash,
      direct,
      pins: Object.fromEntries(Object.entries(nodes).map(([key, node]) => [key, node.integrity])),
    },
    inputs: inputsOf(row, resolution.lock),
    codeLock: { ...codeLock },
    products: productsOf(view, row),
  };
}

/** What the products of a task are there. */
function productsOf(view: View, row: Row): Record<string, string> {
  const names = Object.values(taskOf(row.manifest)?.products ?? {});
  return Object.fromEntries(
    names.flatMap((name) => {
      const now = pick(view, name, '*');
      return now === undefined ? [] : [[name, now.version]];
    }),
  );
}

const noVersion = (
  spec: string,
  index: IndexName,
  { versions, seq }: { readonly versions: readonly string[]; readonly seq: number },
) =>
  piplError('notFound', 'PIPL_NO_VERSION', {
    what: `There is no ${spec} in ${index} after change ${seq}.`,
    why: versions.length === 0 ? 'It shows no version of that packl.' : `It shows ${versions.join(', ')}.`,
    hint: '`pipl proj index list` lists the packls there are.',
  });
