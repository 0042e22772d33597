/** Answers in memory, the least recently used ones dropped when they are too many bytes. */

export interface Cache<T> {
  get(key: string): T | undefined;
  /** Replaces what stood there. One that is bigger than a part of the whole is not kept. */
  set(key: string, value: T): void;
  /** The value has grown or shrunk in place. */
  resized(key: string): void;
  delete(key: string): void;
  /** of everything in it */
  bytes(): number;
}

/** What an entry costs beside its content. */
const overhead = 512;

/** @param most bytes, everything together */
export function openCache<T extends { readonly bytes: number }>(most: number): Cache<T> {
  const entries = new Map<string, { value: T; counted: number }>();
  let total = 0;
  const drop = (key: string) => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    total -= entry.counted;
  };
  const shrink = () => {
    for (const key of entries.keys()) {
      if (total <= most) return;
      drop(key);
    }
  };
  const set = (key: string, value: T) => {
    drop(key);
    const counted = value.bytes + key.length * 2 + overhead;
    if (counted > most / 4) return;
    entries.set(key, { value, counted });
    total += counted;
    shrink();
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      // A map keeps the order of insertion: the first one is the one that nobody asked for longest.
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set,
    resized(key) {
      const entry = entries.get(key);
      if (entry !== undefined) set(key, entry.value);
    },
    delete: drop,
    bytes: () => total,
  };
}
