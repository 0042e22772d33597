/**
 * Requests about how the world hears of the registry: the part of `/-/pipl/v1` about webhooks, keys and the
 * stream of changes, and what stands at the root of the server beside the indexes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { indexName, piplError, type IndexName } from '@pipl/packl';
import type { NewWebhook } from '@pipl/registry-client';
import type { ApiParts, ApiRequest, Route } from '../api.ts';
import { bodyOf, textIn, type Body } from '../body.ts';
import type { Entered } from '../door/door.ts';
import { resumedAt } from './feed-stream.ts';
import { frontFiles } from '../pages/front-files.ts';
import { frontPage } from '../pages/front-page.ts';
import { indexFormFiles, indexFormLink, indexFormPage } from '../indexes/index-form.ts';
import { currentRights } from '../people/fast-rights.ts';
import { pageHeaders, pageText } from '../pages/html.ts';
import { answerJson, readJson } from '../http.ts';
import { mayAdminister, mustBePerson } from '../people/principal.ts';
import { allowHost, forbidHost, listReachable } from './reachable.ts';
import { answerProvenance } from '../signing/provenance.ts';
import { readableIndexes } from '../people/rights.ts';
import { visibleChanges } from './visible-feed.ts';
import { addWebhook, listWebhooks, removeWebhook } from './webhooks.ts';

/** Bytes: none of these requests has much to say. */
const smallBody = 64 * 1024;
const body = async ({ request }: ApiRequest): Promise<Body> => bodyOf(await readJson(request, smallBody));

function listIn(given: Body, field: 'indexes' | 'ops' | 'kinds'): Partial<NewWebhook> {
  const value = given[field];
  if (value === undefined) return {};
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return { [field]: value };
  throw piplError('usage', 'PIPL_BODY', {
    what: `"${field}" of the request cannot be used.`,
    why: 'It must be a list of texts.',
    hint: `Leave "${field}" out for all of them.`,
  });
}

const postWebhook: Route = async ({ store, outlets }, asked) => {
  const given = await body(asked);
  const added = await addWebhook(
    store,
    {
      url: textIn(given, 'url'),
      ...listIn(given, 'indexes'),
      ...listIn(given, 'ops'),
      ...listIn(given, 'kinds'),
      ...(given['secret'] === undefined ? {} : { secret: textIn(given, 'secret') }),
    },
    asked.principal,
  );
  await outlets.outbox.look();
  return added;
};

const postRedeliver: Route = async ({ outlets }, asked, [id = '']) => {
  const { seq } = await body(asked);
  if (seq !== undefined && !(Number.isSafeInteger(seq) && Number(seq) > 0)) {
    throw piplError('usage', 'PIPL_BODY', {
      what: 'The request names no change.',
      why: '"seq" must be the number of a change.',
      hint: 'Leave it out for everything that was given up.',
    });
  }
  const one = seq === undefined ? undefined : Number(seq);
  return { deliveries: await outlets.outbox.redeliver(id, one, asked.principal) };
};

const streamChanges: Route = async ({ store, outlets, closing }, asked) => {
  const { request, response, query, principal } = asked;
  const text = query.get('since');
  // Without a word about where to start, from now on.
  const since = text === null ? await store.feed.head() : Number(text);
  if (!Number.isSafeInteger(since) || since < 0) {
    throw piplError('usage', 'PIPL_QUERY', {
      what: `since=${text ?? ''} is no place in the feed.`,
      why: 'It must be the number of a change, or 0.',
      hint: 'For example since=0.',
    });
  }
  const from = { principal, since: resumedAt(request, since), signal: closing };
  await outlets.streams.answer({ request, response }, from);
};

/** `*` stands for one segment of the path. */
export const outsideRoutes: Readonly<Record<string, Route>> = {
  'GET /changes/stream': streamChanges,
  'GET /webhooks': async ({ store }, { principal }) => ({ webhooks: await listWebhooks(store, principal) }),
  'POST /webhooks': postWebhook,
  'DELETE /webhooks/*': async ({ store }, { principal }, [id = '']) => {
    await removeWebhook(store, id, principal);
    return { ok: true };
  },
  'POST /webhooks/*/redeliver': postRedeliver,
  'POST /webhooks/*/test': ({ outlets }, { principal }, [id = '']) => outlets.outbox.test(id, principal),
  'GET /reachable': async ({ store }, { principal }) => {
    mustBePerson(principal, 'list the inner hosts that the server may call');
    return { hosts: await listReachable(store.db) };
  },
  'PUT /reachable/*': async ({ store }, { principal }, [host = '']) => {
    await allowHost(store, host, principal);
    return { ok: true };
  },
  'DELETE /reachable/*': async ({ store }, { principal }, [host = '']) => {
    await forbidHost(store, host, principal);
    return { ok: true };
  },
  'POST /keys/rotate': async ({ store }, { principal }) => {
    mayAdminister(principal, 'root', 'make a new signing key');
    await store.provenance.rotate();
    return store.keys.rotate();
  },
};

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const answerText = (
  response: ServerResponse,
  { type, text, headers = {} }: { type: string; text: string; headers?: Readonly<Record<string, string>> },
): void => {
  response.writeHead(200, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(text);
};

const shownChanges = 25;
/** How far back the front page looks for changes that its reader may see. */
const searchedChanges = 500;

async function answerFrontPage(parts: ApiParts, { response }: Exchange, { principal, outside }: Entered) {
  const { store, outlets } = parts;
  const rights = await currentRights(store.db, store);
  const readable = readableIndexes(rights, principal);
  const head = await store.feed.head();
  const { changes } = await store.feed.read(Math.max(0, head - searchedChanges), searchedChanges);
  const page = frontPage({
    project: outlets.project,
    version: outlets.version,
    base: `${outside.origin}${outside.prefix}`,
    prefix: outside.prefix,
    common: store.common,
    indexes: [...rights.indexes.values()].filter(({ name }) => readable.has(name)),
    changes: visibleChanges(rights, principal, changes).slice(-shownChanges).toReversed(),
    through: changes.at(-1)?.seq ?? head,
    links: [indexFormLink, ...outlets.links],
  });
  const headers = { ...pageHeaders, 'cache-control': 'no-store' };
  answerText(response, { type: pageHeaders['content-type'] ?? '', text: pageText(page), headers });
}

async function answerKeys(
  { store, outlets }: ApiParts,
  { response }: Exchange,
  index: IndexName | undefined,
) {
  const own = store.keys.list();
  const ids = new Set(own.map(({ keyid }) => keyid));
  const others = (await outlets.upstreamKeys.of(index)).filter(({ keyid }) => !ids.has(keyid));
  answerJson(response, { keys: [...others, ...own] });
}

const keysPath = /^(?:\/([^/]+\/[^/]+))?\/-\/npm\/v1\/keys$/;

/** Before anybody is asked who they are: whoever watches the server has no token. @returns false for others */
export async function answerProbe(
  { outlets }: Pick<ApiParts, 'outlets'>,
  exchange: Exchange,
): Promise<boolean> {
  const { request, response } = exchange;
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (request.url?.split('?')[0] !== '/healthz') return false;
  const health = await outlets.health();
  answerJson(response, health, health.ok ? 200 : 503);
  return true;
}

/** @param path without the public sub-path @returns false when it is about something else */
export async function answerOutside(
  parts: ApiParts,
  exchange: Exchange,
  { path, entered }: { path: string; entered: Entered },
): Promise<boolean> {
  const { request, response } = exchange;
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (path.startsWith('/-/pipl/provenance/'))
    return answerProvenance(parts.store, exchange, { path, principal: entered.principal });
  const file = frontFiles[path] ?? indexFormFiles[path];
  const keys = keysPath.exec(path);
  if (path === '/') await answerFrontPage(parts, exchange, entered);
  else if (path === indexFormLink.path) {
    const page = indexFormPage({ project: parts.outlets.project, prefix: entered.outside.prefix });
    answerText(response, {
      type: pageHeaders['content-type'] ?? '',
      text: pageText(page),
      headers: pageHeaders,
    });
  } else if (file !== undefined)
    answerText(response, { ...file, headers: { 'cache-control': 'max-age=300' } });
  else if (path === '/metrics') {
    const type = 'text/plain; version=0.0.4; charset=utf-8';
    answerText(response, { type, text: await parts.outlets.metricsText() });
  } else if (keys !== null) {
    await answerKeys(parts, exchange, keys[1] === undefined ? undefined : indexName(keys[1]));
  } else return false;
  return true;
}
