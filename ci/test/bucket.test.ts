/** A project whose tarballs stand in a bucket: made, served, backed up, restored into a folder and into a bucket. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { indexName } from '@pipl/packl';
import {
  backupProject,
  createProject,
  fsckProject,
  restoreProject,
  startServer,
  stopServer,
  writer,
  type Project,
} from '@pipl/project';
import { integrityOf, packTarball } from '@pipl/registry-client';
import { credentials, hasMoto, startMoto, type Moto } from '../../registry/test/moto.ts';
import { pipeTarball, serverCommand } from './generated-project.ts';

const index = indexName('root/PROJ');
const tend = { serverCommand, note: () => undefined };
const withMoto = hasMoto();
let moto: Moto;
beforeAll(async () => {
  if (withMoto) moto = await startMoto();
});
afterAll(async () => moto?.stop());

const codeOf = (error: { code: string }) => error.code;

/** One version more, while its server runs. */
async function publishOne(project: Project, name: string): Promise<string> {
  const manifest = { name, version: '1.0.0' };
  const files = new Map([['package.json', new TextEncoder().encode(JSON.stringify(manifest))]]);
  const packed = await packTarball(files);
  await startServer(project, { serverCommand, port: 0 });
  try {
    const root = await writer(project, () => undefined);
    await root.release({ index, packls: [{ manifest, ...packed }] });
    expect(integrityOf(await root.tarball(index, name, '1.0.0'))).toBe(packed.integrity);
  } finally {
    await stopServer(project);
  }
  return packed.integrity;
}

describe.runIf(withMoto)('a project with a bucket', () => {
  test('from its making to its second life', { timeout: 540_000 }, async () => {
    const temp = await mkdtemp(join(tmpdir(), 'pipl-bucket-'));
    onTestFinished(() => rm(temp, { recursive: true, force: true }));
    const at = (prefix: string) => ({
      blobs: `s3://${moto.bucket}/${prefix}`,
      s3Endpoint: moto.endpoint,
      serverCommand,
    });
    const make = (path: string, prefix: string, more = {}) =>
      createProject({
        path: join(temp, path),
        upstream: 'http://127.0.0.1:9/',
        pipeTarball,
        ...at(prefix),
        ...more,
      });
    const project = await make('film', 'film');
    expect(await moto.objects('film/')).toHaveLength(2); // @pipl/pipe, and whose it is
    // Another project has no place in it; one that fails leaves none behind.
    await expect(make('other', 'film').catch(codeOf)).resolves.toBe('PIPL_BLOBS_TAKEN');
    await expect(
      make('other', 'other', { pipeTarball: join(temp, 'none') }).catch(codeOf),
    ).resolves.toBeDefined();
    expect(await moto.objects('other/')).toEqual([]);

    await publishOne(project, 'a');
    const settings = await readFile(join(project.system, 'server.json'), 'utf8');
    expect(JSON.parse(settings)).toMatchObject({ blobs: 's3://studio/film', s3Endpoint: moto.endpoint });
    expect(settings).not.toContain(credentials.AWS_SECRET_ACCESS_KEY + '"');
    expect(await fsckProject(project, { readData: true }, tend)).toMatchObject({ ok: true });
    const backup = join(temp, 'backup');
    expect(await backupProject(project, backup, tend)).toMatchObject({ blobs: 2 });

    const inFolder = await restoreProject({ from: backup, path: join(temp, 'folder'), serverCommand });
    expect(inFolder.report).toMatchObject({ ok: true, findings: [] });
    expect(await readFile(join(inFolder.project.system, 'server.json'), 'utf8')).not.toContain('s3');

    const again = { from: backup, path: join(temp, 'bucket') };
    await expect(restoreProject({ ...again, ...at('film') }).catch(codeOf)).resolves.toBe('PIPL_BLOBS_TAKEN');
    const inBucket = await restoreProject({ ...again, ...at('second') });
    expect(inBucket.report).toMatchObject({ ok: true, findings: [] });
    expect(await moto.objects('second/')).toHaveLength(3);
    await publishOne(inBucket.project, 'b');
    expect(await moto.objects('film/')).toHaveLength(3);
  });
});
