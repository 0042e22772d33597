/**
 * What stands before Verdaccio's own routes: its URL prefix follows the index of the request, and a document
 * is fetched before Verdaccio asks for it, because Verdaccio would answer every failure with status 500.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asking } from '../context.ts';
import { answerError } from '../http.ts';
import type { Reads } from '../reads.ts';

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

export function middlewarePlugin(reads: Reads) {
  const prefetch: Handler = (request, response, next) => {
    const asked = asking.getStore();
    const name = asked === undefined ? undefined : packlInPath(request.url ?? '/');
    const isTarball = request.url?.includes('/-/') === true;
    if (asked === undefined || name === undefined || isTarball) return next();
    const fetching = async () => {
      const packument = await reads.packument(asked.index, name, asked.form);
      asked.document = { name, packument };
    };
    fetching().then(
      () => process.nextTick(next),
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
      app.use(prefetch);
    },
  };
}
