/**
 * What this process signed a moment ago: a run brings it back at once, and a signature that was just made here need not be
 * verified. What is not known here any more (another server signed it, this one started anew, it comes a second
 * time) is verified as ever.
 */
import type { ProvenanceStatement } from '@pipl/packl';
import { envelopeIn, type Envelope } from '@pipl/registry-client';
import type { Keys } from './keys.ts';

interface Signed {
  readonly envelope: Envelope;
  readonly statement: ProvenanceStatement;
}

export interface RecentlySigned {
  note(envelope: Envelope, statement: ProvenanceStatement): void;
  /** The statement, once, if it is this envelope to the last letter. @throws PIPL_PROVENANCE for what is no envelope */
  take(envelope: unknown): ProvenanceStatement | undefined;
}

const most = 200;
/** characters of a payload */
const largest = 64 * 1024;

const known = new WeakMap<Keys, RecentlySigned>();

export function recentlySigned(keys: Keys): RecentlySigned {
  const before = known.get(keys);
  if (before !== undefined) return before;
  const made = remembering();
  known.set(keys, made);
  return made;
}

function remembering(): RecentlySigned {
  /** by signature, oldest first */
  const signed = new Map<string, Signed>();
  return {
    note(envelope, statement) {
      const [signature] = envelope.signatures;
      if (signature === undefined || envelope.payload.length > largest) return;
      if (signed.size >= most) signed.delete(signed.keys().next().value!);
      signed.set(signature.sig, { envelope, statement });
    },
    take(given) {
      const { payloadType, payload, signatures } = envelopeIn(given);
      const [signature, another] = signatures;
      if (signature === undefined || another !== undefined) return undefined;
      const one = signed.get(signature.sig);
      if (one === undefined) return undefined;
      const { envelope, statement } = one;
      const isSame =
        envelope.payload === payload &&
        envelope.payloadType === payloadType &&
        envelope.signatures[0]?.keyid === signature.keyid;
      if (!isSame) return undefined;
      signed.delete(signature.sig);
      return statement;
    },
  };
}
