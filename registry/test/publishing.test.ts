/** Publishing: what is refused, what is kept, what the feed says. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { indexName, PiplError, piplError, type Change } from '@pipl/packl';
import {
  connect,
  integrityMatches,
  integrityOf,
  packTarball,
  type ReleasePackl,
} from '@pipl/registry-client';
import { film, mirror, packl, startScene, type Scene } from './scene.ts';

const blobsIn = async ({ dir }: Scene) => {
  const files = await readdir(join(dir, 'blobs'), { recursive: true, withFileTypes: true });
  return files.filter((entry) => entry.isFile()).length;
};
const code = (error: unknown) => (error instanceof PiplError ? error.code : String(error));
const refusal = (promise: Promise<unknown>) => promise.then(() => 'accepted', code);

test('what was published is shown, served with its integrity, and in the feed', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  const bunny = await packl('@film/bunny', '1.0.0', { pipl: { kind: 'code' } });

  const { published, seq } = await root.release({ index: film, packls: [bunny] });

  expect(published).toEqual([{ name: '@film/bunny', version: '1.0.0', integrity: bunny.integrity, seq }]);
  expect(await root.tarball(film, '@film/bunny', '1.0.0')).toEqual(new Uint8Array(bunny.tarball));
  expect(await root.packls(film)).toEqual([
    { name: '@film/bunny', kind: 'code', versions: ['1.0.0'], latest: '1.0.0' },
  ]);
  const { changes, head } = await root.changes({ since: seq - 1 });
  expect(head).toBe(seq);
  expect(changes).toMatchObject([
    { seq, index: film, op: 'publish', name: '@film/bunny', version: '1.0.0', by: 'root' },
  ]);
});

test('a version is taken for ever, also after it was withdrawn', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  await scene.publish(film, await packl('bunny', '1.0.0'));
  const other = await packl('bunny', '1.0.0', { content: 'other' });

  const again = await root.release({ index: film, packls: [other] }).catch((error: unknown) => error);
  expect(again).toMatchObject({ code: 'PIPL_VERSION_TAKEN', exitStatus: 4 });
  await root.withdraw(film, { name: 'bunny', version: '1.0.0' });
  expect(await refusal(root.release({ index: film, packls: [other] }))).toBe('PIPL_VERSION_TAKEN');
  expect(await root.packls(film)).toEqual([]);
  expect((await root.rows(film)).rows).toMatchObject([{ name: 'bunny', withdrawn: true }]);
  expect(await blobsIn(scene)).toBe(1);
});

test('a volatile index overwrites', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  const dev = indexName('root/dev');
  await root.setIndex(dev, { volatile: true });
  await scene.publish(dev, await packl('bunny', '1.0.0'));
  const other = await packl('bunny', '1.0.0', { content: 'other' });
  await root.release({ index: dev, packls: [other] });
  expect(integrityMatches(other.integrity, await root.tarball(dev, 'bunny', '1.0.0'))).toBe(true);
  expect((await scene.registry.feed.read(0)).changes.at(-1)?.op).toBe('overwrite');
});

test('four publish one version at once: one wins, and its tarball matches its integrity', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  for (let round = 0; round < 10; round++) {
    const version = `1.0.${round}`;
    const rivals = await Promise.all([1, 2, 3, 4].map((n) => packl('bunny', version, { content: `${n}` })));
    const results = await Promise.all(
      rivals.map((one) => refusal(root.release({ index: film, packls: [one] }))),
    );
    expect(results.toSorted()).toEqual([...Array<string>(3).fill('PIPL_VERSION_TAKEN'), 'accepted']);
    const winner = rivals[results.indexOf('accepted')];
    expect(integrityOf(await root.tarball(film, 'bunny', version))).toBe(winner?.integrity);
  }
  expect(await blobsIn(scene)).toBe(10);
});

test('two indexes may get the same content at once, and a refusal in one does not take it from the other', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  const other = indexName('root/other');
  await root.setIndex(other, {});
  for (let round = 0; round < 10; round++) {
    const one = await packl('bunny', `1.0.${round}`);
    await root.release({ index: film, packls: [await packl('bunny', `1.0.${round}`, { content: 'first' })] });
    const [refused, taken] = await Promise.all([
      refusal(root.release({ index: film, packls: [one] })),
      refusal(root.release({ index: other, packls: [one] })),
    ]);
    expect([refused, taken]).toEqual(['PIPL_VERSION_TAKEN', 'accepted']);
    expect(integrityOf(await root.tarball(other, 'bunny', `1.0.${round}`))).toBe(one.integrity);
  }
});

test('a release is all or nothing', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  await scene.publish(film, await packl('b', '1.0.0'));
  const head = await scene.registry.feed.head();
  const packls = [await packl('a', '1.0.0'), await packl('b', '1.0.0', { content: 'other' })];
  expect(await refusal(root.release({ index: film, packls }))).toBe('PIPL_VERSION_TAKEN');
  expect(await scene.registry.feed.head()).toBe(head);
  expect((await root.packls(film)).map(({ name }) => name)).toEqual(['b']);
  expect(await blobsIn(scene)).toBe(1);
});

test('what the guard refuses leaves nothing; what it calls unchanged is not written', async () => {
  await using scene = await startScene({
    guard: {
      check: (_tx, { rows }) => {
        if (rows.some(({ name }) => name === 'bad'))
          throw piplError('invalid', 'PIPL_CYCLE', { what: 'A cycle.' });
        const same = rows.filter(({ name }) => name === 'same');
        return Promise.resolve({
          unchanged: same.map(({ name, version }) => ({ name, version: '0.9.0', candidate: version })),
        });
      },
    },
  });
  const root = await scene.as('root');
  const head = await scene.registry.feed.head();
  expect(
    await refusal(
      root.release({ index: film, packls: [await packl('good', '1.0.0'), await packl('bad', '1.0.0')] }),
    ),
  ).toBe('PIPL_CYCLE');
  expect([await scene.registry.rows(), await blobsIn(scene), await scene.registry.feed.head()]).toEqual([
    [],
    0,
    head,
  ]);

  const result = await root.release({
    index: film,
    packls: [await packl('same', '1.0.0'), await packl('new', '1.0.0')],
  });
  expect(result).toMatchObject({
    published: [{ name: 'new' }],
    unchanged: [{ name: 'same', version: '0.9.0' }],
  });
  expect(await blobsIn(scene)).toBe(1);
});

async function tarballOf(...entries: { name: string; type?: 'symlink'; linkname?: string; text?: string }[]) {
  const tar = pack();
  for (const { text = '', ...header } of entries) {
    if (header.type === undefined) tar.entry(header, text);
    else tar.entry(header);
  }
  tar.finalize();
  return gzipSync(Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Buffer>)));
}
const json = (fields: object) => ({
  name: 'package/package.json',
  text: JSON.stringify({ name: 'a', version: '1.0.0', ...fields }),
});
const asSent = (tarball: Uint8Array, fields: object = {}): ReleasePackl => ({
  manifest: { name: 'a', version: '1.0.0', ...fields },
  tarball,
  integrity: integrityOf(tarball),
});

const wrong: Record<string, [string, () => Promise<ReleasePackl>]> = {
  'another integrity': [
    'PIPL_INTEGRITY',
    async () => ({ ...(await packl('a', '1.0.0')), integrity: integrityOf(new Uint8Array(3)) }),
  ],
  'a weak integrity': [
    'PIPL_INTEGRITY',
    async () => ({ ...(await packl('a', '1.0.0')), integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }),
  ],
  'another name in the tarball': [
    'PIPL_MANIFEST_DIFFERS',
    async () => asSent(await tarballOf(json({ name: 'b' }))),
  ],
  'another version in the tarball': [
    'PIPL_MANIFEST_DIFFERS',
    async () => asSent(await tarballOf(json({ version: '1.0.1' }))),
  ],
  'other dependencies in the tarball': [
    'PIPL_MANIFEST_DIFFERS',
    async () => asSent(await tarballOf(json({ dependencies: { x: '1.0.0' } }))),
  ],
  'another pipl field in the tarball': [
    'PIPL_MANIFEST_DIFFERS',
    async () => asSent(await tarballOf(json({ pipl: { kind: 'code' } }))),
  ],
  'a bad pipl field': ['PIPL_MANIFEST', async () => packl('a', '1.0.0', { pipl: { kind: 'cod' } as never })],
  'no package.json': ['PIPL_TARBALL', async () => asSent(await tarballOf({ name: 'package/a.js' }))],
  'a broken package.json': [
    'PIPL_TARBALL',
    async () => asSent(await tarballOf({ name: 'package/package.json', text: '{' })),
  ],
  'a broken pipl-lock.json': [
    'PIPL_TARBALL',
    async () => asSent(await tarballOf(json({}), { name: 'package/pipl-lock.json', text: '{}' })),
  ],
  'a path that climbs': [
    'PIPL_TARBALL',
    async () => asSent(await tarballOf(json({}), { name: 'package/../../x' })),
  ],
  'a link': [
    'PIPL_TARBALL',
    async () => asSent(await tarballOf(json({}), { name: 'package/x', type: 'symlink', linkname: '/etc' })),
  ],
  garbage: ['PIPL_TARBALL', async () => asSent(new TextEncoder().encode('no tarball'))],
  'a name in capitals': ['PIPL_PACKL_NAME', () => packl('Bunny', '1.0.0')],
  'a reserved name': ['PIPL_PACKL_NAME', () => packl('node_modules', '1.0.0')],
  'a version that is none': ['PIPL_VERSION', () => packl('a', '1.0')],
  'build metadata': ['PIPL_VERSION', () => packl('a', '1.0.0+1')],
};
test.each(Object.entries(wrong))('refused, nothing kept: %s', async (_what, [expected, make]) => {
  await using scene = await startScene();
  const root = await scene.as('root');
  const head = await scene.registry.feed.head();
  expect(await refusal(root.release({ index: film, packls: [await make()] }))).toBe(expected);
  expect([await scene.registry.rows(), await blobsIn(scene), await scene.registry.feed.head()]).toEqual([
    [],
    0,
    head,
  ]);
});

test('nobody publishes without a token, to a mirror, or to an index that is not there', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  const packls = [await packl('a', '1.0.0')];
  expect(await refusal(scene.anonymous.release({ index: film, packls }))).toBe('PIPL_LOGIN_NEEDED');
  expect(await refusal(root.release({ index: mirror, packls }))).toBe('PIPL_MIRROR');
  expect(await refusal(root.release({ index: indexName('root/none'), packls }))).toBe('PIPL_NO_INDEX');
});

test('deprecating moves the derived latest, a set latest holds, both are changes', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  await scene.publish(
    film,
    await packl('a', '1.0.0'),
    await packl('a', '1.2.0'),
    await packl('a', '2.0.0-rc.1'),
    await packl('a', '1.0.1'),
  );
  const latest = async () => (await root.packls(film))[0]?.latest;
  expect(await latest()).toBe('1.2.0');
  await root.deprecate(film, { name: 'a', version: '1.2.0', message: 'broken' });
  expect(await latest()).toBe('1.0.1');
  await root.deprecate(film, { name: 'a', version: '1.2.0', message: '' });
  expect(await latest()).toBe('1.2.0');
  const ops = (await scene.registry.feed.read(0)).changes.map(({ op }) => op);
  expect(ops.slice(-2)).toEqual(['deprecate', 'undeprecate']);
});

test('a long poll answers as soon as something is published, and the feed has no gaps', async () => {
  await using scene = await startScene();
  const since = await scene.registry.feed.head();
  const waiting = scene.anonymous.changes({ since, wait: 20 });
  const stop = new AbortController();
  const followed: Change[] = [];
  const following = (async () => {
    for await (const change of scene.anonymous.follow({ since, signal: stop.signal })) {
      followed.push(change);
      if (followed.length === 3) stop.abort();
    }
  })();
  await scene.publish(film, await packl('a', '1.0.0'), await packl('b', '1.0.0'), await packl('c', '1.0.0'));
  expect((await waiting).changes[0]).toMatchObject({ seq: since + 1, name: 'a' });
  await following;
  expect(followed.map(({ seq }) => seq)).toEqual([since + 1, since + 2, since + 3]);
});

test('closing ends a long poll', async () => {
  const scene = await startScene();
  const since = await scene.registry.feed.head();
  const waiting = scene.anonymous.changes({ since, wait: 50 });
  await expect.poll(() => scene.anonymous.status()).toMatchObject({ head: since });
  await scene[Symbol.asyncDispose]();
  expect((await waiting).changes).toEqual([]);
}, 10_000);

const attempt = `${'0'.repeat(32)}.1`;
const frames = (version: string, content = '') =>
  packl('@film/frames', version, {
    content,
    pipl: {
      kind: 'product',
      type: '@film/pipeline/products#Frames',
      assets: {},
      made: { by: '@film/render@1.0.0', run: attempt, inputs: {} },
    },
  });

test("a run's token releases what it names, where it says, once, until it is revoked", async () => {
  await using scene = await startScene();
  const grant = { attempt, index: film, packls: ['@film/frames'], expires: new Date(Date.now() + 60_000) };
  const run = connect({ url: scene.registry.url, token: await scene.registry.issueRunToken(grant) });
  const made = await frames('1.0.0');
  const release = { index: film, packls: [made], run: attempt };

  expect(await refusal(run.release({ ...release, packls: [await packl('other', '1.0.0')] }))).toBe(
    'PIPL_DENIED',
  );
  const other = indexName('root/other');
  await (await scene.as('root')).setIndex(other, {});
  expect(await refusal(run.release({ ...release, index: other }))).toBe('PIPL_DENIED');
  expect(await refusal(run.release({ ...release, run: 'another.1' }))).toBe('PIPL_DENIED');
  expect(await refusal((await scene.as('root')).release(release))).toBe('PIPL_DENIED');
  expect(await refusal(run.deprecate(film, { name: '@film/frames', version: '1.0.0', message: 'x' }))).toBe(
    'PIPL_DENIED',
  );
  expect(await refusal(run.setUser('mallory', { password: 'x' }))).toBe('PIPL_DENIED');

  const first = await run.release(release);
  const head = await scene.registry.feed.head();
  expect(await run.release(release)).toEqual(first);
  expect(await scene.registry.feed.head()).toBe(head);
  expect(await refusal(run.release({ ...release, packls: [await frames('1.0.0', 'other')] }))).toBe(
    'PIPL_RUN_RELEASED',
  );
  const { changes } = await scene.registry.feed.read(head - 2);
  expect(changes).toMatchObject([
    { op: 'publish', name: '@film/frames', by: `run:${attempt}`, run: attempt },
    {
      op: 'run',
      name: '@film/render',
      version: '1.0.0',
      run: attempt,
      outcome: { published: [{ name: '@film/frames', version: '1.0.0' }], unchanged: [] },
    },
  ]);

  await scene.registry.revokeRunTokens(attempt);
  expect(await refusal(run.release(release))).toBe('PIPL_TOKEN');
});

test("an expired run's token is refused", async () => {
  await using scene = await startScene();
  const grant = { attempt, index: film, packls: ['@film/frames'], expires: new Date(Date.now() - 1) };
  const run = connect({ url: scene.registry.url, token: await scene.registry.issueRunToken(grant) });
  expect(await refusal(run.release({ index: film, packls: [await frames('1.0.0')], run: attempt }))).toBe(
    'PIPL_TOKEN',
  );
});

test('a run whose products came out unchanged is in the feed too', async () => {
  const unchanged = [{ name: '@film/frames', version: '1.0.0', candidate: '1.0.1' }];
  await using scene = await startScene({ guard: { check: () => Promise.resolve({ unchanged }) } });
  const grant = { attempt, index: film, packls: ['@film/frames'], expires: new Date(Date.now() + 60_000) };
  const run = connect({ url: scene.registry.url, token: await scene.registry.issueRunToken(grant) });
  const release = { index: film, packls: [await frames('1.0.1')], run: attempt };
  const first = await run.release(release);
  expect(first).toMatchObject({ published: [], unchanged: [{ name: '@film/frames', version: '1.0.0' }] });
  expect(await run.release(release)).toEqual(first);
  expect((await scene.registry.feed.read(first.seq - 1)).changes).toMatchObject([
    { op: 'run', name: '@film/render' },
  ]);
});

test('routes that the registry does not know go to whoever was injected', async () => {
  await using scene = await startScene({
    handle: (_request, response, { path, principal }) => {
      if (path !== '/tasks') return Promise.resolve(false);
      response.end(JSON.stringify({ tasks: [principal.is] }));
      return Promise.resolve(true);
    },
  });
  expect(await scene.anonymous.tasks()).toEqual(['anonymous']);
  expect(await refusal(scene.anonymous.run('x.1'))).toBe('PIPL_NO_ROUTE');
});

test('a server that is down is said so, with exit status 8', async () => {
  const error: unknown = await connect({ url: 'http://127.0.0.1:1' })
    .status()
    .catch((refused: unknown) => refused);
  expect(error).toMatchObject({ code: 'PIPL_SERVER_UNREACHABLE', exitStatus: 8 });
  expect((error as PiplError).hint).toContain('pipl proj start');
});

test('a tarball packed by this house and one byte of it flipped', async () => {
  const { tarball, integrity } = await packTarball(new Map([['package.json', new Uint8Array(2)]]));
  tarball[tarball.length - 1]! ^= 1;
  expect(integrityMatches(integrity, tarball)).toBe(false);
});
