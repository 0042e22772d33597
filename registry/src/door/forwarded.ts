/**
 * How the server looks from outside: under which address the asker reached it, and from where.
 *
 * A configured public URL always wins. Otherwise `X-Forwarded-*` counts when the connection comes from a
 * trusted proxy (loopback, unless others are named), and else the request's own `Host`. Of a list in such a
 * header the last entry counts: the only one that the trusted neighbour wrote itself.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { piplError } from '@pipl/packl';
import { remembered } from '../people/remembered.ts';

export interface Reach {
  /** `https://host/sub/path`, without a slash at the end */
  readonly publicUrl: string | undefined;
  readonly trusts: (address: string) => boolean;
}

export interface Outside {
  /** `https://host` */
  readonly origin: string;
  /** the sub-path in front of everything: '' or `/pipl` */
  readonly prefix: string;
  /** of who asks, not of a proxy */
  readonly address: string;
}

const hostPattern = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const prefixPattern = /^(?:\/[\w.~-]+)*\/?$/;

const unreadable = (header: string, value: string) =>
  piplError('usage', 'PIPL_FORWARDED', {
    what: `The proxy's ${header} header cannot be used.`,
    why: `It says "${value}".`,
    hint: 'Mend the configuration of the proxy, or give the server its public URL.',
  });

const badSetting = (what: string, value: string, hint: string) =>
  piplError('usage', 'PIPL_PUBLIC_URL', { what, why: `It is "${value}".`, hint });

/** Without the spelling of IPv4 that a socket for both families uses. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** @param proxies addresses or `address/bits`; loopback when not given @throws PIPL_PUBLIC_URL */
function trusting(proxies: readonly string[] | undefined): (address: string) => boolean {
  const list = new BlockList();
  for (const text of proxies ?? ['127.0.0.0/8', '::1']) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) {
      throw badSetting('A trusted proxy is not an address.', text, 'For example 10.0.0.7 or 10.0.0.0/24.');
    }
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return remembered((address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'));
}

/** @throws PIPL_PUBLIC_URL */
export function reachOf(settings: {
  publicUrl?: string | undefined;
  trustedProxies?: readonly string[] | undefined;
}): Reach {
  const trusts = trusting(settings.trustedProxies);
  if (settings.publicUrl === undefined) return { publicUrl: undefined, trusts };
  const url = URL.parse(settings.publicUrl);
  const isPlain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    prefixPattern.test(url.pathname) &&
    url.username + url.password + url.search + url.hash === '';
  if (!isPlain) {
    throw badSetting(
      'The public URL of the server cannot be used.',
      settings.publicUrl,
      'For example https://pipl.example.org/film',
    );
  }
  return { publicUrl: url.href.replace(/\/$/, ''), trusts };
}

function lastOf({ headers }: IncomingMessage, header: string): string | undefined {
  const value = headers[header];
  const text = Array.isArray(value) ? value.at(-1) : value;
  return text?.split(',').at(-1)?.trim() || undefined;
}

/** The nearest address, from the server outwards, that is no trusted proxy. */
function askerOf({ headers, socket }: IncomingMessage, trusts: Reach['trusts']): string {
  const peer = plainAddress(socket.remoteAddress ?? '');
  if (!trusts(peer)) return peer;
  const given = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const hops = given.map((text) => plainAddress(text.trim())).filter((text) => isIP(text) !== 0);
  return hops.findLast((hop) => !trusts(hop)) ?? hops[0] ?? peer;
}

function forwardedBy(request: IncomingMessage): { origin: string; prefix: string } {
  const host = lastOf(request, 'x-forwarded-host') ?? request.headers.host ?? 'localhost';
  const scheme = lastOf(request, 'x-forwarded-proto') ?? 'http';
  const prefix = lastOf(request, 'x-forwarded-prefix') ?? '';
  if (!hostPattern.test(host)) throw unreadable('X-Forwarded-Host', host);
  if (!/^https?$/.test(scheme)) throw unreadable('X-Forwarded-Proto', scheme);
  if (!prefixPattern.test(prefix)) throw unreadable('X-Forwarded-Prefix', prefix);
  return { origin: `${scheme}://${host}`, prefix: prefix.replace(/\/$/, '') };
}

/** @throws PIPL_FORWARDED */
export function outsideOf(request: IncomingMessage, { publicUrl, trusts }: Reach): Outside {
  const address = askerOf(request, trusts);
  if (publicUrl !== undefined) {
    const { origin, pathname } = new URL(publicUrl);
    return { origin, prefix: pathname.replace(/\/$/, ''), address };
  }
  if (trusts(plainAddress(request.socket.remoteAddress ?? ''))) return { ...forwardedBy(request), address };
  return { origin: `http://${request.headers.host ?? 'localhost'}`, prefix: '', address };
}
