/** One environment out of many envsets. */
import { expect, test } from 'vitest';
import { composeEnvironment, graphOf, parseManifest } from '../../src/index.ts';
import { finder, packl } from './packls.ts';

const env = (name: string, variables: object, more: { when?: object; needs?: string[] } = {}) =>
  packl({
    name,
    needs: more.needs ?? [],
    pipl: { kind: 'envset', variables, ...(more.when === undefined ? {} : { when: more.when }) },
  });

function composed(all: readonly ReturnType<typeof packl>[], inherited: Record<string, string> = {}) {
  const root = packl({
    name: 'task',
    needs: all.map(({ manifest }) => manifest.name),
    pipl: { kind: 'code' },
  });
  return composeEnvironment(graphOf({ root }, finder(all)), { inherited, delimiter: ':' });
}

test('set, prepend, append and unset, a dependent after what it depends on', () => {
  const base = env('base', { A: { set: '1' }, B: { append: 'x' }, C: { set: 'c' } });
  const above = env(
    'above',
    { A: { set: '2', prepend: 'p', append: 'q' }, B: { prepend: 'w' }, C: { unset: true } },
    { needs: ['base'] },
  );
  const { variables, unset } = composed([above, base]);
  expect(variables).toEqual({ A: 'p:2:q', B: 'w:x' });
  expect(unset).toEqual(['C']);
});

test('PATH begins with what is there, everything else with nothing', () => {
  const all = [env('blender', { PATH: { prepend: '{self}/bin' }, PYTHONPATH: { prepend: '{self}/py' } })];
  const { variables, portable } = composed(all, { PATH: '/usr/bin:/bin' });
  expect(variables).toEqual({ PATH: '/store/blender/bin:/usr/bin:/bin', PYTHONPATH: '/store/blender/py' });
  expect(portable).toEqual({ PATH: '{blender@1.0.0}/bin:{inherited}', PYTHONPATH: '{blender@1.0.0}/py' });
});

test('what nobody speaks of is nobody’s, PATH too', () => {
  expect(composed([env('e', { A: { set: '1' } })], { PATH: '/bin' }).variables).toEqual({ A: '1' });
});

test('a part waits for another packl, in the versions it asks for', () => {
  const when = {
    '@film/gpu': { DEVICE: { set: 'OPTIX' } },
    '@film/gpu@^2.0.0': { DEVICE: { set: 'NEW' } },
    'three@1': { HAS_THREE: { set: 'yes' } },
  };
  const blender = env('blender', { DEVICE: { set: 'CPU' } }, { when });
  expect(composed([blender]).variables).toEqual({ DEVICE: 'CPU' });
  const there = composed([
    blender,
    packl({ name: '@film/gpu', pipl: { kind: 'code' } }),
    packl({ name: 'three' }),
  ]);
  expect(there.variables).toEqual({ DEVICE: 'OPTIX', HAS_THREE: 'yes' });
  expect(there.steps['DEVICE']?.map(({ value, when: asked }) => [value, asked])).toEqual([
    ['CPU', undefined],
    ['OPTIX', '@film/gpu'],
  ]);
});

test('another packl is named by name; braces are doubled', () => {
  const all = [
    packl({ name: '@film/color', pipl: { kind: 'code' } }),
    env('e', { OCIO: { set: '{@film/color}/config.ocio' }, FMT: { set: '{{x}}' } }),
  ];
  expect(composed(all).variables).toEqual({ OCIO: '/store/@film/color/config.ocio', FMT: '{x}' });
});

test('a packl that is named and not there is told by name, with the fix', () => {
  expect(() => composed([env('@film/env', { OCIO: { set: '{@film/color}/config.ocio' } })])).toThrow(
    expect.objectContaining({
      code: 'PIPL_ENV_REFERENCE',
      message: 'The envset @film/env@1.0.0 names {@film/color} in OCIO, and it is not there.',
      hint: expect.stringContaining('pipl packl add @film/color'),
    }),
  );
});

test('a separator of its own', () => {
  const all = [
    env('a', { FLAGS: { append: '-O2', separator: ' ' } }),
    env('b', { FLAGS: { append: '-g', separator: ' ' } }, { needs: ['a'] }),
  ];
  expect(composed(all).variables).toEqual({ FLAGS: '-O2 -g' });
});

test.each([
  [{ variables: { A: {} } }, 'pipl.variables.A: needs one of set, prepend, append, unset'],
  [{ variables: { A: { unset: true, set: '1' } } }, 'pipl.variables.A: unset stands alone'],
  [{ variables: { 'A-B': { set: '1' } } }, 'is not the name of a variable'],
  [{ variables: { PIPL_TREE: { set: '1' } } }, 'PIPL_… belongs to pipl'],
])('%j is refused', (field, why) => {
  const manifest = { name: 'e', version: '1.0.0', pipl: { kind: 'envset', ...field } };
  expect(() => parseManifest(manifest)).toThrow(
    expect.objectContaining({ why: expect.stringContaining(why) }),
  );
});
