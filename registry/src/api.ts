/**
 * `/-/pipl/v1/*`: pipl's own HTTP API. Each route reads its request, calls one operation and answers JSON.
 * Paths that are not known here are offered to the routes that were injected (the reactor's).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { indexName, piplError, type IndexName } from '@pipl/packl';
import type { ServerStatus } from '@pipl/registry-client';
import { trailOf, wordsOfRelease, type Audit } from './people/audit.ts';
import { bodyOf, textIn } from './body.ts';
import type { Outside } from './door/forwarded.ts';
import { answerJson, readJson } from './http.ts';
import { refuseAnonymous, type Principal } from './people/principal.ts';
import { release, type Release } from './publishing/release.ts';
import { currentRights } from './people/fast-rights.ts';
import { mayRead } from './people/rights.ts';
import { indexRoutes } from './indexes/routes-indexes.ts';
import type { Outlets } from './feed/outlets.ts';
import { outsideRoutes } from './feed/routes-outside.ts';
import { peopleRoutes } from './people/routes-people.ts';
import type { Upkeep } from './upkeep/open-upkeep.ts';
import { upkeepRoutes } from './upkeep/routes-upkeep.ts';
import { inRelease, readPublish } from './publishing/stream-body.ts';
import type { Store } from './state/store.ts';
import type { Tokens } from './people/tokens.ts';
import type { Users } from './people/users.ts';
import { readVisible, waitVisible } from './feed/visible-feed.ts';

/** For paths of `/-/pipl/v1` that the registry does not know. @returns false when it does not know them either */
export type ExtraRoutes = (
  request: IncomingMessage,
  response: ServerResponse,
  asked: {
    /** without `/-/pipl/v1`, still encoded */
    readonly path: string;
    readonly query: URLSearchParams;
    readonly principal: Principal;
    /** may the asker read this index? */
    readonly mayRead: (index: IndexName) => boolean;
    readonly body: () => Promise<unknown>;
  },
) => Promise<boolean>;

export interface ApiParts {
  readonly store: Store;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly audit: Audit;
  readonly outlets: Outlets;
  readonly upkeep: Upkeep;
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
  readonly outside: Outside;
}

export type Route = (parts: ApiParts, asked: ApiRequest, part: readonly string[]) => Promise<unknown>;

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

const getChanges: Route = async ({ store, closing }, { query, request, response, principal }) => {
  const since = numberIn(query, 'since', 0);
  const limit = Math.min(numberIn(query, 'limit', 1000), 10_000);
  const wait = Math.min(numberIn(query, 'wait', 0), longestWait);
  if (wait === 0) return readVisible(store, principal, { since, limit });
  const gone = new AbortController();
  request.socket.once('close', () => gone.abort());
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([AbortSignal.timeout(wait * 1000), gone.signal, closing]);
  return waitVisible(store, principal, { since, limit, signal });
};

const postRelease: Route = async ({ store }, asked) => {
  refuseAnonymous(asked.principal, 'Publishing');
  await using sent = await readPublish(asked.request, { blobs: store.blobs, isCut: inRelease });
  const given = bodyOf(sent.document);
  const packls = Array.isArray(given['packls']) ? given['packls'].map(bodyOf) : [];
  const request: Release = {
    index: indexName(textIn(given, 'index')),
    packls: packls.map((packl) => ({
      manifest: packl['manifest'],
      integrity: textIn(packl, 'integrity'),
      tarball: sent.tarball(packl['tarball']) ?? Buffer.from(textIn(packl, 'tarball'), 'base64'),
    })),
    ...(given['run'] === undefined ? {} : { run: textIn(given, 'run') }),
    dryRun: given['dryRun'] === true,
  };
  trailOf(asked.request).subject = `${request.dryRun === true ? 'dry run: ' : ''}${wordsOfRelease(request)}`;
  // Awaited, so that what was received is not discarded before it has become blobs.
  return await release(store, request, asked.principal);
};

/** `*` stands for one segment of the path. */
const routes: Readonly<Record<string, Route>> = {
  'GET /status': ({ status }) => status(),
  ...peopleRoutes,
  ...indexRoutes,
  ...outsideRoutes,
  ...upkeepRoutes,
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
    // The stream of changes has answered by itself.
    if (!response.headersSent) answerJson(response, answer);
    return;
  }
  const rights = await currentRights(parts.store.db, parts.store);
  const extra = {
    path,
    query,
    principal,
    mayRead: (index: IndexName) => mayRead(rights, principal, index),
    body: () => readJson(request),
  };
  if ((await parts.extra?.(request, response, extra)) === true) return;
  throw piplError('notFound', 'PIPL_NO_ROUTE', {
    what: `${request.method ?? 'GET'} /-/pipl/v1${path} is nothing this server does.`,
    why: 'The address is wrong, or the server is older than the client.',
    hint: '`pipl proj status` prints its version.',
  });
}
