/**
 * The outer HTTP server: lets in whoever may come in (`door.ts`), strips `/<owner>/<index>`, and hands on:
 * pipl's API, npm's writes, or Verdaccio for everything else below an index.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { indexName, piplError, type IndexName } from '@pipl/packl';
import { answerApi, type ApiParts } from './api.ts';
import { asking } from './context.ts';
import { addressOf, enter, leave, type Door, type Entered } from './door/door.ts';
import type { FastReads } from './reading/fast-reads.ts';
import type { Fresh } from './reading/fast-reads-fresh.ts';
import type { Outside } from './door/forwarded.ts';
import { answerError, discardRest } from './http.ts';
import { indexIn } from './indexes/indexes.ts';
import { answerNpmWrite } from './publishing/npm-writes.ts';
import { answerOutside, answerProbe } from './feed/routes-outside.ts';
import type { VerdaccioApp } from './verdaccio/app.ts';

const api = '/-/pipl/v1';
const belowIndex = /^\/([A-Za-z0-9][\w.-]*)\/([A-Za-z0-9][\w.-]*)(\/.*)?$/;

export interface ServerParts extends ApiParts, Door {
  readonly fresh: Fresh;
  readonly fast: FastReads;
  readonly verdaccio: VerdaccioApp;
}

const noPage = (path: string) =>
  piplError('notFound', 'PIPL_NO_ROUTE', {
    what: `There is nothing at ${path}.`,
    why: 'Indexes stand at /<owner>/<index>/, the API at /-/pipl/v1.',
    hint: '`pipl proj index list-indexes` lists the indexes.',
  });

function redirect(response: ServerResponse, to: string): void {
  response.writeHead(302, { location: to });
  response.end();
}

const wantsShort = ({ headers }: IncomingMessage) =>
  headers.accept?.includes('application/vnd.npm.install-v1+json') === true;

/** Verdaccio makes addresses from these two headers; it must see only what was checked here. */
function speakAs({ headers }: IncomingMessage, { origin }: Outside): void {
  const { host, protocol } = new URL(origin);
  headers.host = host;
  headers['x-forwarded-proto'] = protocol.slice(0, -1);
  for (const name of ['x-forwarded-host', 'x-forwarded-prefix', 'x-forwarded-for']) delete headers[name];
}

/**
 * What the pages themselves are made of, for a browser, is no secret of an index: they ask for its content later,
 * as whoever logs in there. So they come for every index, also one that is not there, or not for everybody.
 */
function isShell({ method, headers }: IncomingMessage, path: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (path.startsWith('/-/static/')) return true;
  const isPage = path.startsWith('/-/web/') || path.split('?')[0] === '/';
  return isPage && headers.accept?.includes('text/html') === true;
}

async function answerIndex(
  parts: ServerParts,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  { index, path, entered }: { index: IndexName; path: string; entered: Entered },
): Promise<void> {
  const { fresh, fast } = parts;
  const { principal, outside } = entered;
  const isPublic = isShell(request, path);
  await fresh.now();
  if (!isPublic) indexIn(fresh.rights().indexes, index);
  const form = wantsShort(request) ? 'short' : 'full';
  const prefix = `${outside.prefix}/${index}/`;
  const base = `${outside.origin}${prefix}`;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && !isPublic && !path.startsWith('/-/')) {
    const sight = fresh.sight(principal, index);
    if (await fast.answer({ request, response, path, sight, base, form })) return;
  }
  if (await answerNpmWrite(parts, { request, response, index, path, principal, outside })) return;
  const order = isPublic ? [] : fresh.sight(principal, index).order;
  request.url = path;
  speakAs(request, outside);
  const asked = { index, order, prefix, base, outside, principal, form } as const;
  await asking.run(asked, () => parts.verdaccio.answer(request, response));
}

async function answer(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (await answerProbe(parts, { request, response })) return;
  const entered = await enter(parts, request);
  const { outside, principal } = entered;
  const { pathname, searchParams } = addressOf(request);
  if (pathname.startsWith(`${api}/`)) {
    await answerApi(parts, {
      request,
      response,
      path: pathname.slice(api.length),
      query: searchParams,
      principal,
      outside,
    });
    return;
  }
  if (await answerOutside(parts, { request, response }, { path: pathname, entered })) return;
  // The web pages load their later parts from the root of the server, wherever the page itself stands.
  if (pathname.startsWith('/-/static/')) {
    return answerIndex(
      parts,
      { request, response },
      { index: parts.store.common, path: request.url ?? '', entered },
    );
  }
  const [, owner, name, rest] = belowIndex.exec(request.url?.split('?')[0] ?? '') ?? [];
  if (owner === undefined || name === undefined) throw noPage(pathname);
  const index = indexName(`${owner}/${name}`);
  if (rest === undefined) return redirect(response, `${outside.prefix}/${index}/`);
  const path = (request.url ?? '').slice(`/${index}`.length);
  await answerIndex(parts, { request, response }, { index, path, entered });
}

/** @returns the server, not listening yet, and a promise for the end of what it is doing now */
export function outerServer(parts: ServerParts): { server: Server; idle: () => Promise<void> } {
  const underWay = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    parts.outlets.metrics.watch(request, response);
    const form = request.url?.includes(`${api}/`) === true ? 'pipl' : 'npm';
    const answering = answer(parts, request, response)
      .then(
        () => leave(parts, request),
        async (error: unknown) => {
          leave(parts, request, error);
          await discardRest(request);
          answerError(response, error, form);
        },
      )
      .finally(() => underWay.delete(answering));
    underWay.add(answering);
  });
  const idle = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return { server, idle };
}
