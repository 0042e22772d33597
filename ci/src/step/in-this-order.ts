/** Puts the entries of a map back into an order that they had: what is deleted and put back comes last in it. */
/** @param keys all of them, and others */
export function inThisOrder(map: Map<string, unknown>, keys: readonly string[]): void {
  const kept = keys.flatMap((key) => (map.has(key) ? [[key, map.get(key)] as const] : []));
  map.clear();
  for (const [key, value] of kept) map.set(key, value);
}
