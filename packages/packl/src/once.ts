/**
 * A value that is made when it is first asked for, and kept.
 *
 * For schemas: making one costs milliseconds at the start of a process, and a command needs few of them.
 */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
