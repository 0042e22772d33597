/** Publishing: what is refused, what is kept, what the feed says. */
import { expect, test } from 'vitest';
import { indexName, PiplError, piplError, type Change } from '@pipl/packl';
import { connect, integrityMatches, integrityOf, packTarball } from '@pipl/registry-client';
import { blobsIn, film, mirror, packl, refusal, startScene } from './scene.ts';

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
  await root.withdraw(film, { name: 'bunny', version: '1.0.0', message: 'wrong ears' });
  const head = await scene.registry.feed.head();
  await root.withdraw(film, { name: 'bunny', version: '1.0.0' });
  expect(await scene.registry.feed.head()).toBe(head);
  expect(await refusal(root.release({ index: film, packls: [other] }))).toBe('PIPL_VERSION_TAKEN');
  expect(await root.packls(film)).toEqual([]);
  expect((await root.rows(film)).rows).toMatchObject([
    { name: 'bunny', withdrawn: true, deprecated: 'wrong ears' },
  ]);
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
  // Not what was withdrawn: its number stays taken here, too.
  await root.withdraw(dev, { name: 'bunny', version: '1.0.0' });
  expect(await refusal(root.release({ index: dev, packls: [other] }))).toBe('PIPL_VERSION_TAKEN');
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

test(
  'a long poll answers as soon as something is published, and the feed has no gaps',
  { timeout: 45_000 },
  async () => {
    await using scene = await startScene();
    const since = await scene.registry.feed.head();
    const waiting = scene.anonymous.changes({ since, wait: 50 });
    const stop = new AbortController();
    const followed: Change[] = [];
    const following = (async () => {
      for await (const change of scene.anonymous.follow({ since, signal: stop.signal })) {
        followed.push(change);
        if (followed.length === 3) stop.abort();
      }
    })();
    await scene.publish(
      film,
      await packl('a', '1.0.0'),
      await packl('b', '1.0.0'),
      await packl('c', '1.0.0'),
    );
    expect((await waiting).changes[0]).toMatchObject({ seq: since + 1, name: 'a' });
    await following;
    expect(followed.map(({ seq }) => seq)).toEqual([since + 1, since + 2, since + 3]);
  },
);

test('closing ends a long poll', async () => {
  const scene = await startScene();
  const since = await scene.registry.feed.head();
  const waiting = scene.anonymous.changes({ since, wait: 50 });
  await expect.poll(() => scene.anonymous.status()).toMatchObject({ head: since });
  await scene[Symbol.asyncDispose]();
  expect((await waiting).changes).toEqual([]);
}, 45_000);

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
