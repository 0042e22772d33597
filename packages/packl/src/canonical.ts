/**
 * One text for one value, and its hash: what every lock, key and content hash of pipl is made of.
 *
 * Keys are sorted by code unit, nothing is indented, undefined is left out as JSON does. Only plain JSON goes
 * in: a number that JSON cannot hold is a bug of the caller, not a `null` in a key.
 */
import { hash } from 'node:crypto';

/** @throws TypeError on a number that is not finite, a function, a symbol or a bigint */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is not JSON`);
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
  }
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${typeof value} is not JSON`);
  return text;
}

/**
 * 128 bits of SHA-256, as 32 hex digits: short enough for a folder, a job name and a log line, and nobody
 * gains by making two of these collide who could not publish the content anyway.
 */
export const shortHash = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);
