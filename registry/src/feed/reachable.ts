/** The inner hosts that root lets the server call: a webhook's receiver in the studio, a mirror's upstream. */
import { piplError } from '@pipl/packl';
import { mayAdminister, type Principal } from '../people/principal.ts';
import type { Store } from '../state/store.ts';
import type { Database } from '../state/tables.ts';

/** `host`, `host:port`, `[v6]:port`: as they stand in a URL, so that what root types is what is compared. */
function hostIn(text: string): string {
  const url = URL.parse(`http://${text}/`);
  const plain = url !== null && url.pathname === '/' && url.search + url.hash + url.username === '';
  if (plain && url.host !== '') return url.host;
  throw piplError('usage', 'PIPL_HOST', {
    what: `"${text}" is not a host.`,
    why: 'It is a name or an address, with or without a port, as it stands in a URL.',
    hint: 'For example hooks.studio.lan or 10.0.0.7:8080.',
  });
}

export async function listReachable(db: Database): Promise<string[]> {
  const rows = await db.selectFrom('registry_reachable').select('host').orderBy('host').execute();
  return rows.map(({ host }) => host);
}

/** For {@link safeFetch}: the list as it is now. */
export async function reachableNow(db: Database): Promise<(host: string) => boolean> {
  const hosts = new Set(await listReachable(db));
  return (host) => hosts.has(host);
}

/** @throws PIPL_HOST PIPL_DENIED */
export async function allowHost(store: Store, text: string, principal: Principal): Promise<void> {
  const by = mayAdminister(principal, 'root', 'let the server call an inner host');
  const row = { host: hostIn(text), by_whom: by, at: store.now().toISOString() };
  await store.db
    .insertInto('registry_reachable')
    .values(row)
    .onConflict((conflict) => conflict.column('host').doNothing())
    .execute();
}

/** @throws PIPL_NO_HOST PIPL_HOST PIPL_DENIED */
export async function forbidHost(store: Store, text: string, principal: Principal): Promise<void> {
  mayAdminister(principal, 'root', 'take an inner host off the list');
  const host = hostIn(text);
  const gone = await store.db
    .deleteFrom('registry_reachable')
    .where('host', '=', host)
    .returning('host')
    .execute();
  if (gone.length > 0) return;
  throw piplError('notFound', 'PIPL_NO_HOST', {
    what: `${host} is not on the list.`,
    why: 'Root never allowed it.',
    hint: '`pipl proj reach list` prints the list.',
  });
}
