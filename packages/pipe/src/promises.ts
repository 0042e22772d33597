/** `pipl-step promises TYPE`: which assets every product of a type has, for whoever publishes one. */
import type { AssetKind } from './asset-types.ts';
import { findProductType } from './find-type.ts';

export interface Promised {
  /** the packl whose type it is: name@version */
  readonly by: string;
  readonly assets: Readonly<Record<string, { readonly type: string; readonly kind: AssetKind }>>;
}

/**
 * @param written `@film/pipeline/types#Text`
 * @param from folders whose trees are searched
 * @throws PIPL_TYPE_NAME, PIPL_PACKL_NOT_INSTALLED, PIPL_NO_SUCH_TYPE, PIPL_TYPE_NOT_LOADED naming the packl
 */
export async function promisedBy(written: string, from: readonly string[]): Promise<Promised> {
  const { packl, type } = await findProductType(written, from);
  const assets = Object.entries(type.assets).map(([slot, { name, kind }]) => [slot, { type: name, kind }]);
  return { by: `${packl.name}@${packl.version}`, assets: Object.fromEntries(assets) as Promised['assets'] };
}
