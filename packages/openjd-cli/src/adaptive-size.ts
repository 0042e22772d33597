/**
 * How large the next chunk of a step should be, from what the chunks before it took. As the reference does it:
 * the average so far decides, and while fewer than ten tasks are known a growing size is only approached.
 */
export interface ChunksSoFar {
  readonly size: number;
  /** Tasks, and the seconds they took together. */
  readonly tasks: number;
  readonly seconds: number;
  readonly targetSeconds: number;
}

/** At least 1; the size as it is when nothing could be measured yet. */
export function nextChunkSize({ size, tasks, seconds, targetSeconds }: ChunksSoFar): number {
  if (tasks <= 0 || !(seconds > 0) || !Number.isFinite(seconds)) return size;
  const wanted = targetSeconds / (seconds / tasks);
  const next = tasks < 10 && wanted > size ? 0.75 * size + 0.25 * wanted : wanted;
  return Math.max(1, Math.min(Math.floor(next), Number.MAX_SAFE_INTEGER));
}
