/** The order in which packls are laid over each other. */
import { expect, test } from 'vitest';
import { entryPoints, graphOf } from '../../src/index.ts';
import { finder, packl } from './packls.ts';

const code = (name: string, needs: string[] = [], more: object = {}) =>
  packl({ name, needs, pipl: { kind: 'code', ...more } });
const order = (graph: ReturnType<typeof graphOf>): string[] => graph.packls.map(({ name }) => name);

test('dependencies come before dependents, whatever the order they are written in', () => {
  const all = [code('base'), code('a', ['base', 'y']), code('y', ['base']), code('z', ['base'])];
  const expected = ['base', 'y', 'a', 'z', 'root'];
  expect(order(graphOf({ root: code('root', ['z', 'a']) }, finder(all)))).toEqual(expected);
  expect(order(graphOf({ root: code('root', ['a', 'z']) }, finder(all)))).toEqual(expected);
});

test('products, and what only they need, are not in it: a run has none installed', () => {
  const product = packl({
    name: 'bunny',
    needs: ['models'],
    pipl: { kind: 'product', type: 'models#Model' },
  });
  const graph = graphOf({ root: code('root', ['bunny']) }, finder([product, code('models')]));
  expect(order(graph)).toEqual(['root']);
  expect(graph.names.has('models')).toBe(false);
});

test('a plain npm package is known by name, and not followed', () => {
  const graph = graphOf(
    { root: code('root', ['three']) },
    finder([packl({ name: 'three', needs: ['deep'] }), packl({ name: 'deep' })]),
  );
  expect([graph.names.get('three'), graph.names.get('deep')]).toEqual([['1.0.0'], undefined]);
});

test('what the edit groups brought comes after what a run has, the workspace last', () => {
  const tools = packl({ name: 'tools', needs: ['base', 'extra'], pipl: { kind: 'editor' } });
  const workspace = packl({ name: 'ws', pipl: { kind: 'code', config: { a: { b: 1 } } } });
  const graph = graphOf(
    { root: code('root', ['base']), edit: { names: ['tools', 'gone'], from: '/edit' }, workspace },
    finder([code('base'), code('extra'), tools]),
  );
  expect(graph.packls.map(({ name, layer }) => `${name} ${layer}`)).toEqual([
    'base dependency',
    'root root',
    'extra edit',
    'tools edit',
    'ws workspace',
  ]);
  expect(graph.missing).toEqual([{ by: 'groups.edit', name: 'gone' }]);
});

test('a circle of packls ends', () => {
  const graph = graphOf({ root: code('root', ['a']) }, finder([code('a', ['b']), code('b', ['a'])]));
  expect(order(graph)).toEqual(['b', 'a', 'root']);
});

test('the last packl that offers a name has it, and says whom it hides', () => {
  const services = (entry: string) => ({ services: { asset_store: entry } });
  const all = [code('base', [], services('./s#a')), code('studio', ['base'], services('./s#b'))];
  const found = entryPoints(graphOf({ root: code('root', ['studio']) }, finder(all)), 'services');
  expect(found.get('asset_store')).toMatchObject({
    entry: './s#b',
    packl: { name: 'studio' },
    hides: ['base@1.0.0'],
  });
});
