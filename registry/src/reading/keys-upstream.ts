/**
 * The keys of the registries behind mirrors: what a mirror hands on is signed by its upstream, and clients look
 * for that key where they got the packl from. Kept in files, so that verifying needs no network a second time.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IndexName } from '@pipl/packl';
import type { IndexView, SigningKey } from '@pipl/registry-client';
import { lineage, readIndexes } from '../indexes/indexes.ts';
import { safeFetch, type SafeAsk } from '../feed/safe-fetch.ts';
import type { Database } from '../state/tables.ts';

/** Milliseconds. */
const freshFor = 60 * 60_000;
/** After a failure: upstream may have no keys at all, or be away. */
const patienceAfterFailure = 5 * 60_000;
const patience = 5_000;
const mostKeys = 50;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length < 2_000;

/** Only what has the shape of a key; upstream's word is not ours. */
function keysIn(text: string): SigningKey[] {
  const { keys } = JSON.parse(text) as { keys?: unknown };
  if (!Array.isArray(keys)) return [];
  return keys.slice(0, mostKeys).flatMap((one: unknown) => {
    const { keyid, keytype, scheme, key, expires } = (one ?? {}) as Partial<
      Record<keyof SigningKey, unknown>
    >;
    if (!isText(keyid) || !isText(keytype) || !isText(scheme) || !isText(key)) return [];
    return [{ keyid, keytype, scheme, key, expires: isText(expires) ? expires : null }];
  });
}

async function readKept(file: string): Promise<SigningKey[]> {
  try {
    return keysIn(await readFile(file, 'utf8'));
  } catch (error) {
    // Not there yet, or half written before a power loss: both are as good as nothing.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return [];
    throw error;
  }
}

export interface UpstreamKeys {
  /** Of the mirrors that this index inherits; of all of them when no index is named. */
  of(index: IndexName | undefined): Promise<SigningKey[]>;
}

/** @param folder of a cache: losing it costs a question */
export function openUpstreamKeys(
  db: Database,
  { folder, resolve }: { folder: string; resolve?: SafeAsk['resolve'] },
): UpstreamKeys {
  const known = new Map<string, { until: number; keys: Promise<SigningKey[]> }>();

  const ask = async ({ name, mirror = '', near }: IndexView): Promise<SigningKey[]> => {
    const file = join(folder, `${encodeURIComponent(name)}.json`);
    const remembered = known.get(name);
    try {
      const { status, body } = await safeFetch({
        url: `${mirror.replace(/\/+$/, '')}/-/npm/v1/keys`,
        patience,
        largest: 256 * 1024,
        redirects: 2,
        reachable: () => near === true,
        ...(resolve === undefined ? {} : { resolve }),
      });
      if (status !== 200) throw new Error(`It answered ${status}.`);
      const keys = keysIn(body.toString());
      await mkdir(folder, { recursive: true });
      const temp = `${file}.${randomUUID()}`;
      await writeFile(temp, JSON.stringify({ keys }));
      await rename(temp, file);
      return keys;
    } catch {
      // No keys, or no network: what was kept is still true, for keys are only added.
      if (remembered !== undefined) remembered.until = performance.now() + patienceAfterFailure;
      return readKept(file);
    }
  };
  return {
    async of(index) {
      const indexes = await readIndexes(db);
      const order = index === undefined ? [...indexes.values()] : lineage(indexes, index);
      const lists = order
        .filter(({ mirror }) => mirror !== undefined)
        .map((mirror) => {
          const kept = known.get(mirror.name);
          if (kept !== undefined && kept.until > performance.now()) return kept.keys;
          const fresh = { until: performance.now() + freshFor, keys: Promise.resolve<SigningKey[]>([]) };
          known.set(mirror.name, fresh);
          fresh.keys = ask(mirror);
          return fresh.keys;
        });
      return (await Promise.all(lists)).flat();
    },
  };
}
