/** Early cutoff: a product with the content of another is the other, whatever its version says. */
import { contentHash, productOf } from '@pipl/packl';
import type { Row } from '@pipl/packl';

const hashes = new WeakMap<Row, string>();

/** Same type, metadata and assets; false for what is no product. */
export const sameContent = (one: Row, other: Row): boolean =>
  productOf(one.manifest) !== undefined &&
  productOf(other.manifest) !== undefined &&
  hashOf(one) === hashOf(other);

function hashOf(row: Row): string {
  const hash = hashes.get(row) ?? contentHash(row.manifest);
  hashes.set(row, hash);
  return hash;
}
