/** The names of content: a sha512, as npm writes it and in hex. */
import { piplError } from '@pipl/packl';

/** @throws PIPL_INTEGRITY for anything but one sha512 */
export function hexOf(integrity: string): string {
  const digest = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity)?.[1];
  if (digest === undefined) {
    throw piplError('invalid', 'PIPL_INTEGRITY', {
      what: 'The integrity of the tarball is not a sha512.',
      why: `It is "${integrity.slice(0, 120)}".`,
      hint: 'Publish with npm 7 or newer, pnpm or pipl: they all send one.',
    });
  }
  return Buffer.from(digest, 'base64').toString('hex');
}

export const integrityOfHex = (hex: string): string => `sha512-${Buffer.from(hex, 'hex').toString('base64')}`;

/** Where it stands below the place that holds all content: a folder's or a bucket's. */
export const pathOfHex = (hex: string): string => `sha512/${hex.slice(0, 2)}/${hex}`;
