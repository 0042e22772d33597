/**
 * The keys that this registry signs with, in files that only the project's owner can read: ECDSA P-256 for versions,
 * as npm has it, ed25519 for provenance. Two lists in one folder, alike in everything else.
 *
 * One key signs, at any time; those before it stay listed with the time from which nothing was signed with
 * them any more, so that what they signed can be verified for ever. Each new key is vouched for by the one
 * before it: who knows the old key need not trust the network about the new one.
 *
 * The list (`keys.json`, `provenance.json`) is public; beside it one private key a file. The first key for provenance
 * is vouched for by the key that signs versions then. A key is on disk before it is listed, and
 * listed before it signs. Other servers of the same project see a rotation within seconds.
 */
import { createPrivateKey, generateKeyPairSync, hash, sign, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { piplError } from '@pipl/packl';
import { endorsementText, type Signature, type SigningKey } from '@pipl/registry-client';
import { syncPath } from '../state/sync-path.ts';

export interface Keys {
  /** Newest last: the one that signs. */
  list(): readonly SigningKey[];
  /** Base64 of the signature over `text`, and the key it was made with. */
  sign(text: string | Uint8Array): Signature;
  /** From here on a new key signs. @returns the new key */
  rotate(): Promise<SigningKey>;
}

/** One list of keys: what it signs, and how. */
export interface KeyKind {
  readonly file: string;
  readonly keytype: string;
  readonly make: () => { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  /** ed25519 has its own */
  readonly digest: 'sha256' | null;
  /** for the first key of the list */
  readonly vouch?: (text: string) => Signature;
}

export const versionKeys: KeyKind = {
  file: 'keys.json',
  keytype: 'ecdsa-sha2-nistp256',
  make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  digest: 'sha256',
};

export const provenanceKeys = (versions: Pick<Keys, 'sign'>): KeyKind => ({
  file: 'provenance.json',
  keytype: 'ed25519',
  make: () => generateKeyPairSync('ed25519'),
  digest: null,
  vouch: (text) => versions.sign(text),
});

/** Milliseconds. Versions that were stamped just before a rotation, but are signed with the key that went, stay good. */
const grace = 60_000;
/** Milliseconds between looks at the file: another server may have rotated. */
const lookEvery = 2_000;

const fileOf = (folder: string, keyid: string) =>
  join(folder, `${Buffer.from(keyid.replace('SHA256:', ''), 'base64').toString('hex')}.pem`);

async function writeDurably(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(`${file}.new`, 'w', mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

const signWith = (key: KeyObject, text: string | Uint8Array, digest: KeyKind['digest']) =>
  sign(digest, Buffer.from(text), key).toString('base64');

interface Place {
  readonly folder: string;
  readonly kind: KeyKind;
}

/** Makes a key pair and lists it; the private half is on disk first. */
async function addKey(
  { folder, kind }: Place,
  known: readonly SigningKey[],
  now: Date,
): Promise<SigningKey[]> {
  const { privateKey, publicKey } = kind.make();
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const keyid = `SHA256:${hash('sha256', der, 'base64')}`;
  const fresh = {
    keyid,
    keytype: kind.keytype,
    scheme: kind.keytype,
    key: der.toString('base64'),
    created: now.toISOString(),
    expires: null,
  } as const;
  const text = endorsementText(fresh);
  const before = known.at(-1);
  const endorsedBy =
    before === undefined
      ? kind.vouch?.(text)
      : { keyid: before.keyid, sig: signWith(privateKeyOf(folder, before.keyid), text, kind.digest) };
  const endorsed = endorsedBy === undefined ? fresh : { ...fresh, endorsedBy };
  const expires = new Date(now.getTime() + grace).toISOString();
  const list = [...known.map((key) => (key.expires === null ? { ...key, expires } : key)), endorsed];
  await writeDurably(
    fileOf(folder, keyid),
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    0o600,
  );
  await syncPath(folder);
  await writeDurably(join(folder, kind.file), `${JSON.stringify({ keys: list }, null, 2)}\n`, 0o644);
  await syncPath(folder);
  return list;
}

const lost = (folder: string, cause: unknown) =>
  piplError('invalid', 'PIPL_SIGNING_KEY', {
    what: 'The key that signs versions cannot be read.',
    why: `${folder} does not hold it, or not whole: ${(cause as Error).message}`,
    hint: 'Restore that folder from a backup of the project.',
    cause,
  });

/** @throws PIPL_SIGNING_KEY */
function privateKeyOf(folder: string, keyid: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(fileOf(folder, keyid)));
  } catch (error) {
    throw lost(folder, error);
  }
}

/** Newest last; empty when there are none yet. @throws PIPL_SIGNING_KEY */
export async function readKeys(folder: string, listFile = versionKeys.file): Promise<SigningKey[]> {
  let text: string;
  try {
    text = await readFile(join(folder, listFile), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return parsed(folder, text);
}

function parsed(folder: string, text: string): SigningKey[] {
  try {
    return (JSON.parse(text) as { keys: SigningKey[] }).keys;
  } catch (error) {
    throw lost(folder, error);
  }
}

/** @param folder made, with a first key, when it is not there @throws PIPL_SIGNING_KEY */
export async function openKeys(folder: string, now: () => Date, kind: KeyKind = versionKeys): Promise<Keys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, kind.file);
  let list = await readKeys(folder, kind.file);
  if (list.length === 0) list = await addKey({ folder, kind }, [], now());
  let seen = { at: performance.now(), modified: statSync(file).mtimeMs };
  let signer = signerOf(folder, list);

  const look = () => {
    if (performance.now() - seen.at < lookEvery) return;
    const modified = statSync(file).mtimeMs;
    if (modified !== seen.modified) list = parsed(folder, readFileSync(file, 'utf8'));
    seen = { at: performance.now(), modified };
    if (list.at(-1)?.keyid !== signer.keyid) signer = signerOf(folder, list);
  };
  return {
    list() {
      look();
      return list;
    },
    sign(text) {
      look();
      return { keyid: signer.keyid, sig: signWith(signer.key, text, kind.digest) };
    },
    async rotate() {
      list = await addKey({ folder, kind }, await readKeys(folder, kind.file), now());
      signer = signerOf(folder, list);
      return list.at(-1)!;
    },
  };
}

function signerOf(folder: string, list: readonly SigningKey[]): { keyid: string; key: KeyObject } {
  const { keyid } = list.at(-1)!;
  return { keyid, key: privateKeyOf(folder, keyid) };
}
