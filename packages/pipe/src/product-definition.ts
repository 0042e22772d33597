/** `pipl-step product`: what a product packl says in code that its assets are made of. */
import { piplError } from '@pipl/packl';
import { graphAround } from './discovery.ts';
import { loadEntry } from './load-entry.ts';
import type { Product } from './products.ts';
import { here } from './workspace-services.ts';

export interface ProductDescription {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly assets: Readonly<
    Record<string, { readonly type: string; readonly kind: string; readonly paths: readonly string[] }>
  >;
}

/** @throws PIPL_NO_PRODUCT, PIPL_ENTRY_NOT_LOADED */
export async function describeProduct(): Promise<ProductDescription> {
  const root = graphAround(here(process.env, process.cwd())).packls.find(({ layer }) => layer === 'root');
  const entry = root?.field.kind === 'product' ? root.field.product : undefined;
  if (root === undefined || entry === undefined) {
    throw piplError('invalid', 'PIPL_NO_PRODUCT', {
      what: 'This packl does not say what its assets are made of.',
      why: 'Its manifest has no "product" in "pipl", or it is no product.',
      hint: 'Name the assets (pipl asset add NAME PATH), or export what defineProduct returns: "product": "./product#Name"',
    });
  }
  const spec = `${root.name}@${root.version}`;
  const found = (await loadEntry({ spec, dir: root.dir, field: 'product' }, entry)) as
    | Partial<Product>
    | undefined;
  const { type, assets, metadata = {} } = found ?? {};
  if (type === undefined || assets === undefined) {
    throw piplError('invalid', 'PIPL_ENTRY_NOT_LOADED', {
      what: `${entry} of ${spec} is no product.`,
      why: 'It is not something that defineProduct returned.',
      hint: `Mend pipl.product of ${root.name}, or what the module exports.`,
    });
  }
  const described = Object.entries(type.assets).flatMap(([slot, { name, kind }]) => {
    const paths = assets[slot];
    return paths === undefined ? [] : [[slot, { type: name, kind, paths: [paths].flat() }] as const];
  });
  return { metadata, assets: Object.fromEntries(described) };
}
