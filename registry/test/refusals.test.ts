/** What is wrong with a packl by itself is refused before anything is written. */
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { integrityOf, type ReleasePackl } from '@pipl/registry-client';
import { blobsIn, film, packl, refusal, startScene } from './scene.ts';

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
