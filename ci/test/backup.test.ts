/** A backup made while four publish holds everything that was acknowledged before it was asked for. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { indexName, type Manifest } from '@pipl/packl';
import {
  backupProject,
  createProject,
  fsckProject,
  restoreProject,
  startServer,
  stopServer,
  writer,
} from '@pipl/project';
import { connect, integrityOf, packTarball, type RegistryClient } from '@pipl/registry-client';
import { initProject } from '../src/init-project.ts';
import { tendProject } from '../src/tend-project.ts';
import { pipeTarball, serverCommand } from './generated-project.ts';

const index = indexName('root/PROJ');
const tend = { serverCommand, note: () => undefined };
const upstream = 'http://127.0.0.1:9/';

/** A project with a server, and four who publish until they are told to stop. */
async function busyProject(more: { database?: string } = {}) {
  const temp = await mkdtemp(join(tmpdir(), 'pipl-backup-'));
  const project = await createProject({ path: join(temp, 'film'), serverCommand, upstream, ...more });
  await startServer(project, { serverCommand });
  const root = await writer(project, () => undefined);
  const acknowledged = new Map<string, string>();
  const over = new AbortController();
  const publisher = async (who: number): Promise<void> => {
    for (let patch = 0; !over.signal.aborted; patch += 1) {
      const integrity = await publishOne(root, { name: `from-${who}`, version: `1.0.${patch}` });
      acknowledged.set(`from-${who}@1.0.${patch}`, integrity);
    }
  };
  const publishing = Promise.all([0, 1, 2, 3].map(publisher));
  onTestFinished(async () => {
    over.abort();
    await publishing.catch(() => undefined);
    await stopServer(project);
    await rm(temp, { recursive: true, force: true });
  });
  const some = async (count: number) => {
    for (const least = acknowledged.size + count; acknowledged.size < least;) await new Promise(setImmediate);
  };
  return { temp, project, root, acknowledged, some, stop: async () => (over.abort(), await publishing) };
}

async function publishOne(client: RegistryClient, manifest: Manifest): Promise<string> {
  const files = new Map([['package.json', new TextEncoder().encode(JSON.stringify(manifest))]]);
  const { tarball, integrity } = await packTarball(files);
  await client.release({ index, packls: [{ manifest, integrity, tarball }] });
  return integrity;
}

test(
  'while four publish; restored, all of it is there and whole, and it goes on',
  { timeout: 540_000 },
  async () => {
    const { temp, project, acknowledged, some, stop } = await busyProject();
    await some(20);
    const before = new Map(acknowledged);
    const [manifest] = await Promise.all([backupProject(project, join(temp, 'backup'), tend), some(20)]);
    const meanwhile = acknowledged.size - before.size;
    await stop();
    expect(meanwhile).toBeGreaterThan(0);

    const { project: again, report } = await restoreProject({
      from: join(temp, 'backup'),
      path: join(temp, 'again'),
      serverCommand,
    });
    expect(report).toMatchObject({ ok: true, findings: [] });
    expect(await fsckProject(again, { readData: true }, tend)).toMatchObject({ ok: true, findings: [] });
    // Who is root, and that it is this project, came along; its key stays closed to others.
    expect(again.id).toBe(project.id);
    expect((await stat(join(again.system, 'owner.key'))).mode & 0o777).toBe(0o600);

    const { url } = await startServer(again, { serverCommand, port: 0 });
    try {
      const client = connect({ url });
      const rows = new Map(
        (await client.rows(index)).rows.map((row) => [`${row.name}@${row.version}`, row.integrity]),
      );
      for (const [version, integrity] of before)
        expect([version, rows.get(version)]).toEqual([version, integrity]);
      for (const [version, integrity] of rows) {
        const [name = '', number = ''] = version.split('@');
        expect(integrityOf(await client.tarball(index, name, number))).toBe(integrity);
      }
      expect((await client.status()).head).toBe(manifest.head);
      await publishOne(await writer(again, () => undefined), { name: 'later', version: '1.0.0' });
    } finally {
      await stopServer(again);
    }
  },
);

test('a backup that was changed, or is none, is refused', async () => {
  const temp = await mkdtemp(join(tmpdir(), 'pipl-backup-'));
  onTestFinished(() => rm(temp, { recursive: true, force: true }));
  const project = join(temp, 'film');
  await mkdir(join(project, 'system'), { recursive: true });
  await writeFile(join(project, '.pipl'), '{}');
  await writeFile(join(project, 'system', 'server.json'), '{"port":0}');
  await initProject({ project, pipe: pipeTarball });
  const from = join(temp, 'backup');
  const backup = () => tendProject({ do: 'backup', project, to: from });
  expect(await backup()).toMatchObject({ blobs: 1, project: 'film' });
  await expect(backup()).rejects.toMatchObject({ code: 'PIPL_BACKUP_TAKEN' });

  let tries = 0;
  const restored = () =>
    tendProject({ do: 'restore', project: join(temp, `again-${(tries += 1)}`), from }).then(
      () => 'restored',
      ({ code }: { code: string }) => code,
    );
  const [blob = ''] = (await readdir(join(from, 'blobs'), { recursive: true })).filter(
    (name) => name.length > 100,
  );
  for (const path of ['pipl.sqlite', 'files/.pipl', 'files/system/owner.key', join('blobs', blob)]) {
    const whole = await readFile(join(from, path));
    // The content is linked: what happens to the backup must not happen to the project here.
    await rm(join(from, path));
    await writeFile(join(from, path), `${whole.toString('latin1')} `, 'latin1');
    expect([path, await restored()]).toEqual([path, 'PIPL_BACKUP_DAMAGED']);
    await writeFile(join(from, path), whole);
  }
  expect(await restored()).toBe('restored');
  await rm(join(from, 'blobs', blob));
  expect(await restored()).toBe('PIPL_BACKUP_DAMAGED');
  await rm(join(from, 'backup.json'));
  expect(await restored()).toBe('PIPL_NO_BACKUP');
}, 540_000);
