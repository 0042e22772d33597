/**
 * How large the next chunk should be, from how long chunks took so far. Pure: a scheduler measures, asks, and
 * sets `chunksDefaultTaskCount` of the iterator; it may as well have a rule of its own.
 */

export interface ChunksSoFar {
  /** The size of chunks until now. */
  readonly size: number;
  /** How many values all chunks so far had. */
  readonly tasks: number;
  /** How long they took together. */
  readonly seconds: number;
  /** What a chunk should take: `targetRuntimeSeconds` of the template. */
  readonly targetSeconds: number;
}

/** Fewer tasks than this say little of the next: a larger size is then only approached. */
const fewTasks = 10;

/** A whole number from 1, by the average so far; `size` while nothing was measured, or without a target. */
export function proposeTaskCount({ size, tasks, seconds, targetSeconds }: ChunksSoFar): number {
  const wanted = (targetSeconds * tasks) / seconds;
  if (!(tasks > 0) || !(seconds > 0) || !(wanted > 0)) return size;
  const next = tasks < fewTasks && wanted > size ? 0.75 * size + 0.25 * wanted : wanted;
  return Math.max(1, Math.min(Math.floor(next), Number.MAX_SAFE_INTEGER));
}
