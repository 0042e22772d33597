/**
 * Who a token belongs to, remembered between requests: with SQLite only, where this process sees every write to
 * the table of tokens. After any such write nothing remembered counts. With PostgreSQL another process may revoke
 * a token at any time, so nothing is remembered. Tokens are kept as hashes only.
 */
import { hash } from 'node:crypto';
import type { Backend } from '../state/database.ts';
import type { Principal } from './principal.ts';

export interface Remembered {
  readonly principal: Principal;
  /** ISO 8601; null: never */
  readonly expires: string | null;
}

export interface TokenMemory {
  get(token: string): Remembered | undefined;
  /** @param ask reads the database; what it found is remembered unless somebody wrote meanwhile */
  learn(token: string, ask: () => Promise<Remembered>): Promise<Remembered>;
}

const most = 10_000;

export function openTokenMemory(backend: Backend): TokenMemory {
  if (backend.is !== 'sqlite') return { get: () => undefined, learn: (_token, ask) => ask() };
  const known = new Map<string, Remembered>();
  let asOf = backend.writesTo('registry_tokens');
  const keyOf = (token: string) => hash('sha256', token, 'base64');
  /** @returns the number of writes that what is remembered takes into account */
  const current = () => {
    const writes = backend.writesTo('registry_tokens');
    if (writes !== asOf) known.clear();
    asOf = writes;
    return writes;
  };
  return {
    get(token) {
      current();
      return known.get(keyOf(token));
    },
    async learn(token, ask) {
      const before = current();
      const found = await ask();
      if (current() === before) {
        if (known.size >= most) known.clear();
        known.set(keyOf(token), found);
      }
      return found;
    },
  };
}
