/**
 * Verdaccio 6.10.4, loaded when first needed: it takes most of a second, and neither publishing nor the
 * reactor needs it. One application serves every index; which one is asked stands in the async context.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import type { Blobs } from '../blobs/blobs.ts';
import type { Reads } from '../reading/reads.ts';
import type { Users } from '../people/users.ts';
import { authPlugin } from './auth.ts';
import { middlewarePlugin } from './middleware.ts';
import { storagePlugin } from './storage.ts';

/** The loader asks for `verdaccio-<id>` in the folder; this file may run as source or bundled. */
const pluginId = `pipl${extname(import.meta.filename)}`;

const configuration = ({ reads, blobs, users, title }: VerdaccioParts) => ({
  configPath: join(import.meta.dirname, 'none.yaml'),
  plugins: import.meta.dirname,
  store: { [pluginId]: { make: () => storagePlugin({ reads, blobs }, randomBytes(16).toString('hex')) } },
  auth: { [pluginId]: { make: () => authPlugin(users) } },
  middlewares: { [pluginId]: { make: () => middlewarePlugin(reads) } },
  uplinks: {},
  packages: { '@*/*': { access: '$all' }, '**': { access: '$all' } },
  // 6.10.4 puts the title into its page as it is.
  web: { title: title.replaceAll(/[<>&"']/g, ' '), gravatar: false, showUplinks: false },
  log: { type: 'stdout', format: 'json', level: 'error' },
});

export interface VerdaccioParts {
  readonly reads: Reads;
  readonly blobs: Pick<Blobs, 'open'>;
  readonly users: Users;
  readonly title: string;
}

export interface VerdaccioApp {
  /** Starts loading; answers do so by themselves. */
  load(): Promise<void>;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const webData = /^\/-\/verdaccio\/(?:data|sec)\//;

/**
 * The routes behind the web pages stand below `/-/verdaccio/` and spell that prefix again, which Express has
 * taken off by then. In 6.10.4 they match only because a log line puts the whole URL back when the request's
 * `close` happens to come in between. Here the URL of these requests cannot change at all.
 */
function pinUrl(request: IncomingMessage): void {
  const { url } = request;
  if (url === undefined || !webData.test(url)) return;
  Object.defineProperty(request, 'url', {
    get: () => url,
    set() {
      // Stays what it is.
    },
  });
}

async function start(parts: VerdaccioParts): Promise<RequestListener> {
  const { runServer } = await import('verdaccio');
  // Its types want a whole configuration file; it runs with this part of one.
  const server = await runServer(configuration(parts) as never);
  const [application] = (server as { listeners(event: string): unknown[] }).listeners('request');
  if (typeof application !== 'function') throw new Error('Verdaccio gave no application');
  return application as RequestListener;
}

export function verdaccioApp(parts: VerdaccioParts): VerdaccioApp {
  let started: Promise<RequestListener> | undefined;
  const application = () => (started ??= start(parts));
  return {
    async load() {
      await application();
    },
    async answer(request, response) {
      const app = await application();
      pinUrl(request);
      app(request, response);
    },
  };
}
