/**
 * Work that somebody watches: what it asks of the server, and what it is about to write. A watcher that throws before a
 * write holds it back, and so a command can be tried: it reads, checks and decides as ever, up to its first write.
 *
 * Whoever writes outside the temporary folder says so first, with {@link beforeWriting}; clients of the server are made
 * with {@link watchedFetch}. Without a watcher both cost nothing.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';

export interface Watcher {
  /** @param would what is about to be written, as one says it: `write /film/sh010/package.json` */
  writing?(would: string): void;
  /** @param request is about to be sent */
  asking?(request: SentRequest): void;
  answered?(request: SentRequest, about: { readonly status: number; readonly milliseconds: number }): void;
}

export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string | undefined;
}

let watchers: AsyncLocalStorage<Watcher> | undefined;

export function watched<T>(watcher: Watcher, work: () => Promise<T>): Promise<T> {
  // Not imported: who is not watched does not load it.
  const { AsyncLocalStorage: Storage } = process.getBuiltinModule('node:async_hooks');
  watchers ??= new Storage<Watcher>();
  return watchers.run(watcher, work);
}

export const beforeWriting = (would: string): void => watchers?.getStore()?.writing?.(would);

/** For a client of the server: what it has when nobody watches is Node's own. */
export function watchedFetch(): { readonly fetch?: typeof fetch } {
  const watcher = watchers?.getStore();
  if (watcher === undefined) return {};
  return {
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const body = typeof init?.body === 'string' ? init.body : undefined;
      const request = { method: init?.method ?? 'GET', url, body };
      watcher.asking?.(request);
      const began = performance.now();
      const answer = await fetch(input, init);
      watcher.answered?.(request, { status: answer.status, milliseconds: performance.now() - began });
      return answer;
    },
  };
}

/** Ends work that is only tried. */
class HeldBack extends Error {}

/** These ask; everything else but GET writes. */
const asks = new Set(['/-/pipl/v1/login', '/-/pipl/v1/plan']);

export type Trial<T> =
  | { readonly is: 'done'; readonly value: T }
  /** what it would do first: whatever comes after may depend on what comes of that */
  | { readonly is: 'held'; readonly would: string };

/** Does everything up to the first write. @throws what the work throws before that */
export async function onlyTried<T>(work: () => Promise<T>): Promise<Trial<T>> {
  let would: string | undefined;
  const hold = (what: string): never => {
    would ??= what;
    throw new HeldBack(what);
  };
  const watcher: Watcher = {
    writing: hold,
    asking(request) {
      if (request.method !== 'GET' && !asks.has(request.url.pathname)) hold(spoken(request));
    },
  };
  try {
    const value = await watched(watcher, work);
    return would === undefined ? { is: 'done', value } : { is: 'held', would };
  } catch (error) {
    // What was held back may have been told on in the words of whoever asked for it.
    if (would !== undefined) return { is: 'held', would };
    throw error;
  }
}

/** Nothing secret is repeated. */
function spoken({ method, url, body }: SentRequest): string {
  const said = body === undefined ? '' : ` ${withoutSecrets(body)}`;
  return `send ${method} ${url.pathname}${url.search}${said}`;
}

function withoutSecrets(body: string): string {
  const secret = /pass|token|secret|key|tarball/i;
  return JSON.stringify(JSON.parse(body), (key, value: unknown) =>
    secret.test(key) && typeof value === 'string' ? '…' : value,
  );
}
