/** A mirror asks its upstream for what it may, and for no name that anybody in the project owns. */
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { integrityOf } from '@pipl/registry-client';
import { isLike } from '../src/reading/allowed-names.ts';
import { openUpstream, type Document } from '../src/reading/upstream.ts';
import { film, mirror, packl, refusal, scratch, startScene, startUpstream, type Scene } from './scene.ts';
import { documentOf, listening } from './upstreams.ts';

const stage = indexName('alice/stage');
const other = indexName('root/other');

const status = async ({ registry }: Scene, path: string) => (await fetch(registry.url + path)).status;
const everywhere = (name: string, file: string) =>
  [film, stage, mirror, other].flatMap((index) => [`/${index}/${name}`, `/${index}/${name}/-/${file}`]);

test('a name owned anywhere above a mirror is asked of nobody, whoever asks through what', async () => {
  await using scene = await startScene({}, [await packl('bunny', '99.0.0'), await packl('hare', '1.0.0')]);
  const alice = await scene.as('alice');
  await alice.setIndex(stage, { bases: [film] });
  await alice.setIndex(indexName('alice/apart'), {});
  await (await scene.as('root')).setIndex(other, { bases: [mirror] });
  await alice.release({ index: stage, packls: [await packl('bunny', '1.0.0')] });
  await alice.release({ index: indexName('alice/apart'), packls: [await packl('hare', '0.1.0')] });

  const found = [];
  for (const path of everywhere('bunny', 'bunny-99.0.0.tgz')) found.push(await status(scene, path));
  expect(found).toEqual([404, 404, 200, 404, 404, 404, 404, 404]);
  expect(scene.upstream.asked).toEqual([]);
  // Owned where nothing is inherited from the mirror: that hides nothing.
  expect(await status(scene, `/${film}/hare`)).toBe(200);
});

test('what was fetched before a name was taken elsewhere is still served there, without asking', async () => {
  const dep = await packl('tiny-dep', '1.0.0');
  await using scene = await startScene({}, [dep, await packl('tiny-dep', '1.1.0')]);
  const alice = await scene.as('alice');
  await scene.anonymous.tarball(film, 'tiny-dep', '1.0.0');
  expect(await status(scene, `/${film}/tiny-dep`)).toBe(200);
  const asked = scene.upstream.asked.length;
  await alice.setIndex(stage, { bases: [film] });
  await alice.release({ index: stage, packls: [await packl('tiny-dep', '1.0.0', { content: 'patched' })] });
  expect(integrityOf(await scene.anonymous.tarball(film, 'tiny-dep', '1.0.0'))).toBe(dep.integrity);
  expect(await status(scene, `/${film}/tiny-dep/-/tiny-dep-1.1.0.tgz`)).toBe(404);
  expect(await status(scene, `/${stage}/tiny-dep/-/tiny-dep-1.1.0.tgz`)).toBe(404);
  // Withdrawn is still owned: what was kept does not shine through.
  await alice.withdraw(stage, { name: 'tiny-dep', version: '1.0.0' });
  expect(await status(scene, `/${stage}/tiny-dep`)).toBe(404);
  expect(await status(scene, `/${stage}/tiny-dep/-/tiny-dep-1.0.0.tgz`)).toBe(404);
  expect(scene.upstream.asked).toHaveLength(asked);
});

test('a mirror with a list asks for these names only', async () => {
  const packages = await Promise.all(['lodash', '@types/node', 'evil'].map((name) => packl(name, '1.0.0')));
  await using scene = await startScene({}, packages);
  const root = await scene.as('root');
  await root.setIndex(mirror, { allow: ['lodash', '@types/*'] });
  const names = async () => {
    const found = [];
    for (const name of ['lodash', '@types/node', 'evil']) found.push(await status(scene, `/${film}/${name}`));
    return found;
  };
  expect(await names()).toEqual([200, 200, 404]);
  expect(scene.upstream.asked.some((path) => path.startsWith('evil'))).toBe(false);
  await root.setIndex(mirror, { allow: [] });
  expect(await names()).toEqual([404, 404, 404]);
  await root.setIndex(mirror, { allow: null });
  expect(await names()).toEqual([200, 200, 200]);
  expect(await refusal(root.setIndex(film, { allow: ['lodash'] }))).toBe('PIPL_INDEX');
  expect(await refusal(root.setIndex(mirror, { allow: ['../x'] }))).toBe('PIPL_INDEX');
});

test('patterns of names', () => {
  const like = (pattern: string) =>
    ['lodash', 'lodash-es', '@types/node', '@typesx/node', 'a'].filter((name) => isLike(name, pattern));
  expect(like('lodash')).toEqual(['lodash']);
  expect(like('lodash*')).toEqual(['lodash', 'lodash-es']);
  expect(like('*-es')).toEqual(['lodash-es']);
  expect(like('@types/*')).toEqual(['@types/node']);
  expect(like('@*/node')).toEqual(['@types/node', '@typesx/node']);
  expect(like('**')).toEqual(['lodash', 'lodash-es', 'a']);
  expect(like('*')).toHaveLength(5);
  // Backtracking would take for ever, not seconds; what others do on this machine is not counted.
  const began = process.cpuUsage();
  expect(isLike('a'.repeat(214), `${'*a'.repeat(100)}b`)).toBe(false);
  expect(process.cpuUsage(began).user).toBeLessThan(1_000_000);
});

/** Everything that means this machine or its neighbours. */
const inner = [
  'http://127.0.0.1:4873/',
  'http://localhost:4873/',
  'http://[::1]/',
  'http://0x7f.1/',
  'http://2130706433/',
  'http://169.254.169.254/latest/',
  'http://10.0.0.1/',
  'http://192.168.1.1/',
  'http://[fe80::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://0.0.0.0/',
];

test('nobody makes the server mirror its own network through the API', async () => {
  await using scene = await startScene();
  const root = await scene.as('root');
  for (const url of inner) {
    expect([url, await refusal(root.setIndex(other, { mirror: url }))]).toEqual([url, 'PIPL_INNER_ADDRESS']);
  }
  expect((await root.indexes()).map(({ name }) => name)).toEqual([film, mirror]);
  const near = { mirror: scene.upstream.url, near: true };
  expect(await refusal(root.setIndex(other, near))).toBe('PIPL_INNER_ADDRESS');
});

const opened = async (url: string, near = true, largest?: number) =>
  openUpstream({
    url,
    near,
    largest,
    folder: await scratch(),
    now: () => new Date(),
    reachable: () => Promise.resolve(() => false),
  });

const nameIn = (document: Document | undefined) =>
  document?.is === 'whole' ? document.packument.name : undefined;

test('an upstream cannot send the server elsewhere in its own network', async () => {
  const dep = await packl('tiny-dep', '1.0.0');
  const target = await startUpstream([dep]);
  onTestFinished(() => target.stop());
  const moved = await listening(
    createServer((request, response) => {
      response.writeHead(302, { location: `${target.url}${request.url ?? ''}` }).end();
    }),
  );
  const redirected = await opened(moved);
  expect(await refusal(redirected.document('tiny-dep', 'full'))).toBe('PIPL_UPSTREAM');
  expect(await refusal(redirected.download(`${moved}/x.tgz`))).toBe('PIPL_UPSTREAM');

  const naming = await listening(createServer((_, response) => response.end(documentOf(dep, target.url))));
  const pointing = await opened(naming);
  expect(nameIn(await pointing.document('tiny-dep', 'full'))).toBe('tiny-dep');
  expect(await refusal(pointing.download(`${target.url}/tiny-dep/-/tiny-dep-1.0.0.tgz`))).toBe(
    'PIPL_UPSTREAM',
  );
  // Through the API it would not have got in; should the name mean an inner address later, it is not called.
  expect(await refusal((await opened(target.url, false)).document('tiny-dep', 'full'))).toBe('PIPL_UPSTREAM');
  expect(target.asked).toEqual([]);
});

test('redirects on the same host are followed, a few', async () => {
  const dep = await packl('tiny-dep', '1.0.0');
  const url = await listening(
    createServer((request, response) => {
      if (request.url === '/there') response.end(documentOf(dep, 'http://example.com'));
      else response.writeHead(302, { location: request.url === '/loop' ? '/loop' : '/there' }).end();
    }),
  );
  const upstream = await opened(url);
  expect(nameIn(await upstream.document('tiny-dep', 'full'))).toBe('tiny-dep');
  expect(await refusal(upstream.document('loop', 'full'))).toBe('PIPL_UPSTREAM');
});

test('a document that is a hundred thousand deep is refused, not kept', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const url = await listening(
    createServer((_, response) => response.end(`{"name":"deep","versions":{"1.0.0":${deep}}}`)),
  );
  const upstream = await opened(url);
  expect(await refusal(upstream.document('deep', 'full'))).toBe('PIPL_UPSTREAM');
  expect(await upstream.document('deep', 'full', { offline: true })).toBeUndefined();
});

test('an answer without an end is given up', async () => {
  let sent = 0;
  const url = await listening(
    createServer((_, response) => {
      const filling = 'x'.repeat(1024 * 1024);
      response.write('{"name":"endless","versions":{"0.0.0":{}');
      const more = () => {
        while (!response.destroyed) {
          sent += 1;
          if (!response.write(`,"0.0.${sent}":{"filling":"${filling}"}`)) return;
        }
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    }),
  );
  const upstream = await opened(url);
  expect(await refusal(upstream.document('endless', 'full'))).toBe('PIPL_UPSTREAM_TOO_BIG');
  expect(sent).toBeLessThan(256);
  // Nobody downloads it a second time to hear the same.
  const before = sent;
  expect(await refusal(upstream.document('endless', 'full'))).toBe('PIPL_UPSTREAM_TOO_BIG');
  expect(sent).toBe(before);
}, 540_000);
