/** At most `count` at a time, first come, first served. A failure frees its place. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function limit(count: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (work) => {
    if (running >= count) await new Promise<void>((start) => waiting.push(start));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes straight to the next one, so a newcomer cannot slip in between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
