/** Subresource integrity as npm writes it. Only sha512 counts: weaker hashes are shown, never trusted. */
import { hash } from 'node:crypto';

/** `sha512-<base64>` */
export const integrityOf = (bytes: Uint8Array): string => `sha512-${hash('sha512', bytes, 'base64')}`;

/** Hex sha1, which old npm clients still want beside the integrity. */
export const shasumOf = (bytes: Uint8Array): string => hash('sha1', bytes, 'hex');

/** Several hashes may stand in one integrity, separated by spaces: any sha512 among them must match. */
export const integrityMatches = (integrity: string, bytes: Uint8Array): boolean =>
  integrity.split(/\s+/).includes(integrityOf(bytes));
