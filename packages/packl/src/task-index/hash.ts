/**
 * Fast 64-bit hashes as pairs of numbers, only ever compared with others of the same process: which inputs a task
 * had a moment ago. What names a run for good is the hash of its run lock (SHA-256).
 */

export interface Hash {
  readonly high: number;
  readonly low: number;
}

/** A hash that is being added up. */
export interface Sum {
  high: number;
  low: number;
}

/** Two FNV-1a of 32 bits with different starts, finished so that each bit of the text counts everywhere. */
export function hashOf(text: string): Hash {
  let high = 0x811c9dc5;
  let low = 0x27d4eb2f;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x5bd1e995);
  }
  return { high: finished(high), low: finished(low ^ text.length) };
}

/** Adds a pair to a sum: the order in which pairs are added means nothing, the order within a pair does. */
export function mix(sum: Sum, one: Hash, other: Hash): void {
  sum.high = (sum.high + finished(Math.imul(one.high, 0x9e3779b1) ^ other.low)) | 0;
  sum.low = (sum.low + finished(Math.imul(one.low, 0x85ebca77) ^ other.high)) | 0;
}

export function add(sum: Sum, one: Hash): void {
  sum.high = (sum.high + one.high) | 0;
  sum.low = (sum.low + one.low) | 0;
}

export const isSame = (one: Hash | undefined, other: Hash | undefined): boolean =>
  one === other || (one !== undefined && one.high === other?.high && one.low === other.low);

function finished(hash: number): number {
  let value = hash;
  value = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  value = Math.imul(value ^ (value >>> 15), 0x846ca68b);
  return value ^ (value >>> 16);
}
