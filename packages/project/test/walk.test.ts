/** Nothing on the way from a content to its sources is believed: each piece is proven, or the walk ends there. */
import { createHash, generateKeyPairSync, hash, sign, type KeyObject } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import {
  indexName,
  PiplError,
  provenanceOfRun,
  provenanceSubjects,
  type KnownRun,
  type Manifest,
  type Pin,
  type Ticket,
} from '@pipl/packl';
import { packTarball, sealed, signedText, type SigningKey, type Vouched } from '@pipl/registry-client';
import { walk } from '../src/walk.ts';

function newKey(kind: 'ec' | 'ed25519'): { key: SigningKey; private: KeyObject } {
  const { privateKey, publicKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const keytype = kind === 'ec' ? 'ecdsa-sha2-nistp256' : 'ed25519';
  const keyid = `SHA256:${hash('sha256', der, 'base64')}`;
  return {
    key: { keyid, keytype, scheme: keytype, key: der.toString('base64'), expires: null },
    private: privateKey,
  };
}

const [versions, statements] = [newKey('ec'), newKey('ed25519')];
const keys = [versions.key, statements.key];
const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const integrityOf = (text: string): string => `sha512-${createHash('sha512').update(text).digest('base64')}`;

const productOf = (name: string, content: string, byRun = true): Manifest =>
  ({
    name,
    version: '1.0.0',
    pipl: {
      kind: 'product',
      type: '@film/p#Note',
      assets: {
        text: { type: 'Text', kind: 'file', basename: 'n', size: content.length, digest: digestOf(content) },
      },
      ...(byRun ? { made: { by: '@film/task@1.0.0', run: 'r.1', inputs: {} } } : {}),
    },
  }) as Manifest;

const vouchedFor = ({ name, version, integrity }: Pin): Vouched => ({
  name,
  version,
  integrity,
  signatures: [
    {
      keyid: versions.key.keyid,
      sig: sign('sha256', Buffer.from(signedText({ name, version, integrity })), versions.private).toString(
        'base64',
      ),
    },
  ],
});

/** @param reads the input, and the content that the run found in it */
function made(manifest: Manifest, reads: { pin: Pin; content: string }, by = statements): Vouched {
  const task = { name: '@film/task', version: '1.0.0', integrity: integrityOf('task') };
  const ticket = {
    runKey: 'r',
    attempt: 'r.1',
    purpose: 'process',
    index: indexName('root/film'),
    task,
    field: { kind: 'task', type: '@film/p#T', inputs: {}, products: {}, parameters: {} },
    inputs: [{ slot: 'note', ...reads.pin }],
    products: [],
    codeLock: { hash: 'c', dependencies: {}, lockfile: '' },
  } as unknown as Ticket;
  const known: KnownRun = {
    ticket,
    pins: [],
    inputAssets: { [`${reads.pin.name}@1.0.0`]: { text: digestOf(reads.content) } },
    causedBy: { by: 'ann' },
    lockfile: digestOf(''),
    builder: { id: 'urn:test', version: {} },
    finishedOn: '2026-01-01T00:00:00.000Z',
  };
  const reported = { startedOn: '', parameters: {}, template: digestOf(''), node: '', platform: '' };
  const statement = provenanceOfRun(provenanceSubjects(manifest, new Map()), { known, reported });
  const envelope = sealed(statement, (bytes) => ({
    keyid: by.key.keyid,
    sig: sign(null, bytes, by.private).toString('base64'),
  }));
  return {
    ...vouchedFor({ name: manifest.name, version: '1.0.0', integrity: integrityOf(manifest.name) }),
    envelope,
  };
}

const task = vouchedFor({ name: '@film/task', version: '1.0.0', integrity: integrityOf('task') });
let seed: Vouched;
let loud: Vouched;
beforeAll(async () => {
  const files = new Map([
    ['package.json', Buffer.from(JSON.stringify(productOf('@film/seed', 'hello', false)))],
  ]);
  const { tarball, integrity } = await packTarball(files);
  seed = {
    ...vouchedFor({ name: '@film/seed', version: '1.0.0', integrity }),
    tarball: Buffer.from(tarball).toString('base64'),
  };
  loud = made(productOf('@film/loud', 'HELLO'), { pin: seed, content: 'hello' });
});

const walked = (
  vouched: readonly Vouched[],
  more: { digest?: string; trusted?: readonly SigningKey[] } = {},
) =>
  walk({
    vouched,
    keys: more.trusted ?? keys,
    start: vouched[0]!,
    digest: more.digest ?? digestOf('HELLO'),
    trees: new Map(),
  });
const refusal = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'It was believed.',
    (error: unknown) => (error instanceof PiplError ? error.code : String(error)),
  );

test('what is proven: the product, its task, and the source by what it holds', async () => {
  const { root, versions: proven } = await walked([loud, task, seed]);
  expect(root).toBe('@film/loud@1.0.0');
  expect(proven.map(({ spec, made: by }) => [spec, by?.causedBy])).toEqual([
    ['@film/loud@1.0.0', 'ann'],
    ['@film/task@1.0.0', undefined],
    ['@film/seed@1.0.0', undefined],
  ]);
});

test('another content than the statement names is not proven by it', async () => {
  expect(await refusal(walked([loud, task, seed], { digest: digestOf('HELL') }))).toBe('PIPL_PROVENANCE');
});

test('a source that does not hold what the run read is none', async () => {
  const other = made(productOf('@film/loud', 'HELLO'), { pin: seed, content: 'something else' });
  expect(await refusal(walked([other, task, seed]))).toBe('PIPL_PROVENANCE');
});

test('an input whose own statement is about other content is refused', async () => {
  const inner = made(productOf('@film/inner', 'HELLO'), { pin: seed, content: 'hello' });
  const outer = made(productOf('@film/outer', 'hello!'), { pin: inner, content: 'HELLO' });
  expect(await refusal(walked([outer, inner, task, seed], { digest: digestOf('hello!') }))).toBe(
    'It was believed.',
  );
  const lied = made(productOf('@film/inner', 'HULLO'), { pin: seed, content: 'hello' });
  expect(await refusal(walked([outer, lied, task, seed], { digest: digestOf('hello!') }))).toBe(
    'PIPL_PROVENANCE',
  );
});

test('signatures count only by keys that are trusted, each kind for its own', async () => {
  const stranger = newKey('ed25519');
  const forged = made(productOf('@film/loud', 'HELLO'), { pin: seed, content: 'hello' }, stranger);
  expect(await refusal(walked([forged, task, seed]))).toBe('PIPL_PROVENANCE');
  expect(await refusal(walked([loud, task, seed], { trusted: [statements.key] }))).toBe('PIPL_SIGNATURE');
  const unsigned = { ...seed, signatures: [] };
  expect(await refusal(walked([loud, task, unsigned]))).toBe('PIPL_SIGNATURE');
});

test('where a piece is missing it is said, not passed over', async () => {
  expect(await refusal(walked([loud, task]))).toBe('PIPL_NOT_SEEN');
  const { tarball: _, ...bare } = seed;
  expect(await refusal(walked([loud, task, bare]))).toBe('PIPL_NOT_SEEN');
});
