/** What the doctor says of a graph of packls, however deep. */
import { parseManifest } from '@pipl/packl';
import { expect, test } from 'vitest';
import { conflictsOf, severalVersions, unmetPeers } from '../src/doctor-graph.ts';

const packl = (spec: string, more: object = {}, pipl: object = {}) => {
  const at = spec.lastIndexOf('@');
  const named = { name: spec.slice(0, at), version: spec.slice(at + 1) };
  return parseManifest({ ...named, ...more, pipl: { kind: 'code', ...pipl } });
};
const service = { services: { farm: './a#A' } };
/** As one graph: what is there is found. */
const around = (...manifests: readonly ReturnType<typeof packl>[]) => ({
  manifests,
  names: new Map(
    [...Map.groupBy(manifests, ({ name }) => name)].map(([name, all]) => [
      name,
      all.map(({ version }) => version),
    ]),
  ),
});
const said = (found: readonly { what: string }[]) => found.map(({ what }) => what);

test('two versions of a packl are told with who asks for them, and the fix', () => {
  const shot = packl('@film/shot@1.0.0', {
    dependencies: { '@film/studio': '^1.0.0', '@film/farm': '^2.0.0' },
  });
  const studio = packl('@film/studio@1.0.0', { dependencies: { '@film/farm': '^1.0.0' } });
  const farms = [packl('@film/farm@1.0.0'), packl('@film/farm@2.0.0')];
  expect(severalVersions(around(...farms, studio, shot))).toEqual([
    {
      state: 'problem',
      what: 'There are 2 versions of @film/farm: 1.0.0, 2.0.0; @film/studio@1.0.0 asks for ^1.0.0, @film/shot@1.0.0 asks for ^2.0.0.',
      fix: expect.stringContaining('pipl work update @film/farm --latest'),
    },
  ]);
  expect(severalVersions(around(farms[0]!, studio))).toEqual([]);
});

test('a peer that is not met is told, one that is optional and absent is not', () => {
  const peers = { peerDependencies: { '@pipl/pipe': '^2.0.0' } };
  const farm = packl('@film/farm@1.0.0', peers);
  expect(said(unmetPeers(around(farm, packl('@pipl/pipe@1.0.0'))))).toEqual([
    '@film/farm@1.0.0 asks for its peer @pipl/pipe ^2.0.0, and 1.0.0 is here.',
  ]);
  expect(said(unmetPeers(around(farm)))).toEqual([
    '@film/farm@1.0.0 asks for its peer @pipl/pipe ^2.0.0, and it is not here.',
  ]);
  expect(unmetPeers(around(farm, packl('@pipl/pipe@2.1.0')))).toEqual([]);
  const optional = { ...peers, peerDependenciesMeta: { '@pipl/pipe': { optional: true } } };
  expect(unmetPeers(around(packl('@film/farm@1.0.0', optional)))).toEqual([]);
});

test('who stands on the other, however far down, may declare the same name; strangers may not', () => {
  const farm = packl('@film/farm@1.0.0', {}, service);
  const between = packl('@film/between@1.0.0', { dependencies: { '@film/farm': '^1.0.0' } });
  const studio = packl('@film/studio@1.0.0', { dependencies: { '@film/between': '^1.0.0' } }, service);
  expect(conflictsOf([farm, between, studio])).toEqual([]);
  expect(said(conflictsOf([farm, packl('@film/other@1.0.0', {}, service)]))).toEqual([
    'pipl.services.farm is declared by @film/farm and @film/other.',
  ]);
});
