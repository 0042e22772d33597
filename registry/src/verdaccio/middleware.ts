/**
 * What stands before Verdaccio's own routes: its URL prefix follows the index of the request, and a document
 * is fetched before Verdaccio asks for it, because Verdaccio would answer every failure with status 500. The
 * search of the web pages is answered here: Verdaccio's own keeps one list for the whole process.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asking, type Asked } from '../context.ts';
import { answerError, answerJson } from '../http.ts';
import type { Reads } from '../reads.ts';
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
const mostFound = 20;

/** The latest version of each packl whose name has the term in it. */
async function searchResults(reads: Reads, { order }: Asked, term: string): Promise<unknown[]> {
  const names = (await reads.names(order)).filter((name) => name.includes(term.toLowerCase()));
  const documents = await Promise.all(
    names.slice(0, mostFound).map((name) => reads.packument(order, name, 'full')),
  );
  return documents.flatMap((one) => one?.versions[one['dist-tags']['latest'] ?? ''] ?? []);
}

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
    const term = searchPath.exec(request.url ?? '')?.[1];
    if (asked === undefined || term === undefined) return next();
    searchResults(reads, asked, decodeURIComponent(term)).then(
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
  return {
    register_middlewares(app: App, _auth: unknown, storage: { config: object }) {
      Object.defineProperty(storage.config, 'url_prefix', {
        configurable: true,
        enumerable: true,
        get: () => asking.getStore()?.prefix ?? '/',
      });
      app.use(statics);
      app.use(search);
      app.use(prefetch);
    },
  };
}
