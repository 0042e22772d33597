/** Every version is signed; npm itself verifies it, over rotations of the key and for what was there before. */
import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { cp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { indexName } from '@pipl/packl';
import {
  signatureHolds,
  signedText,
  trustedKeys,
  type ReleasePackl,
  type Signature,
  type SigningKey,
} from '@pipl/registry-client';
import { openKeys } from '../src/signing/keys.ts';
import { film, packl, refusal, scratch, startScene, workplace, type Scene, type Workplace } from './scene.ts';
import { storeOf } from './state.ts';

const env = { NODE_OPTIONS: `--require=${join(import.meta.dirname, 'without-sigstore.cjs')}` };

/** `npm audit signatures` after an installation of these packls. */
async function audited(scene: Scene, names: readonly string[], index = film): Promise<Workplace> {
  const dependencies = Object.fromEntries(names.map((name) => [name, '*']));
  const files = { 'package.json': JSON.stringify({ name: 'here', version: '1.0.0', dependencies }) };
  const place = await workplace(scene, { index, files, env });
  const installed = await place.run('npm', 'install', '--no-audit');
  expect(installed.stderr + installed.stdout, 'npm install').toContain('added');
  return place;
}

const audit = (place: Workplace) => place.run('npm', 'audit', 'signatures');

interface Document {
  readonly versions: Record<string, { dist: { integrity: string; signatures?: Signature[] } }>;
}
const documentOf = async (scene: Scene, name: string, index = film) =>
  (await (await fetch(`${scene.registry.url}/${index}/${name}`)).json()) as Document;

test(
  'npm audit signatures accepts what was published, and what a mirror hands on',
  { timeout: 540_000 },
  async () => {
    await using upstream = await signingUpstream([await packl('left-pad', '1.3.0')]);
    await using scene = await startScene();
    const npm = indexName('root/signed');
    await scene.registry.createIndex(npm, { mirror: upstream.url });
    await scene.registry.createIndex(film, { bases: [npm] });
    await scene.publish(film, await packl('@film/bunny', '1.0.0'), await packl('carrot', '2.0.0'));

    const { status, stdout, stderr } = await audit(
      await audited(scene, ['@film/bunny', 'carrot', 'left-pad']),
    );

    expect(stdout + stderr).toContain('3 packages have verified registry signatures');
    expect(status).toBe(0);
  },
);

test('npm audit signatures refuses a version that is not what was signed', { timeout: 540_000 }, async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('@film/bunny', '1.0.0'));
  const place = await audited(scene, ['@film/bunny']);
  const { db } = await storeOf(scene);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const [{ keyid } = { keyid: '' }] = await scene.anonymous.keys();
  const forged = [
    { keyid, sig: sign('sha256', Buffer.from('@film/bunny@1.0.0:other'), other).toString('base64') },
  ];
  await db
    .updateTable('registry_versions')
    .set({ signatures: JSON.stringify(forged) })
    .execute();
  await scene.restart();
  const after = await workplaceOn(scene, place);

  const { status, stdout, stderr } = await audit(after);

  expect(stdout + stderr).toContain('invalid registry signature');
  expect(status).toBe(1);
});

test('after a rotation new versions are signed with the new key, and old ones still verify', async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('@film/a', '1.0.0'));
  const root = await scene.as('root');

  const fresh = await root.rotateKeys();
  await scene.publish(film, await packl('@film/a', '1.1.0'));

  const [old, now] = (await scene.anonymous.keys()) as [SigningKey, SigningKey];
  expect(now).toMatchObject({ keyid: fresh.keyid, expires: null, scheme: 'ecdsa-sha2-nistp256' });
  expect(new Date(old.expires ?? 0).getTime()).toBeGreaterThan(Date.now());
  const { versions } = await documentOf(scene, '@film/a');
  for (const [version, key] of [
    ['1.0.0', old],
    ['1.1.0', now],
  ] as const) {
    const { integrity, signatures = [] } = versions[version]!.dist;
    expect(signatures.map(({ keyid }) => keyid)).toEqual([key.keyid]);
    expect(signatureHolds(signedText({ name: '@film/a', version, integrity }), signatures[0]!, key)).toBe(
      true,
    );
  }
  expect(await refusal((await scene.as('alice')).rotateKeys())).toBe('PIPL_DENIED');
});

test('what is promoted is signed by the key of that day: npm takes no signature of a key that had expired', async () => {
  await using scene = await startScene();
  const stage = indexName('root/stage');
  const root = await scene.as('root');
  await root.setIndex(stage, { bases: [film] });
  await scene.publish(stage, await packl('@film/a', '1.0.0'));
  const fresh = await root.rotateKeys();

  await root.promote(film, { packls: [{ name: '@film/a', version: '1.0.0' }] });

  const { integrity, signatures = [] } = (await documentOf(scene, '@film/a')).versions['1.0.0']!.dist;
  const text = signedText({ name: '@film/a', version: '1.0.0', integrity });
  expect(signatures.map((one) => signatureHolds(text, one, fresh))).toEqual([true]);
});

test('what an older server published is signed at the next start', async () => {
  await using scene = await startScene();
  await scene.publish(film, await packl('@film/a', '1.0.0'), await packl('@film/b', '1.0.0'));
  const { db } = await storeOf(scene);
  await db.updateTable('registry_versions').set({ signatures: null }).execute();

  await scene.restart();

  const [key] = (await scene.anonymous.keys()) as [SigningKey];
  for (const name of ['@film/a', '@film/b']) {
    const { integrity, signatures } = (await documentOf(scene, name)).versions['1.0.0']!.dist;
    expect(signatureHolds(signedText({ name, version: '1.0.0', integrity }), signatures![0]!, key)).toBe(
      true,
    );
  }
});

test('keys are listed at the root and under every index, and are the same after a restart', async () => {
  await using scene = await startScene();
  const before = await scene.anonymous.keys();

  await scene.restart();

  expect(await scene.anonymous.keys()).toEqual(before);
  const below = await fetch(`${scene.registry.url}/${film}/-/npm/v1/keys`);
  expect(await below.json()).toEqual({ keys: before });
  expect(before).toHaveLength(1);
});

test('private keys are for the owner of the project only', async () => {
  await using scene = await startScene();
  const folder = join(scene.dir, 'keys');
  const files = await readdir(folder);

  const modes = await Promise.all(
    files.map(async (file) => [file, (await stat(join(folder, file))).mode & 0o777]),
  );

  expect(modes.filter(([file]) => String(file).endsWith('.pem'))).toEqual([
    // one for versions, one for provenance
    [expect.any(String), 0o600],
    [expect.any(String), 0o600],
  ]);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('a new key is trusted because the one before it vouches for it, a stranger is not', async () => {
  const folder = await scratch();
  const keys = await openKeys(folder, () => new Date());
  const known = [...keys.list()];
  await keys.rotate();
  await keys.rotate();
  const stranger = (await openKeys(await scratch(), () => new Date())).list();
  const claimed = { ...stranger[0]!, endorsedBy: { keyid: known[0]!.keyid, sig: 'AAAA' } };

  const { trusted, strange } = trustedKeys(known, [claimed, ...keys.list()]);

  expect(trusted.map(({ keyid }) => keyid)).toEqual(keys.list().map(({ keyid }) => keyid));
  expect(strange).toEqual([claimed]);
});

test('a server sees the rotation that another one made', async () => {
  const folder = await scratch();
  const [one, other] = [await openKeys(folder, () => new Date()), await openKeys(folder, () => new Date())];
  const { keyid } = await one.rotate();

  await expect.poll(() => other.sign('text').keyid, { timeout: 10_000 }).toBe(keyid);
  expect(other.list()).toHaveLength(2);
});

test('keys that are lost are not made anew behind the back of who relies on them', async () => {
  const folder = await scratch();
  await openKeys(folder, () => new Date());
  const [pem = ''] = (await readdir(folder)).filter((file) => file.endsWith('.pem'));
  await rm(join(folder, pem));

  expect(await refusal(openKeys(folder, () => new Date()))).toBe('PIPL_SIGNING_KEY');
});

/** The same folder, at a registry that has restarted on another port. */
async function workplaceOn(scene: Scene, { cwd }: Workplace): Promise<Workplace> {
  const place = await workplace(scene, { index: film, env });
  await cp(cwd, place.cwd, { recursive: true });
  return place;
}

/** An npm registry that signs what it has, with a key of its own. */
async function signingUpstream(packages: readonly ReleasePackl[]) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const keyid = `SHA256:${hash('sha256', der, 'base64')}`;
  const key = {
    keyid,
    keytype: 'ecdsa-sha2-nistp256',
    scheme: 'ecdsa-sha2-nistp256',
    key: der.toString('base64'),
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    if (path === '-/npm/v1/keys') return response.end(JSON.stringify({ keys: [{ ...key, expires: null }] }));
    const found = packages.find(({ manifest }) => path.split('/')[0] === manifest.name);
    if (found === undefined) return response.writeHead(404).end('{}');
    if (path.endsWith('.tgz')) return response.end(found.tarball);
    const { manifest, integrity } = found;
    const { name, version } = manifest;
    const sig = sign('sha256', Buffer.from(`${name}@${version}:${integrity}`), privateKey).toString('base64');
    const tarball = `http://${request.headers.host}/${name}/-/${name}-${version}.tgz`;
    const dist = { integrity, tarball, signatures: [{ keyid, sig }] };
    const versions = { [version]: { ...manifest, dist } };
    return response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: stop };
}
