/**
 * The signatures of the versions against the registry's public keys. An edited row whose sums fit its tarball
 * again is found here: nobody makes the signature without the private key.
 */
import { setImmediate as turn } from 'node:timers/promises';
import {
  signatureHolds,
  signedText,
  type Finding,
  type Signature,
  type SigningKey,
} from '@pipl/registry-client';
import { readKeys } from '../signing/keys.ts';
import type { Database, Tables } from '../state/tables.ts';

/** Each takes a tenth of a millisecond, and others want to be answered meanwhile. */
const page = 100;

const isSignature = (given: unknown): given is Signature =>
  typeof given === 'object' && given !== null && 'keyid' in given && 'sig' in given;

function signaturesIn(text: string | null): readonly Signature[] {
  try {
    const list = JSON.parse(text ?? '[]') as unknown;
    return Array.isArray(list) ? list.filter(isSignature) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

type SignedRow = Pick<
  Tables['registry_versions'],
  'index_name' | 'name' | 'version' | 'integrity' | 'signatures'
>;

/** One that holds is enough: more may stand there. */
const holds = (row: SignedRow, keys: readonly SigningKey[]): boolean =>
  signaturesIn(row.signatures).some((signature) =>
    keys.some((key) => signatureHolds(signedText(row), signature, key)),
  );

/** @param folder of the keys; nothing is found where a server has not made any yet @throws PIPL_SIGNING_KEY */
export async function signatureFindings(db: Database, folder: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (let last = 0; ;) {
    // Keys after rows: what a new key signed meanwhile holds, too.
    const rows = await db
      .selectFrom('registry_versions')
      .select(['index_name', 'name', 'version', 'integrity', 'signatures', 'seq'])
      .where('seq', '>', last)
      .orderBy('seq')
      .limit(page)
      .execute();
    const keys = await readKeys(folder);
    if (keys.length === 0) return findings;
    for (const row of rows) {
      last = row.seq;
      if (!holds(row, keys)) findings.push(unsigned(row));
    }
    if (rows.length < page) return findings;
    await turn();
  }
}

const unsigned = ({ index_name: index, name, version }: SignedRow): Finding => ({
  problem: 'signature-wrong',
  subject: `${name}@${version} in ${index}`,
  why: 'No key of this registry has signed this content under this name and version.',
});
