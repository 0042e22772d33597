/** An index that comes later: it wakes nobody, people publish to it at once, and its handler runs what differs there. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexName, type Manifest } from '@pipl/packl';
import { publish } from '@pipl/project';
import { openDatabase, startRegistry } from '@pipl/registry';
import { packTarball } from '@pipl/registry-client';
import { releaseGuard } from '../src/guard.ts';
import type { Reactor } from '../src/reactor.ts';
import { load, loadProjection } from '../src/step/index.ts';
import { eventually, generatedProject, type GeneratedProject } from './generated-project.ts';

const common = indexName('root/PROJ');
const child = indexName('root/child');

async function addHandler({ project }: GeneratedProject, index: string): Promise<void> {
  const file = join(project.path, '.pipl');
  const written = JSON.parse(await readFile(file, 'utf8')) as { handlers: Record<string, unknown> };
  written.handlers[index] = [{ kind: 'process', engines: ['local'] }];
  await writeFile(file, JSON.stringify(written));
}

test('a new index with a handler wakes nobody until something differs there', async () => {
  await using production = await generatedProject({ a: ['@gen/seed'] });
  const { client, project } = production;
  const runs = async () => (await client.runs()).map(({ index, task, state }) => `${index} ${task} ${state}`);
  await production.settled(await production.publishSeed('1.0.0', 'one'));

  await addHandler(production, child); // before there is such an index
  await production.stop();
  await production.start();
  await (await production.asRoot()).setIndex(child, { bases: [common] });
  const { head } = await client.status();
  await production.settled(head);
  expect(await runs()).toEqual([`${common} @gen/a succeeded`]);

  await production.settled(await production.publishSeed('1.1.0', 'two'));
  expect(await runs()).toEqual([`${common} @gen/a succeeded`, `${common} @gen/a succeeded`]);

  await production.writeSeed('1.2.0', 'three');
  const folders = [production.folder('seed')];
  await publish(await production.asRoot(), { project, folders, to: child });
  const [newest] = await eventually(async () => {
    const found = await runs();
    return found.length > 2 && found[0]?.endsWith('succeeded') ? found : undefined;
  });
  expect(newest).toBe(`${child} @gen/a succeeded`);
  expect((await client.rows(common, '@gen/a-note')).rows.map(({ version }) => version).toSorted()).toEqual([
    '1.0.0',
    '1.1.0',
  ]);

  const root = await production.asRoot();
  const hidden = (await root.runs()).find(({ index }) => index === common)!;
  await root.setIndex(common, { read: ['root'] });
  expect((await runs()).map((line) => line.split(' ')[0])).toEqual([child]);
  expect((await root.runs()).map(({ index }) => index)).toEqual([child, common, common]);
  await expect(client.run(hidden.attempt)).rejects.toMatchObject({ exitStatus: 3 });
  await expect(client.runLog(hidden.attempt)).rejects.toMatchObject({ exitStatus: 3 });
  const told = JSON.stringify([await client.waves(), await client.tasks()]);
  expect(told).not.toContain(hidden.attempt);
  expect(told).not.toContain(`"${common}"`);
}, 540_000);

test('what is published to an index that the reactor has not heard of yet is judged by what that index shows', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pipl-indexes-'));
  const db = await openDatabase(':memory:');
  let reactor: Reactor | undefined;
  const guard = releaseGuard(() => Promise.resolve(reactor?.state));
  const registry = await startRegistry({ dataDir, db, project: 'x', host: '127.0.0.1', port: 0, guard });
  try {
    await registry.createIndex(common);
    const [rows, tags, indexes] = [await registry.rows(), await registry.tags(), await registry.indexes()];
    const state = load([], loadProjection({ rows, tags, indexes, handlers: [common], unseen: [] }));
    reactor = { state } as Reactor; // behind from here on
    const release = async (index: typeof common, manifest: Manifest) => {
      const files = new Map([
        ['package.json', { data: Buffer.from(JSON.stringify(manifest)), mode: 0o644 }],
        ['index.js', { data: Buffer.from(''), mode: 0o644 }],
      ]);
      const packls = [{ manifest, ...(await packTarball(files)) }];
      return registry.release({ index, packls }, { is: 'user', name: 'root' });
    };
    const types = { productTypes: { Note: '.#Note' } };
    await release(common, { name: '@gen/types', version: '1.0.0', pipl: { kind: 'code', ...types } });
    await registry.createIndex(child, { bases: [common] });
    const note = { kind: 'product' as const, type: '@gen/types#Note', assets: {} };
    const released = await release(child, {
      name: '@gen/note',
      version: '1.0.0',
      dependencies: { '@gen/types': '^1.0.0' },
      pipl: note,
    });
    expect(released.published).toMatchObject([{ name: '@gen/note' }]);
  } finally {
    await registry.close();
    await db.destroy();
    await rm(dataDir, { recursive: true });
  }
}, 540_000);
