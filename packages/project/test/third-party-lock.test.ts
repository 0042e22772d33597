import { parseManifest } from '@pipl/packl';
import { expect, test } from 'vitest';
import { asThirdPartyLock, thirdPartyOf } from '@pipl/project';

test('third party is what no index of the project owns; peers count, optional peers do not', () => {
  const manifest = parseManifest({
    name: '@film/pipeline',
    version: '1.0.0',
    dependencies: { zod: '^4.0.0', '@film/color': '^1.0.0' },
    optionalDependencies: { fsevents: '^2.0.0' },
    peerDependencies: { '@pipl/pipe': '^1.0.0', three: '*', react: '*' },
    peerDependenciesMeta: { react: { optional: true } },
  });
  const owned = (name: string) => name.startsWith('@film/') || name.startsWith('@pipl/');
  expect(thirdPartyOf(manifest, owned)).toEqual({
    dependencies: { three: '*', zod: '^4.0.0' },
    optionalDependencies: { fsevents: '^2.0.0' },
  });
});

test('a pnpm lock becomes ours, peer suffixes and aliases kept', () => {
  const lock = asThirdPartyLock(`
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      other:
        specifier: npm:zod@^4.0.0
        version: zod@4.6.7
      three:
        specifier: '*'
        version: 0.187.0
      three-mesh-bvh:
        specifier: '*'
        version: 0.9.17(three@0.187.0)
packages:
  three-mesh-bvh@0.9.17:
    resolution: {integrity: sha512-a}
    peerDependencies:
      three: '>= 0.158.0'
  three@0.187.0:
    resolution: {integrity: sha512-b}
  zod@4.6.7:
    resolution: {integrity: sha512-c}
snapshots:
  three-mesh-bvh@0.9.17(three@0.187.0):
    dependencies:
      three: 0.187.0
  three@0.187.0: {}
  zod@4.6.7: {}
`);
  expect(lock.direct).toEqual({
    other: 'zod@4.6.7',
    three: 'three@0.187.0',
    'three-mesh-bvh': 'three-mesh-bvh@0.9.17(three@0.187.0)',
  });
  expect(Object.keys(lock.packages)).toEqual(['three-mesh-bvh@0.9.17', 'three@0.187.0', 'zod@4.6.7']);
  expect(lock.snapshots['three-mesh-bvh@0.9.17(three@0.187.0)']).toEqual({
    dependencies: { three: '0.187.0' },
  });
  for (const key of Object.values(lock.direct)) expect(lock.snapshots).toHaveProperty([key]);
});
