/** A packl's manifest: of the folder one stands in, or of a version in the index. */
import { type IndexName, type Manifest, parseSpec } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { readPackl } from './packl-file.ts';
import { chooseVersion } from './packument.ts';

/** @throws PIPL_NO_PACKL, PIPL_MANIFEST */
export const showFolder = async (folder: string): Promise<Manifest> => (await readPackl(folder)).manifest;

/** @param spec `name`, `name@range` or `name@tag` @throws PIPL_NO_VERSION, PIPL_NO_PACKAGE (exit 11) */
export async function showSpec(
  client: RegistryClient,
  { index, spec }: { index: IndexName; spec: string },
): Promise<Manifest> {
  const { name, range } = parseSpec(spec);
  return (await chooseVersion(client, { index, name, range })).manifest;
}
