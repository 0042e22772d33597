/** Packls for tests: folders that are names, and a finder that looks in a list. */
import type { FindPackl, PacklAt } from '../../src/index.ts';
import { parseManifest } from '../../src/index.ts';

type Written = { readonly name: string; readonly pipl?: object; readonly needs?: readonly string[] };

export const packl = ({ name, pipl, needs = [] }: Written): PacklAt => ({
  dir: `/store/${name}`,
  manifest: parseManifest({
    name,
    version: '1.0.0',
    dependencies: Object.fromEntries(needs.map((need) => [need, '*'])),
    ...(pipl === undefined ? {} : { pipl }),
  }),
});

export const finder = (all: readonly PacklAt[]): FindPackl => {
  const byName = new Map(all.map((one) => [one.manifest.name, one]));
  return (name) => byName.get(name);
};
