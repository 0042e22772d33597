/** Configurations of several packls under one name. */
import { expect, test } from 'vitest';
import { configLayers, graphOf, mergeConfig, partOf } from '../../src/index.ts';
import { finder, packl } from './packls.ts';

test('objects are merged key by key, lists and the rest replaced; every value knows who said it', () => {
  const { value, origins } = mergeConfig([
    {
      packl: 'base@1.0.0',
      value: { root: '/a', limits: { cpu: 1, memory: 2 }, hosts: ['x', 'y'], empty: {} },
    },
    { packl: 'studio@1.0.0', value: { root: '/b', limits: { memory: 4 }, hosts: ['z'] } },
  ]);
  expect(value).toEqual({ root: '/b', limits: { cpu: 1, memory: 4 }, hosts: ['z'], empty: {} });
  expect(origins).toEqual([
    { key: 'root', value: '/b', packl: 'studio@1.0.0', hides: [{ packl: 'base@1.0.0', value: '/a' }] },
    { key: 'limits.cpu', value: 1, packl: 'base@1.0.0', hides: [] },
    { key: 'limits.memory', value: 4, packl: 'studio@1.0.0', hides: [{ packl: 'base@1.0.0', value: 2 }] },
    {
      key: 'hosts',
      value: ['z'],
      packl: 'studio@1.0.0',
      hides: [{ packl: 'base@1.0.0', value: ['x', 'y'] }],
    },
    { key: 'empty', value: {}, packl: 'base@1.0.0', hides: [] },
  ]);
  expect(partOf(value, 'limits.memory')).toEqual({ value: 4 });
  expect(partOf(value, 'limits.disk')).toBeUndefined();
});

test('a key of the prototype is data', () => {
  const said = JSON.parse('{"__proto__": {"admin": true}}') as Record<string, unknown>;
  const { value } = mergeConfig([{ packl: 'x@1.0.0', value: said }]);
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

test('layers come in dependency order, an entry point is named and not read', () => {
  const base = packl({
    name: 'base',
    pipl: { kind: 'code', config: { store: { a: 1 }, farm: './config#FARM' } },
  });
  const root = packl({ name: 'root', needs: ['base'], pipl: { kind: 'code', config: { store: { a: 2 } } } });
  const layers = configLayers(graphOf({ root }, finder([base])));
  expect(layers.get('store')?.map(({ packl: by, says }) => [by, says])).toEqual([
    ['base@1.0.0', { a: 1 }],
    ['root@1.0.0', { a: 2 }],
  ]);
  expect(layers.get('farm')).toEqual([{ packl: 'base@1.0.0', dir: '/store/base', says: './config#FARM' }]);
});
