/**
 * `/-/pipl/v1/*`: pipl's own HTTP API. Each route reads its request, calls one operation and answers JSON.
 * Paths that are not known here are offered to the routes that were injected (the reactor's).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { indexName, packlName, piplError, type IndexName } from '@pipl/packl';
import type { PacklView, ServerStatus } from '@pipl/registry-client';
import { compare } from 'semver';
import { deprecate, setIndex, withdraw } from './amend.ts';
import { bodyOf, textIn, type Body } from './body.ts';
import { answerJson, readJson } from './http.ts';
import { indexIn, lineage, readIndexes } from './indexes.ts';
import { mayAdminister, type Principal } from './principal.ts';
import { release, type Release } from './release.ts';
import { derivedLatest, nearestRows, readRows, readTags, rowOf } from './rows.ts';
import type { Store } from './store.ts';
import type { Tokens } from './tokens.ts';
import type { Users } from './users.ts';

/** For paths of `/-/pipl/v1` that the registry does not know. @returns false when it does not know them either */
export type ExtraRoutes = (
  request: IncomingMessage,
  response: ServerResponse,
  asked: {
    /** without `/-/pipl/v1`, still encoded */
    readonly path: string;
    readonly query: URLSearchParams;
    readonly principal: Principal;
    readonly body: () => Promise<unknown>;
  },
) => Promise<boolean>;

export interface ApiParts {
  readonly store: Store;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly status: () => Promise<ServerStatus>;
  readonly extra: ExtraRoutes | undefined;
  /** aborts when the server closes: nobody waits on the line any longer */
  readonly closing: AbortSignal;
}

export interface ApiRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly principal: Principal;
}

type Route = (parts: ApiParts, asked: ApiRequest, part: readonly string[]) => Promise<unknown>;

const longestWait = 60;
const numberIn = (query: URLSearchParams, key: string, otherwise: number): number => {
  const text = query.get(key);
  const number = text === null ? otherwise : Number(text);
  if (Number.isFinite(number) && number >= 0) return number;
  throw piplError('usage', 'PIPL_QUERY', {
    what: `${key}=${text ?? ''} is not a number.`,
    why: 'It must be zero or more.',
    hint: `For example ${key}=0.`,
  });
};
const indexOf = (part: readonly string[]): IndexName => indexName(`${part[0] ?? ''}/${part[1] ?? ''}`);
const body = async ({ request }: ApiRequest): Promise<Body> => bodyOf(await readJson(request));

const logIn: Route = async ({ users, tokens }, asked) => {
  const given = await body(asked);
  const user = textIn(given, 'user');
  const ownerKey = given['ownerKey'] === undefined ? undefined : textIn(given, 'ownerKey');
  await users.check({ user, password: textIn(given, 'password'), ownerKey });
  return { token: await tokens.forUser(user), user };
};

const putUser: Route = async ({ users }, asked, [name = '']) => {
  const known = await users.has(name);
  mayAdminister(asked.principal, known ? name : 'root', `${known ? 'change' : 'create'} the user ${name}`);
  const given = await body(asked);
  await users.set(name, {
    ...(given['password'] === undefined ? {} : { password: textIn(given, 'password') }),
    ...(given['email'] === undefined ? {} : { email: textIn(given, 'email') }),
  });
  return { name };
};

const putIndex: Route = async ({ store }, asked, part) => {
  const { bases, volatile } = await body(asked);
  const change = {
    ...(Array.isArray(bases) ? { bases: bases.map((base) => indexName(String(base))) } : {}),
    ...(typeof volatile === 'boolean' ? { volatile } : {}),
  };
  return setIndex(store, { name: indexOf(part), change }, asked.principal);
};

/** The indexes whose packls a view shows, nearest first. */
async function ownersOf({ db }: Store, index: IndexName, inherited: boolean) {
  const indexes = await readIndexes(db);
  const order = inherited ? lineage(indexes, indexIn(indexes, index).name) : [indexIn(indexes, index)];
  return order.filter(({ mirror }) => mirror === undefined);
}

const getRows: Route = async ({ store }, { query }, part) => {
  const order = await ownersOf(store, indexOf(part), true);
  const name = query.get('name');
  const which = {
    indexes: order.map((index) => index.name),
    ...(name === null ? {} : { name: packlName(name) }),
  };
  const rows = nearestRows(order, await readRows(store.db, which));
  return { rows: rows.map(rowOf), tags: await readTags(store.db, which) };
};

const getPackls: Route = async ({ store }, { query }, part) => {
  const order = await ownersOf(store, indexOf(part), query.get('inherited') === '1');
  const rows = nearestRows(order, await readRows(store.db, { indexes: order.map(({ name }) => name) }));
  const shown = rows.filter(({ withdrawn }) => withdrawn !== true);
  const packls = [...Map.groupBy(shown, ({ name }) => name)].map(([name, versions]): PacklView => {
    const latest = derivedLatest(versions);
    const kind = versions.find(({ version }) => version === latest)?.manifest.pipl?.kind;
    return {
      name,
      ...(kind === undefined ? {} : { kind }),
      versions: versions.map(({ version }) => version).toSorted(compare),
      ...(latest === undefined ? {} : { latest }),
    };
  });
  return { packls: packls.toSorted((one, other) => (one.name < other.name ? -1 : 1)) };
};

const getChanges: Route = async ({ store, closing }, { query, request, response }) => {
  const since = numberIn(query, 'since', 0);
  const limit = Math.min(numberIn(query, 'limit', 1000), 10_000);
  const wait = Math.min(numberIn(query, 'wait', 0), longestWait);
  if (wait > 0) {
    const gone = new AbortController();
    request.socket.once('close', () => gone.abort());
    response.once('close', () => gone.abort());
    const given = AbortSignal.any([AbortSignal.timeout(wait * 1000), gone.signal, closing]);
    await store.feed.wait(since, given).catch((error: unknown) => {
      // Nothing came in time: an empty answer is the answer.
      if (!given.aborted) throw error;
    });
  }
  return store.feed.read(since, limit);
};

const postRelease: Route = async ({ store }, asked) => {
  const given = await body(asked);
  const packls = Array.isArray(given['packls']) ? given['packls'].map(bodyOf) : [];
  const request: Release = {
    index: indexName(textIn(given, 'index')),
    packls: packls.map((packl) => ({
      manifest: packl['manifest'],
      integrity: textIn(packl, 'integrity'),
      tarball: Buffer.from(textIn(packl, 'tarball'), 'base64'),
    })),
    ...(given['run'] === undefined ? {} : { run: textIn(given, 'run') }),
  };
  return release(store, request, asked.principal);
};

const subjectIn = (given: Body, part: readonly string[]) => ({
  index: indexOf(part),
  name: packlName(textIn(given, 'name')),
  version: textIn(given, 'version'),
});
const putDeprecate: Route = async ({ store }, asked, part) => {
  const given = await body(asked);
  await deprecate(store, subjectIn(given, part), textIn(given, 'message'), asked.principal);
  return { ok: true };
};
const putWithdraw: Route = async ({ store }, asked, part) => {
  const given = await body(asked);
  const message = given['message'] === undefined ? undefined : textIn(given, 'message');
  await withdraw(store, subjectIn(given, part), message, asked.principal);
  return { ok: true };
};

/** `*` stands for one segment of the path. */
const routes: Readonly<Record<string, Route>> = {
  'GET /status': ({ status }) => status(),
  'POST /login': logIn,
  'GET /users': async ({ users }) => ({ users: await users.list() }),
  'PUT /users/*': putUser,
  'GET /indexes': async ({ store }) => ({ indexes: [...(await readIndexes(store.db)).values()] }),
  'PUT /indexes/*/*': putIndex,
  'GET /indexes/*/*/packls': getPackls,
  'GET /indexes/*/*/rows': getRows,
  'PUT /indexes/*/*/deprecate': putDeprecate,
  'PUT /indexes/*/*/withdraw': putWithdraw,
  'GET /changes': getChanges,
  'POST /release': postRelease,
};
const compiled = Object.entries(routes).map(([pattern, route]) => {
  const [method, path = ''] = pattern.split(' ');
  return { method, path: new RegExp(`^${path.replaceAll('*', '([^/]+)')}$`), route };
});

/** @throws PIPL_NO_ROUTE and what the operations throw */
export async function answerApi(parts: ApiParts, asked: ApiRequest): Promise<void> {
  const { request, response, path, query, principal } = asked;
  for (const { method, path: pattern, route } of compiled) {
    const found = method === request.method ? pattern.exec(path) : null;
    if (found === null) continue;
    const answer = await route(parts, asked, found.slice(1).map(decodeURIComponent));
    answerJson(response, answer);
    return;
  }
  const extra = { path, query, principal, body: () => readJson(request) };
  if ((await parts.extra?.(request, response, extra)) === true) return;
  throw piplError('notFound', 'PIPL_NO_ROUTE', {
    what: `${request.method ?? 'GET'} /-/pipl/v1${path} is nothing this server does.`,
    why: 'The address is wrong, or the server is older than the client.',
    hint: '`pipl proj status` prints its version.',
  });
}
