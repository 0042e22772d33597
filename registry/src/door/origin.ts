/**
 * What keeps web sites out: the pages of a stranger, open in the browser of somebody who can reach this server.
 *
 * `Host` must be a name of this server (a name that a stranger makes point here is refused: DNS rebinding), and
 * a browser's `Origin` must be this server itself (CSRF; reads too, for a page of another site has no business
 * with a production). Addresses in digits are always ours: no stranger can make them point elsewhere. There
 * are no cookies: whoever asks shows a token.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { piplError, type PiplError } from '@pipl/packl';
import { remembered } from '../people/remembered.ts';
import type { Outside } from './forwarded.ts';

const foreignHost = (host: string): PiplError =>
  piplError('denied', 'PIPL_FOREIGN_HOST', {
    what: `This server is not ${host}.`,
    why: 'It answers only to names it knows, so that no web site can reach it under a name of its own.',
    hint: 'Name it in the `publicUrl` or the `hosts` of system/server.json.',
  });

const foreignOrigin = (origin: string): PiplError =>
  piplError('denied', 'PIPL_FOREIGN_ORIGIN', {
    what: `A page of ${origin} may not ask this server.`,
    why: 'Requests of browsers are answered when they come from its own pages only.',
    hint: 'Open the page of the server itself.',
  });

/** The name in `name:port`, small, without brackets or a dot at the end. */
const nameIn = (host: string) =>
  host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();

/** @param names what this server is called besides loopback, its machine's name and addresses in digits */
export function ownNames(names: readonly (string | undefined)[]): (host: string) => boolean {
  const own = new Set([...names, hostname(), 'localhost'].flatMap((name) => (name ? [nameIn(name)] : [])));
  return remembered((host) => {
    const name = nameIn(host);
    return own.has(name) || name.endsWith('.localhost') || isIP(name) !== 0;
  });
}

/** @throws PIPL_FOREIGN_HOST PIPL_FOREIGN_ORIGIN */
export function refuseForeign(
  { headers }: IncomingMessage,
  { outside, isOwn }: { outside: Outside; isOwn: (host: string) => boolean },
): void {
  const { host, origin } = headers;
  if (host !== undefined && !isOwn(host)) throw foreignHost(host);
  if (origin !== undefined && !isOurs(origin, { outside, host })) throw foreignOrigin(origin);
  if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') {
    throw foreignOrigin('another site');
  }
}

/** A proxy that ends TLS need not say so: of the page's address only the host must be ours. */
const isOurs = (origin: string, { outside, host }: { outside: Outside; host: string | undefined }) => {
  const from = URL.parse(origin)?.host;
  if (from === undefined || from === '') return false;
  return from === new URL(outside.origin).host || from === URL.parse(`http://${host ?? ''}`)?.host;
};
