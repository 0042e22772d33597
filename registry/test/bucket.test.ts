/** A whole registry whose tarballs stand in a bucket: published, installed, checked, collected; and alone. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { integrityOf, packTarball } from '@pipl/registry-client';
import { hexOf, pathOfHex } from '../src/blobs/address.ts';
import { hasMoto, startMoto, type Moto } from './moto.ts';
import { film, packl, refusal, startScene, workplace, type Scene } from './scene.ts';

let moto: Moto;
let prefixes = 0;
const withMoto = hasMoto();
beforeAll(async () => {
  if (withMoto) moto = await startMoto();
});
afterAll(async () => moto?.stop());

async function startInBucket(...upstream: Parameters<typeof packl>[]) {
  const prefix = `film/${(prefixes += 1)}`;
  const blobs = { address: `s3://${moto.bucket}/${prefix}`, endpoint: moto.endpoint };
  const packages = await Promise.all(upstream.map((one) => packl(...one)));
  return { scene: await startScene({ blobs }, packages), prefix };
}

const tarballOf = (scene: Scene, name: string, version: string) =>
  fetch(`${scene.registry.url}/${film}/${name}/-/${name}-${version}.tgz`);

describe.runIf(withMoto)('with its tarballs in a bucket', () => {
  test('a registry takes, serves, checks and collects them', { timeout: 540_000 }, async () => {
    const { scene, prefix } = await startInBucket(['left-pad', '1.0.0']);
    await using _ = scene;
    const noise = randomBytes(3_000_000).toString('hex');
    const manifest = { name: 'b', version: '1.0.0', dependencies: { a: '1.0.0', 'left-pad': '1.0.0' } };
    const big = await packTarball(
      new Map([
        ['package.json', Buffer.from(JSON.stringify(manifest))],
        ['big.txt', Buffer.from(noise)],
      ]),
    );
    const a = await packl('a', '1.0.0');
    await scene.publish(film, a, { manifest, ...big });
    await scene.restart();

    const work = await workplace(scene, {});
    const { status, stderr } = await work.run('npm', 'install', 'b');
    expect([status, stderr]).toEqual([0, '']);
    expect(await readFile(join(work.cwd, 'node_modules', 'b', 'big.txt'), 'utf8')).toBe(noise);
    const head = await fetch(`${scene.registry.url}/${film}/b/-/b-1.0.0.tgz`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(big.tarball.length));
    // a, b, and what the mirror fetched; nothing on this machine.
    expect(await moto.objects(prefix)).toHaveLength(3);
    expect(await scene.registry.upkeep.fsck({ readData: true })).toMatchObject({
      ok: true,
      checked: { versions: 2, mirrored: 1, files: 3 },
    });

    expect(await refusal(scene.publish(film, await packl('a', '1.0.0', { content: 'other' })))).toBe(
      'PIPL_VERSION_TAKEN',
    );
    expect(await moto.objects(prefix)).toHaveLength(4);
    expect(await scene.registry.upkeep.collect()).toMatchObject({ files: 0 });
    expect(await scene.registry.upkeep.collect(0)).toMatchObject({ files: 1 });
    expect((await moto.objects(prefix)).filter((key) => key.includes(hexOf(a.integrity)))).toHaveLength(1);

    const Key = `${prefix}/${pathOfHex(hexOf(a.integrity))}`;
    await moto.client.send(new PutObjectCommand({ Bucket: moto.bucket, Key, Body: 'edited' }));
    const { findings } = await scene.registry.upkeep.fsck({ readData: true });
    expect(findings).toMatchObject([{ problem: 'content-wrong', subject: 'a@1.0.0 in root/film' }]);
  });

  test('while the bucket is away nothing is acknowledged and what is known is served; then all goes on', async () => {
    const { scene, prefix } = await startInBucket(['left-pad', '1.0.0']);
    await using _ = scene;
    const before = await packl('before', '1.0.0');
    await scene.publish(film, before, await packl('cold', '1.0.0'));
    expect((await tarballOf(scene, 'before', '1.0.0')).status).toBe(200);
    const objects = await moto.objects(prefix);
    const root = await scene.as('root');
    const during = await packl('during', '1.0.0');

    moto.away();
    const answer = await fetch(`${scene.registry.url}/-/pipl/v1/status`);
    expect(answer.status).toBe(200);
    const rows = await scene.registry.rows();
    expect(await refusal(root.release({ index: film, packls: [during] }))).toBe('PIPL_BLOBS_AWAY');
    expect(await scene.registry.rows()).toEqual(rows);
    const served = await tarballOf(scene, 'before', '1.0.0');
    expect(integrityOf(new Uint8Array(await served.arrayBuffer()))).toBe(before.integrity);
    const document = await fetch(`${scene.registry.url}/${film}/cold`);
    expect(await document.json()).toMatchObject({ 'dist-tags': { latest: '1.0.0' } });
    const cold = await tarballOf(scene, 'cold', '1.0.0');
    expect([cold.status, cold.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await tarballOf(scene, 'left-pad', '1.0.0')).status).toBe(503);
    expect((await fetch(`${scene.registry.url}/healthz`)).status).toBe(503);
    // It comes up without it, too.
    await scene.restart();
    expect((await fetch(`${scene.registry.url}/${film}/before`)).status).toBe(200);

    moto.back();
    expect(await moto.objects(prefix)).toEqual(objects);
    await scene.publish(film, during);
    expect((await tarballOf(scene, 'during', '1.0.0')).status).toBe(200);
    expect((await tarballOf(scene, 'left-pad', '1.0.0')).status).toBe(200);
    expect((await scene.registry.upkeep.fsck({ readData: true })).findings).toEqual([]);
  });

  test('a mirrored tarball that the bucket lost is fetched again', async () => {
    const { scene, prefix } = await startInBucket(['left-pad', '1.0.0']);
    await using _ = scene;
    expect((await tarballOf(scene, 'left-pad', '1.0.0')).status).toBe(200);
    const [Key = ''] = await moto.objects(prefix);
    await moto.client.send(new DeleteObjectCommand({ Bucket: moto.bucket, Key }));
    await scene.restart();
    const { findings } = await scene.registry.upkeep.fsck({ repair: true });
    expect(findings).toMatchObject([{ problem: 'mirrored-missing' }]);
    expect((await tarballOf(scene, 'left-pad', '1.0.0')).status).toBe(200);
    expect(await moto.objects(prefix)).toEqual([Key]);
  });
});
