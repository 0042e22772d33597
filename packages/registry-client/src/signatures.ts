/**
 * Verifies what a registry signed: ECDSA P-256 over `name@version:integrity`, as npm does, or ed25519. Pure; where keys and
 * bytes come from is the caller's business.
 */
import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto';

/** A public key as `/-/npm/v1/keys` lists it, or `/-/pipl/provenance/keys`. */
export interface SigningKey {
  /** `SHA256:` and the base64 hash of the key */
  readonly keyid: string;
  readonly keytype: string;
  readonly scheme: string;
  /** base64 of the key's SPKI form */
  readonly key: string;
  /** ISO 8601; absent for keys of an upstream registry */
  readonly created?: string;
  /** ISO 8601: nothing published later is signed with it; null for the key that signs now */
  readonly expires: string | null;
  /** The key before it vouches for it. */
  readonly endorsedBy?: Signature;
}

export interface Signature {
  readonly keyid: string;
  /** base64 */
  readonly sig: string;
}

export const signedText = (version: {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}): string => `${version.name}@${version.version}:${version.integrity}`;

/** What an older key signs about a newer one. */
export const endorsementText = ({ keyid, key }: Pick<SigningKey, 'keyid' | 'key'>): string =>
  `pipl key ${keyid} ${key}`;

/** Whether the id is the hash of the key, as it has to be. */
const isItself = ({ keyid, key }: SigningKey): boolean =>
  keyid === `SHA256:${hash('sha256', Buffer.from(key, 'base64'), 'base64')}`;

/** By its own text. A server checks all its life with the same few. */
const publicKeys = new Map<string, KeyObject>();
const mostKnown = 20;

function publicKeyOf({ key }: SigningKey): KeyObject {
  const before = publicKeys.get(key);
  if (before !== undefined) return before;
  const made = createPublicKey({ key: Buffer.from(key, 'base64'), type: 'spki', format: 'der' });
  if (publicKeys.size >= mostKnown) publicKeys.delete(publicKeys.keys().next().value!);
  publicKeys.set(key, made);
  return made;
}

/** False for a signature of another key, over another text, or of a key that is none. */
export function signatureHolds(
  text: string | Uint8Array,
  { keyid, sig }: Signature,
  key: SigningKey,
): boolean {
  if (key.keyid !== keyid || !isItself(key)) return false;
  try {
    const publicKey = publicKeyOf(key);
    // An ed25519 signature has its hash inside.
    const digest = publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    return verify(digest, Buffer.from(text), publicKey, Buffer.from(sig, 'base64'));
  } catch {
    // Not a key, or not a signature: then it holds nothing.
    return false;
  }
}

/**
 * The keys to trust from now on: those known, and of those offered each one that a trusted key endorsed.
 * @returns the offered keys that nobody known vouches for as `strange`
 */
export function trustedKeys(
  known: readonly SigningKey[],
  offered: readonly SigningKey[],
): { trusted: SigningKey[]; strange: SigningKey[] } {
  const trusted = new Map(known.map((key) => [key.keyid, key]));
  let left = [...offered];
  for (let before = -1; before !== left.length;) {
    before = left.length;
    left = left.filter((key) => {
      const voucher = key.endorsedBy === undefined ? undefined : trusted.get(key.endorsedBy.keyid);
      const vouched =
        voucher !== undefined &&
        key.endorsedBy !== undefined &&
        isItself(key) &&
        signatureHolds(endorsementText(key), key.endorsedBy, voucher);
      const same = trusted.get(key.keyid);
      // A known key comes back with the time it expired; once told, that time does not change.
      if (same?.key === key.key) trusted.set(key.keyid, { ...key, expires: same.expires ?? key.expires });
      else if (vouched) trusted.set(key.keyid, key);
      else return true;
      return false;
    });
  }
  return { trusted: [...trusted.values()], strange: left };
}
