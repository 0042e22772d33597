/**
 * DSSE: a payload with signatures over its type and its bytes, so that what is signed here means nothing elsewhere.
 * Pure; ed25519 only, and which keys are believed is the caller's business.
 */
import { badProvenance, parseStatement, statementBytes, type ProvenanceStatement } from '@pipl/packl';
import { signatureHolds, type Signature, type SigningKey } from './signatures.ts';

export const inTotoType = 'application/vnd.in-toto+json';

export interface Envelope {
  readonly payloadType: string;
  /** base64 */
  readonly payload: string;
  readonly signatures: readonly Signature[];
}

/** The bytes that a signature is over (pre-authentication encoding, DSSE 1.0). */
export const signedBytes = (payloadType: string, payload: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `),
    payload,
  ]);

export function sealed(statement: ProvenanceStatement, sign: (bytes: Uint8Array) => Signature): Envelope {
  const payload = statementBytes(statement);
  return {
    payloadType: inTotoType,
    payload: payload.toString('base64'),
    signatures: [sign(signedBytes(inTotoType, payload))],
  };
}

export interface Opened {
  readonly statement: ProvenanceStatement;
  /** of the key whose signature holds */
  readonly keyid: string;
}

/** @throws PIPL_PROVENANCE when no signature of a given key holds, or the payload is not such a statement */
export function opened(envelope: unknown, keys: readonly SigningKey[]): Opened {
  const { payloadType, payload, signatures } = envelopeIn(envelope);
  if (payloadType !== inTotoType) throw badProvenance(`Its payload is of type ${payloadType.slice(0, 80)}.`);
  const bytes = Buffer.from(payload, 'base64');
  const text = signedBytes(payloadType, bytes);
  const usable = keys.filter(({ keytype }) => keytype === 'ed25519');
  const holds = signatures.find((one) => usable.some((key) => signatureHolds(text, one, key)));
  if (holds === undefined) throw badProvenance('No signature of it holds under a key that is trusted.');
  return { statement: parseStatement(bytes), keyid: holds.keyid };
}

/** What it says, believed or not. @throws PIPL_PROVENANCE */
export const unverified = (envelope: unknown): ProvenanceStatement =>
  parseStatement(Buffer.from(envelopeIn(envelope).payload, 'base64'));

const isSignature = (given: unknown): given is Signature => {
  const { keyid, sig } = (given ?? {}) as Partial<Signature>;
  return typeof keyid === 'string' && typeof sig === 'string';
};

/** @throws PIPL_PROVENANCE */
export function envelopeIn(given: unknown): Envelope {
  const { payloadType, payload, signatures } = (given ?? {}) as Partial<Envelope>;
  if (typeof payloadType !== 'string' || typeof payload !== 'string' || !Array.isArray(signatures)) {
    throw badProvenance('It is not a DSSE envelope.');
  }
  return { payloadType, payload, signatures: signatures.filter(isSignature) };
}
