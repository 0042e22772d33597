/**
 * What every request passes first: how the server looks from outside, whether a stranger's page has sent it, who
 * asks, and whether their token reaches this far. Writes leave a line in the audit log, whatever becomes of them.
 */
import type { IncomingMessage } from 'node:http';
import { PiplError, piplError } from '@pipl/packl';
import { isWrite, trailOf, wordsOf, type Audit } from '../people/audit.ts';
import { outsideOf, type Outside, type Reach } from './forwarded.ts';
import { refuseForeign } from './origin.ts';
import { signatureOf, type Principal } from '../people/principal.ts';
import { refuseRequest } from '../people/token-limits.ts';
import type { Tokens } from '../people/tokens.ts';

export interface Door {
  readonly reach: Reach;
  /** whether a `Host` is a name of this server */
  readonly isOwn: (host: string) => boolean;
  readonly audit: Audit;
}

export interface Entered {
  readonly outside: Outside;
  readonly principal: Principal;
}

/** Ways in and out: a token that has ended must not keep anybody from them. */
const loginOrLogout =
  /^(?:PUT \/[^/]+\/[^/]+\/-\/user\/org\.couchdb\.user:|DELETE \/[^/]+\/[^/]+\/-\/user\/token\/|(?:GET|POST) \/[^/]+\/[^/]+\/-\/v1\/(?:login|done)\b|POST \/-\/pipl\/v1\/log(?:in|out)$|POST .*\/-\/verdaccio\/sec\/login$)/;

export type Address = Pick<URL, 'pathname' | 'searchParams'>;

/** What a parser of addresses would hand on as it is: most of what is asked, and the parser takes a sixth of a read. */
const plainPath = /^(?:\/[\w@-](?:[\w.~@+-]|%2[fF])*)+$/;

/** @throws PIPL_ADDRESS for what later parts could not decode */
export function addressOf({ url = '/' }: Pick<IncomingMessage, 'url'>): Address {
  if (plainPath.test(url)) return { pathname: url, searchParams: new URLSearchParams() };
  const address = URL.parse(url, 'http://localhost');
  try {
    decodeURIComponent(url);
    if (address !== null) return address;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  throw piplError('usage', 'PIPL_ADDRESS', {
    what: 'The address cannot be read.',
    why: 'A percent sign must be followed by two hex digits of UTF-8.',
    hint: 'Encode the address.',
  });
}

/** Proxies may hand the public sub-path on, or take it off. */
function takeOffPrefix(request: IncomingMessage, prefix: string): void {
  const { url = '/' } = request;
  if (prefix === '' || (url !== prefix && !url.startsWith(`${prefix}/`))) return;
  request.url = url.slice(prefix.length) || '/';
}

/** @throws PIPL_TOKEN */
async function principalOf(tokens: Tokens, { headers, url = '' }: IncomingMessage): Promise<Principal> {
  const { authorization } = headers;
  if (authorization === undefined) return { is: 'anonymous' };
  const token = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '';
  // What a browser kept from a server that was here before.
  if (url.includes('/-/verdaccio/') && !token.startsWith('pipl_')) return { is: 'anonymous' };
  return tokens.principalOf(token);
}

/**
 * Takes the public sub-path off the request's URL.
 * @throws PIPL_FORWARDED PIPL_FOREIGN_HOST PIPL_FOREIGN_ORIGIN PIPL_ADDRESS PIPL_TOKEN PIPL_TOKEN_LIMITS
 */
export async function enter(
  { reach, isOwn, tokens }: Door & { readonly tokens: Tokens },
  request: IncomingMessage,
): Promise<Entered> {
  const { method = 'GET' } = request;
  const trail = trailOf(request);
  const outside = outsideOf(request, reach);
  trail.address = outside.address;
  takeOffPrefix(request, outside.prefix);
  const path = decodeURIComponent(addressOf(request).pathname);
  if (isWrite(method)) Object.assign(trail, wordsOf(method, path));
  refuseForeign(request, { outside, isOwn });
  if (loginOrLogout.test(`${method} ${path}`)) return { outside, principal: { is: 'anonymous' } };
  const principal = await principalOf(tokens, request);
  trail.who = signatureOf(principal);
  if (principal.is === 'user' && principal.limits !== undefined)
    refuseRequest(principal.limits, { method, path });
  return { outside, principal };
}

/** @param error undefined when the request was answered as asked */
export function leave({ audit }: Door, request: IncomingMessage, error?: unknown): void {
  if (!isWrite(request.method ?? 'GET')) return;
  const trail = trailOf(request);
  const refusal = error instanceof PiplError ? error.code : 'PIPL_BUG';
  audit.note(trail, error === undefined ? (trail.outcome ?? 'ok') : refusal);
}
