/**
 * What stands before Verdaccio's own routes: its URL prefix follows the index of the request, and a document
 * is fetched before Verdaccio asks for it, because Verdaccio would answer every failure with status 500. The
 * search of the web pages is answered here: Verdaccio's own keeps one list for the whole process.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asking } from '../context.ts';
import { contentPolicy } from './content-policy.ts';
import { answerError, answerJson } from '../http.ts';
import type { Reads } from '../reading/reads.ts';
import { searchForClients, searchForPages } from './search.ts';
import { answerStatic } from './static-files.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
interface App {
  use(handler: Handler): void;
}

/** The packl that a path is about: `/name`, `/@scope/name` or `/@scope%2fname`, with or without more. */
export function packlInPath(url: string): string | undefined {
  const [first = '', second = ''] = (url.split('?')[0] ?? '').slice(1).split('/').map(decodeURIComponent);
  if (first === '' || first === '-') return undefined;
  return first.startsWith('@') && !first.includes('/') ? `${first}/${second}` : first;
}

const searchPath = /^\/-\/verdaccio\/data\/search\/([^/?]+)/;
export function middlewarePlugin(reads: Reads) {
  const prefetch: Handler = (request, response, next) => {
    const asked = asking.getStore();
    const name = asked === undefined ? undefined : packlInPath(request.url ?? '/');
    const isTarball = request.url?.includes('/-/') === true;
    if (asked === undefined || name === undefined || isTarball) return next();
    const fetching = async () => {
      const packument = await reads.packument(asked.order, name, asked.form);
      asked.document = { name, packument };
    };
    fetching().then(
      () => process.nextTick(next),
      (error: unknown) => answerError(response, error, 'npm'),
    );
  };
  const search: Handler = (request, response, next) => {
    const asked = asking.getStore();
    const { url = '/' } = request;
    const term = searchPath.exec(url)?.[1];
    const [path, query] = url.split('?');
    const isClient = path === '/-/v1/search';
    if (asked === undefined || (term === undefined && !isClient)) return next();
    const searching = isClient
      ? searchForClients(reads, asked, new URLSearchParams(query))
      : searchForPages(reads, asked, decodeURIComponent(term ?? ''));
    searching.then(
      (results) => answerJson(response, results),
      (error: unknown) => answerError(response, error, 'npm'),
    );
  };
  const statics: Handler = (request, response, next) => {
    const prefix = asking.getStore()?.outside.prefix ?? '';
    answerStatic(response, request.url ?? '/', prefix).then(
      (answered) => (answered ? undefined : process.nextTick(next)),
      (error: unknown) => answerError(response, error, 'npm'),
    );
  };
  const secured: Handler = (_request, response, next) => {
    response.setHeader('content-security-policy', contentPolicy);
    next();
  };
  return {
    register_middlewares(app: App, _auth: unknown, storage: { config: object }) {
      Object.defineProperty(storage.config, 'url_prefix', {
        configurable: true,
        enumerable: true,
        get: () => asking.getStore()?.prefix ?? '/',
      });
      app.use(secured);
      app.use(statics);
      app.use(search);
      app.use(prefetch);
    },
  };
}
