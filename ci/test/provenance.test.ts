/** What runs publish says what made it, signed by the server; and from there one walks up and down. */
import { createHash, generateKeyPairSync, hash, sign } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  contentHash,
  indexName,
  integrityAsDigest,
  PiplError,
  productOf,
  type Manifest,
  type Row,
} from '@pipl/packl';
import { verify, verifyFile, verifySources } from '@pipl/project';
import { opened, packTarball, signedBytes, type Envelope, type RegistryClient } from '@pipl/registry-client';
import { generatedProject, type GeneratedProject } from './generated-project.ts';

const index = indexName('root/PROJ');
let production: GeneratedProject;
let rows: readonly Row[];

beforeAll(async () => {
  production = await generatedProject({ a: ['@gen/seed'], b: ['@gen/a-note'] });
  await production.settled(await production.publishSeed('1.0.0', 'one'));
  rows = await production.rows();
}, 540_000);
afterAll(() => production[Symbol.asyncDispose]());

const rowNamed = (name: string): Row => rows.find((row) => row.name === name)!;
const refusal = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'It was not refused.',
    (error: unknown) => (error instanceof PiplError ? error.code : String(error)),
  );

test('a product carries a statement of what made it: task, inputs, code, parameters, run, who caused it', async () => {
  const { client } = production;
  const [run] = await client.runs({ task: '@gen/b' });
  const note = rowNamed('@gen/b-note');
  const { digest } = productOf(note.manifest)!.assets['text']!;

  const envelope = await client.provenance(index, note.name, note.version);
  const { statement } = opened(envelope, await client.provenanceKeys());

  expect(statement.subject).toEqual([
    { name: '@gen/b-note@1.0.0', digest: { piplContent: contentHash(note.manifest) } },
    { name: '@gen/b-note@1.0.0/text/note.txt', digest: { sha256: digest.slice('sha256:'.length) } },
  ]);
  const { buildDefinition, runDetails } = statement.predicate;
  expect(buildDefinition.externalParameters).toMatchObject({ task: '@gen/b@1.0.0', index, parameters: {} });
  const input = rowNamed('@gen/a-note');
  const dependencies = new Map(buildDefinition.resolvedDependencies.map((one) => [one.name, one]));
  expect(dependencies.get('task')).toEqual({
    name: 'task',
    uri: 'pkg:npm/%40gen/b@1.0.0',
    digest: integrityAsDigest(rowNamed('@gen/b').integrity),
  });
  expect(dependencies.get('input:notes')?.digest).toEqual(integrityAsDigest(input.integrity));
  expect(dependencies.get('input:notes/text')?.digest).toEqual({
    sha256: productOf(input.manifest)!.assets['text']!.digest.slice('sha256:'.length),
  });
  const code = buildDefinition.resolvedDependencies.filter(({ name }) => name === 'code');
  expect(code.map(({ uri }) => uri)).toEqual(['pkg:npm/%40gen/pipeline@1.0.0', 'pkg:npm/%40pipl/pipe@1.0.0']);
  expect(dependencies.get('code-lock')?.digest).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(runDetails.builder).toMatchObject({
    id: expect.stringMatching(/^urn:pipl:project:[^:]+:engine:local$/),
    version: { node: process.version },
  });
  expect(runDetails.metadata).toMatchObject({
    invocationId: run!.attempt,
    pipl_runKey: run!.runKey,
    // The seed was published by root; the run of @gen/a that came between is nobody.
    pipl_causedBy: { by: 'root', change: await seqOf(client, '@gen/seed') },
  });
}, 540_000);

const seqOf = async (client: RegistryClient, name: string): Promise<number | undefined> =>
  (await client.changes({ since: 0 })).changes.find((change) => change.name === name)?.seq;

test('the envelope is in the tarball too, and the same one', async () => {
  const { client } = production;
  const note = rowNamed('@gen/a-note');
  const { readTarball } = await import('@pipl/registry-client');
  const tarball = await client.tarball(index, note.name, note.version);
  const kept = await readTarball(tarball, () => ({ most: 1_000_000, bigger: 'refused' }));
  expect(JSON.parse(Buffer.from(kept.get('provenance.dsse.json')!).toString())).toEqual(
    await client.provenance(index, note.name, note.version),
  );
}, 540_000);

test('what nobody but the server may sign is not published: forged, foreign, of another version', async () => {
  const { client } = production;
  const root = await production.asRoot();
  const note = rowNamed('@gen/a-note');
  const envelope = await client.provenance(index, note.name, note.version);
  const byHand = async (manifest: Manifest, provenance: object) => {
    const files = { 'package.json': manifest, 'provenance.dsse.json': provenance };
    const packed = await packTarball(
      new Map(Object.entries(files).map(([path, json]) => [path, Buffer.from(JSON.stringify(json))])),
    );
    return root.release({ index, packls: [{ manifest, ...packed }] });
  };
  const other = { ...note.manifest, version: '9.0.0' };
  expect(await refusal(byHand(other, envelope))).toBe('PIPL_PROVENANCE');
  const payload = Buffer.from(envelope.payload, 'base64').toString().replaceAll('1.0.0', '9.0.0');
  const forged = { ...envelope, payload: Buffer.from(payload).toString('base64') };
  expect(await refusal(byHand(other, forged))).toBe('PIPL_PROVENANCE');
  expect(await refusal(root.attest((await client.runs())[0]!.attempt, emptyMade))).toBe('PIPL_DENIED');
  expect(await refusal(client.provenance(index, '@gen/seed', '1.0.0'))).toBe('PIPL_NO_PROVENANCE');
}, 540_000);

const emptyMade = {
  products: [],
  trees: {},
  reported: { startedOn: '', parameters: {}, template: `sha256:${'0'.repeat(64)}`, node: '', platform: '' },
};

test('lineage goes up to every source, and down to everything made of it', async () => {
  const { client } = production;
  const up = await client.lineage({ direction: 'up', subject: '@gen/b-note', index });
  expect(up.roots).toEqual(['@gen/b-note@1.0.0']);
  expect(up.edges.map(({ from, to, as }) => `${from} ${as} ${to}`).toSorted()).toEqual([
    '@gen/a-note@1.0.0 input @gen/seed@1.0.0',
    '@gen/a-note@1.0.0 task @gen/a@1.0.0',
    '@gen/b-note@1.0.0 input @gen/a-note@1.0.0',
    '@gen/b-note@1.0.0 task @gen/b@1.0.0',
  ]);
  const down = await client.lineage({ direction: 'down', subject: '@gen/seed@1.0.0' });
  expect(down.nodes.map(({ id }) => id).toSorted()).toEqual([
    '@gen/a-note@1.0.0',
    '@gen/b-note@1.0.0',
    '@gen/seed@1.0.0',
  ]);
  const code = await client.lineage({ direction: 'down', subject: '@gen/pipeline@1.0.0' });
  expect(
    code.edges
      .filter(({ as }) => as === 'code')
      .map(({ from }) => from)
      .toSorted(),
  ).toEqual(['@gen/a-note@1.0.0', '@gen/b-note@1.0.0']);
}, 540_000);

test('a content is found by its digest, with everything that is needed to walk to its sources', async () => {
  const { client, project } = production;
  const { digest } = productOf(rowNamed('@gen/b-note').manifest)!.assets['text']!;
  const bytes = await readFile(join(project.system, 'assets', 'sha256', digest.slice(7, 9), digest.slice(7)));
  expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);

  const { found, vouched } = await client.evidence({ digest });
  expect(found).toEqual([{ spec: '@gen/b-note@1.0.0', index, asset: 'text' }]);
  expect(vouched.map(({ name }) => name).toSorted()).toEqual(
    expect.arrayContaining(['@gen/a', '@gen/a-note', '@gen/b', '@gen/b-note', '@gen/pipeline', '@gen/seed']),
  );
  expect(
    vouched
      .filter(({ envelope }) => envelope !== undefined)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['@gen/a-note', '@gen/b-note']);
}, 540_000);

/** The content of the asset of a note, under a name of its own. */
async function copyOf(name: string, to: string): Promise<string> {
  const { digest } = productOf(rowNamed(name).manifest)!.assets['text']!;
  const file = join(production.path, to);
  const stored = join(production.project.system, 'assets', 'sha256', digest.slice(7, 9), digest.slice(7));
  await writeFile(file, await readFile(stored));
  return file;
}

/** What this person trusts and has seen is kept there. */
const asPerson = (name: string): void => {
  process.env['XDG_CONFIG_HOME'] = join(production.path, name);
};

test('a file is verified from its content back to every source; one byte more and nobody knows it', async () => {
  const { project } = production;
  asPerson('ann');
  const file = await copyOf('@gen/b-note', 'found.txt');

  const { place, versions, offline } = await verifyFile(project, { path: file });
  expect([place, offline]).toEqual(['@gen/b-note@1.0.0/text/note.txt', false]);
  expect(versions.find(({ spec }) => spec === '@gen/a-note@1.0.0')).toMatchObject({
    made: { by: '@gen/a@1.0.0', causedBy: 'root' },
    from: expect.arrayContaining([{ spec: '@gen/seed@1.0.0', as: 'input' }]),
  });
  expect(versions.find(({ spec }) => spec === '@gen/seed@1.0.0')?.made).toBeUndefined();

  expect((await verifyFile(project, { path: file, offline: true })).offline).toBe(true);
  const source = await copyOf('@gen/seed', 'seed.txt');
  expect((await verifyFile(project, { path: source })).place).toBe('@gen/seed@1.0.0/text/note.txt');

  const changed = await copyOf('@gen/b-note', 'changed.txt');
  await appendFile(changed, '!');
  expect(await refusal(verifyFile(project, { path: changed }))).toBe('PIPL_UNKNOWN_CONTENT');
  expect(await refusal(verifyFile(project, { path: changed, offline: true }))).toBe('PIPL_UNKNOWN_CONTENT');
}, 540_000);

test('a bundle proves it to somebody who never asked the server; a forged one does not', async () => {
  const { project } = production;
  asPerson('ann');
  const file = await copyOf('@gen/b-note', 'given.txt');
  const bundle = join(production.path, 'bundle.json');
  await verifyFile(project, { path: file, saveBundle: bundle });

  asPerson('ben');
  expect(await refusal(verifyFile(project, { path: file, offline: true }))).toBe('PIPL_UNKNOWN_CONTENT');
  expect((await verifyFile(project, { path: file, bundle })).firstKeys).toBe(true);

  const written = JSON.parse(await readFile(bundle, 'utf8')) as {
    keys: object[];
    vouched: { name: string; envelope?: Envelope }[];
  };
  const spoilt = async (change: (envelope: Envelope) => Envelope, keys: readonly object[] = []) => {
    const vouched = written.vouched.map((one) =>
      one.name === '@gen/a-note' ? { ...one, envelope: change(one.envelope!) } : one,
    );
    await writeFile(bundle, JSON.stringify({ ...written, keys: [...written.keys, ...keys], vouched }));
    return refusal(verifyFile(project, { path: file, bundle }));
  };
  const lie = (payload: string) =>
    Buffer.from(Buffer.from(payload, 'base64').toString().replace('"root"', '"ann"')).toString('base64');
  expect(await spoilt((one) => ({ ...one, payload: lie(one.payload) }))).toBe('PIPL_PROVENANCE');
  // Another statement of the same server is not about what the next run read.
  const foreign = written.vouched.find(({ name }) => name === '@gen/b-note')!.envelope!;
  expect(await spoilt(() => foreign)).toBe('PIPL_PROVENANCE');
  // A key of somebody else signs very well, and nobody vouches for it.
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const keyid = `SHA256:${hash('sha256', der, 'base64')}`;
  const stranger = {
    keyid,
    keytype: 'ed25519',
    scheme: 'ed25519',
    key: der.toString('base64'),
    expires: null,
  };
  const resigned = ({ payloadType, payload }: Envelope): Envelope => {
    const text = signedBytes(payloadType, Buffer.from(lie(payload), 'base64'));
    return {
      payloadType,
      payload: lie(payload),
      signatures: [{ keyid, sig: sign(null, text, privateKey).toString('base64') }],
    };
  };
  expect(await spoilt(resigned, [stranger])).toBe('PIPL_PROVENANCE');
}, 540_000);

test('a version is verified with its provenance, also after the keys were changed', async () => {
  const { project } = production;
  asPerson('ann');
  const spec = '@gen/b-note@1.0.0';
  const { made: before } = await verify(project, { spec });
  expect(before).toMatchObject({ by: '@gen/b@1.0.0', causedBy: 'root' });
  await (await production.asRoot()).rotateKeys();
  await production.settled(await production.publishSeed('1.0.1', 'two'));
  const { versions } = await verifySources(project, { spec: '@gen/b-note@1.0.1' });
  // The new keys were vouched for by those that were known.
  expect(versions[0]?.statementKeyid).toMatch(/^SHA256:/);
  expect(versions[0]?.statementKeyid).not.toBe(before?.keyid);
  expect((await verify(project, { spec, offline: true })).made?.keyid).toBe(before?.keyid);
}, 540_000);

test('who may not read an index is told nothing of it, neither up nor down', async () => {
  const { client } = production;
  const root = await production.asRoot();
  await root.setIndex(indexName('root/secret'), { bases: [index], read: [], volatile: false });
  const manifest: Manifest = {
    name: '@gen/hidden',
    version: '1.0.0',
    pipl: {
      kind: 'product',
      type: '@gen/pipeline#Note',
      assets: {},
      made: { by: '@gen/b@1.0.0', run: 'x.1', inputs: { '@gen/b-note': '1.0.0' } },
    },
  };
  const packed = await packTarball(new Map([['package.json', Buffer.from(JSON.stringify(manifest))]]));
  const { seq } = await root.release({
    index: indexName('root/secret'),
    packls: [{ manifest, ...packed }],
  });
  await production.settled(seq);
  const ask = { direction: 'down', subject: '@gen/b-note@1.0.0' } as const;
  expect((await root.lineage(ask)).nodes.map(({ id }) => id)).toContain('@gen/hidden@1.0.0');
  expect((await client.lineage(ask)).nodes.map(({ id }) => id)).toEqual(['@gen/b-note@1.0.0']);
  expect(await refusal(client.lineage({ ...ask, subject: '@gen/hidden@1.0.0' }))).toBe('PIPL_NO_VERSION');
  expect(await refusal(client.provenance(indexName('root/secret'), '@gen/b-note', '1.0.0'))).toBe(
    'PIPL_NO_INDEX',
  );
}, 540_000);
