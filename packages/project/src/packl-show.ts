/** A packl's manifest as a version in the index has it. */
import { type IndexName, type Manifest, parseSpec } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { chooseVersion } from './packument.ts';

/** @param spec `name`, `name@range` or `name@tag` @throws PIPL_NO_VERSION, PIPL_NO_PACKAGE (exit 11) */
export async function showSpec(
  client: RegistryClient,
  { index, spec }: { index: IndexName; spec: string },
): Promise<Manifest> {
  const { name, range } = parseSpec(spec);
  return (await chooseVersion(client, { index, name, range })).manifest;
}
