/**
 * Which addresses are somebody's inner network: what a server must not be made to call by whoever gives it a URL.
 * Pure. After the special-purpose registries of IANA (RFC 6890 and what was added since).
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const v4: readonly (readonly [net: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** With those that carry an IPv4 address inside (mapped, NAT64, 6to4, Teredo): nobody needs them to reach a public one. */
const v6: readonly (readonly [net: string, bits: number])[] = [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const listOf = (family: 'ipv4' | 'ipv6', nets: typeof v4): BlockList => {
  const list = new BlockList();
  for (const [net, bits] of nets) list.addSubnet(net, bits, family);
  return list;
};
const inner4 = listOf('ipv4', v4);
const inner6 = listOf('ipv6', v6);

/** True for what is no address at all, too. @param address without brackets */
export function isInner(address: string): boolean {
  const [plain = ''] = address.split('%');
  if (isIPv4(plain)) return inner4.check(plain, 'ipv4');
  return !isIPv6(plain) || inner6.check(plain, 'ipv6');
}
