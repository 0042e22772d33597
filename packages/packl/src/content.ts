/**
 * When are two versions of a product the same? When type, declared metadata and asset digests are equal.
 *
 * Version, run, provenance, dependencies, file names and who made it are outside: a task that runs again and
 * makes the same bytes has made nothing, and the wave stops there.
 */
import { canonicalJson, shortHash } from './canonical.ts';
import { piplError } from './errors.ts';
import { productOf } from './manifest.ts';
import type { Manifest } from './manifest.ts';

/** 32 hex digits. @throws PIPL_NOT_A_PRODUCT */
export function contentHash(manifest: Manifest): string {
  const product = productOf(manifest);
  if (product === undefined) {
    throw piplError('invalid', 'PIPL_NOT_A_PRODUCT', {
      what: `${manifest.name}@${manifest.version} is not a product.`,
      why: 'Only packls of kind "product" have content that can be compared.',
      hint: 'Set pipl.kind to "product", or compare the integrity of the tarballs.',
    });
  }
  const { type, metadata = {}, assets } = product;
  const digests = Object.fromEntries(Object.entries(assets).map(([name, { digest }]) => [name, digest]));
  return shortHash(canonicalJson(['content', type, metadata, digests]));
}
