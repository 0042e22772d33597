/** What people and runs may not publish: refused inside the transaction, with the reason, and nothing is written. */
import { randomBytes, hash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexName, PiplError, type Manifest } from '@pipl/packl';
import { openDatabase } from '@pipl/registry';
import { packTarball, type RunView } from '@pipl/registry-client';
import { eventually, generatedProject, type GeneratedProject } from './generated-project.ts';

const index = indexName('root/PROJ');

const noteManifest = (version: string): Manifest => ({
  name: '@gen/a-note',
  version,
  dependencies: { '@gen/pipeline': '^1.0.0' },
  pipl: { kind: 'product', type: '@gen/pipeline#Note', assets: {} },
});

async function refusal(asked: Promise<unknown>): Promise<unknown[]> {
  const error = await asked.catch((thrown: unknown) => thrown);
  if (!(error instanceof PiplError)) throw new Error('It was not refused.', { cause: error });
  return [error.code, error.kind, `${error.message} ${error.why}`];
}

/** @returns a token like the one that the run has, and how many it has */
async function tokenOf({ project }: GeneratedProject, { attempt }: RunView) {
  const db = await openDatabase(join(project.system, 'db', 'pipl.sqlite'));
  const own = await db.selectFrom('registry_tokens').select('id').where('attempt', '=', attempt).execute();
  const secret = randomBytes(32).toString('base64url');
  const made = { kind: 'run', attempt, index_name: index, packls: JSON.stringify(['@gen/a-note']) };
  await db
    .insertInto('registry_tokens')
    .values({ id: 'forged', secret: hash('sha256', secret), created_at: new Date().toISOString(), ...made })
    .execute();
  await db.destroy();
  return { token: `pipl_forged.${secret}`, own: own.length };
}

test('a version that a run has reserved is its own, and only while it runs', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'] });
  const { client } = production;
  const gate = join(production.path, 'gate');
  await production.publishTask('a', '1.1.0', { parameters: { gate } });
  await production.publishSeed('1.0.0', 'one');
  const run = await eventually(async () => (await client.runs())[0]);

  await mkdir(production.folder('hand'));
  await writeFile(join(production.folder('hand'), 'package.json'), JSON.stringify(noteManifest('1.0.0')));
  const byHand = () => production.publishFolders(['hand']);
  expect(await refusal(byHand())).toEqual([
    'PIPL_VERSION_RESERVED',
    'conflict',
    expect.stringContaining(run.attempt),
  ]);

  const manifest = noteManifest('1.0.0');
  const packed = await packTarball(
    new Map([['package.json', { data: Buffer.from(JSON.stringify(manifest)), mode: 0o644 }]]),
  );
  const asRun = async () => {
    const { token, own } = await tokenOf(production, run);
    const packls = [{ manifest, ...packed }];
    return { own, released: client.withToken(token).release({ index, packls, run: run.attempt }) };
  };
  expect(await refusal((await asRun()).released)).toEqual([
    'PIPL_NO_PROVENANCE',
    'invalid',
    expect.stringContaining('does not say what made it'),
  ]);

  await (await production.asRoot()).cancelRun(run.attempt);
  const { own, released: late } = await asRun();
  expect(own).toBe(0);
  expect(await refusal(late)).toEqual(['PIPL_RUN_OVER', 'conflict', expect.stringContaining('canceled')]);
  await byHand();
}, 540_000);

test('what would feed itself, or have two makers, is refused, alone and together with others', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'], b: ['@gen/a-note'] });
  const { client } = production;
  const { head } = await client.status();

  const cycle = ['PIPL_TASK_CYCLE', 'invalid', expect.stringContaining('→')];
  expect(await refusal(production.publishTask('a', '1.1.0', { notes: ['@gen/b-note'] }))).toEqual(cycle);
  await production.writeTask('x', '1.0.0', { notes: ['@gen/y-note'] });
  await production.writeTask('y', '1.0.0', { notes: ['@gen/x-note'] });
  expect(await refusal(production.publishFolders(['x', 'y']))).toEqual(cycle);
  expect(await refusal(production.publishTask('z', '1.0.0', { makes: '@gen/a-note' }))).toEqual([
    'PIPL_PRODUCT_MADE',
    'conflict',
    expect.stringContaining('@gen/a makes it'),
  ]);
  await production.writeTask('y', '1.0.0', { notes: ['@gen/seed'] });
  await production.writeTask('x', '1.0.0', { notes: ['@gen/y-note'], makes: '@gen/y-note' });
  expect((await refusal(production.publishFolders(['x', 'y'])))[1]).toMatch(/conflict|invalid/);

  expect((await client.status()).head).toBe(head);
}, 540_000);
