/** What was signed here a moment ago is believed without another look: once, and to the last letter. */
import { expect, test } from 'vitest';
import type { ProvenanceStatement } from '@pipl/packl';
import type { Keys } from '../src/signing/keys.ts';
import { recentlySigned } from '../src/signing/recently-signed.ts';

const statement = { _type: 'https://in-toto.io/Statement/v1' } as ProvenanceStatement;
const envelope = { payloadType: 'a', payload: 'aGVsbG8=', signatures: [{ keyid: 'k', sig: 's' }] };
const copy = () => JSON.parse(JSON.stringify(envelope)) as typeof envelope;
const signing = () => recentlySigned({} as Keys);

test('what was signed is known, once', () => {
  const signed = signing();
  signed.note(envelope, statement);
  expect(signed.take(copy())).toBe(statement);
  expect(signed.take(copy())).toBeUndefined();
});

test.each([
  ['another payload', { payload: 'aGVsbG9v' }],
  ['another type', { payloadType: 'b' }],
  ['another key', { signatures: [{ keyid: 'x', sig: 's' }] }],
  ['another signature', { signatures: [{ keyid: 'k', sig: 't' }] }],
  ['a signature more', { signatures: [...envelope.signatures, { keyid: 'k', sig: 't' }] }],
])('%s is not known', (_, change) => {
  const signed = signing();
  signed.note(envelope, statement);
  expect(signed.take({ ...copy(), ...change })).toBeUndefined();
});

test('other keys have signed nothing, and what is long or long ago is not kept', () => {
  const keys = {} as Keys;
  recentlySigned(keys).note(envelope, statement);
  expect(signing().take(copy())).toBeUndefined();
  const long = { ...copy(), payload: 'x'.repeat(100_000), signatures: [{ keyid: 'k', sig: 'long' }] };
  recentlySigned(keys).note(long, statement);
  expect(recentlySigned(keys).take(long)).toBeUndefined();
  for (let n = 0; n < 200; n += 1) {
    recentlySigned(keys).note({ ...copy(), signatures: [{ keyid: 'k', sig: `${n}` }] }, statement);
  }
  expect(recentlySigned(keys).take(copy())).toBeUndefined();
});
