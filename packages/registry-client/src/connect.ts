/**
 * The client: one method for each line of the HTTP API, typed by `api.ts`.
 *
 * Keeps nothing: no cache, no session, no open connection that would hold a process up.
 */
import { piplError, type IndexName } from '@pipl/packl';
import type { PacklView, RegistryClient, ReleaseRequest } from './api.ts';
import { follow } from './follow.ts';
import { handlersMethods } from './handlers.ts';
import { indexMethods } from './index-methods.ts';
import { integrityMatches } from './integrity.ts';
import { outletsMethods } from './outlets.ts';
import { provenanceMethods } from './provenance-words.ts';
import { rerunMethods } from './rerun-words.ts';
import { peopleMethods } from './people-methods.ts';
import { bytesOf, jsonOf, type Ask, type Connection, type Fetch } from './request.ts';
import { upkeepMethods } from './upkeep.ts';

const api = '/-/pipl/v1';
const encode = encodeURIComponent;
const withBase64 = ({ index, packls, run, dryRun }: ReleaseRequest) => ({
  index,
  packls: packls.map(({ manifest, integrity, tarball }) => ({
    manifest,
    integrity,
    tarball: Buffer.from(tarball.buffer, tarball.byteOffset, tarball.byteLength).toString('base64'),
  })),
  ...(run === undefined ? {} : { run }),
  ...(dryRun === true ? { dryRun } : {}),
});

/** The part of a scoped name that npm puts into the name of the tarball. */
const fileOf = (name: string, version: string) => `${name.slice(name.indexOf('/') + 1)}-${version}.tgz`;

async function verifiedTarball(
  connection: Connection,
  what: { index: IndexName; name: string; version: string; integrity?: string },
): Promise<Uint8Array> {
  const { index, name, version } = what;
  const at = `/${index}/${name.replace('/', '%2f')}`;
  const integrity =
    what.integrity ??
    (await jsonOf<{ dist: { integrity: string } }>(connection, { path: `${at}/${encode(version)}` })).dist
      .integrity;
  const bytes = await bytesOf(connection, { path: `/${index}/${name}/-/${encode(fileOf(name, version))}` });
  if (integrityMatches(integrity, bytes)) return bytes;
  throw piplError('invalid', 'PIPL_INTEGRITY', {
    what: `The tarball of ${name}@${version} is not the one that was published.`,
    why: `Its content does not match ${integrity}.`,
    hint: "Somebody changed the server's files, or the transfer was cut: try again, then ask whoever runs the server.",
  });
}

type Json = <T>(ask: Ask) => Promise<T>;

/** People, indexes, packls, the feed: what the registry itself answers. */
const registryMethods = (json: Json) =>
  ({
    status: () => json<never>({ path: `${api}/status` }),
    login: (body) => json<never>({ method: 'POST', path: `${api}/login`, body, repeatable: true }),
    users: async () => (await json<{ users: [] }>({ path: `${api}/users` })).users,
    packls: async (index, { inherited = false } = {}) => {
      const query = { inherited: inherited ? 1 : undefined };
      return (await json<{ packls: PacklView[] }>({ path: `${api}/indexes/${index}/packls`, query })).packls;
    },
    rows: (index, name) => json<never>({ path: `${api}/indexes/${index}/rows`, query: { name } }),
    changes: ({ signal, wait, since, limit }) =>
      json<never>({
        path: `${api}/changes`,
        query: { since, limit, wait },
        ...(wait === undefined ? {} : { wait }),
        ...(signal === undefined ? {} : { signal }),
      }),
    release: (request) => json<never>({ method: 'POST', path: `${api}/release`, body: withBase64(request) }),
  }) satisfies Partial<RegistryClient>;

/** Runs, waves, reasons: what the reactor answers on the same server. */
const reactorMethods = (json: Json) =>
  ({
    runs: async (query = {}) => (await json<{ runs: [] }>({ path: `${api}/runs`, query })).runs,
    run: (attempt) => json<never>({ path: `${api}/runs/${encode(attempt)}` }),
    runRecord: (attempt) => json<never>({ path: `${api}/runs/${encode(attempt)}/record` }),
    runLog: (attempt, { signal, from, wait } = {}) =>
      json<never>({
        path: `${api}/runs/${encode(attempt)}/log`,
        query: { from, wait },
        ...(wait === undefined ? {} : { wait }),
        ...(signal === undefined ? {} : { signal }),
      }),
    waves: (query = {}) => json<never>({ path: `${api}/waves`, query }),
    plan: (body) => json<never>({ method: 'POST', path: `${api}/plan`, body }),
    tasks: async () => (await json<{ tasks: [] }>({ path: `${api}/tasks` })).tasks,
    why: (query) => json<never>({ path: `${api}/why`, query: { ...query } }),
    resolve: (query) => json<never>({ path: `${api}/resolve`, query: { ...query } }),
    tidyRuns: (how = {}) => json<never>({ method: 'POST', path: `${api}/runs/tidy`, body: how }),
    cancelRun: async (attempt) => {
      await json({ method: 'POST', path: `${api}/runs/${encode(attempt)}/cancel`, body: {} });
    },
    retryTask: async (name) => {
      await json({ method: 'POST', path: `${api}/tasks/${encode(name)}/retry`, body: {} });
    },
  }) satisfies Partial<RegistryClient>;

/** @param url of the server, not of one index; a slash at the end does not matter */
export function connect(options: { url: string; token?: string; fetch?: Fetch }): RegistryClient {
  const connection: Connection = {
    url: options.url.replace(/\/+$/, ''),
    token: options.token,
    fetch: options.fetch ?? globalThis.fetch,
  };
  const json: Json = (ask) => jsonOf(connection, ask);
  const client: RegistryClient = {
    url: connection.url,
    token: connection.token,
    withToken: (token) =>
      connect({ url: connection.url, fetch: connection.fetch, ...(token === undefined ? {} : { token }) }),
    ...registryMethods(json),
    ...peopleMethods(json),
    ...indexMethods(json),
    ...reactorMethods(json),
    ...handlersMethods(json),
    ...outletsMethods(json),
    ...provenanceMethods(json),
    ...rerunMethods(json),
    ...upkeepMethods(json),
    tarball: (index, name, version, { integrity } = {}) =>
      verifiedTarball(connection, {
        index,
        name,
        version,
        ...(integrity === undefined ? {} : { integrity }),
      }),
    follow: (ask) => follow(client, ask),
  };
  return client;
}
