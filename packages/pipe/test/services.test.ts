/** Services and configurations, over packls on a disk. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { graphAround } from '../src/discovery.ts';
import { defineAssetType, defineProductType, defineTaskType, many } from '../src/index.ts';
import { makeServices } from '../src/make-services.ts';
import { claimProcess } from '../src/one-instance.ts';

let folder: string;
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
const packl = (name: string, pipl: object, code = '', dependencies: object = {}) => {
  const at = name === 'root' ? 'root' : `root/node_modules/${name}`;
  const exports = { './it': './it.js' };
  write(
    `${at}/package.json`,
    JSON.stringify({ name, version: '1.0.0', type: 'module', exports, dependencies, pipl }),
  );
  write(`${at}/it.js`, code);
};
const opened = () => makeServices({ graph: () => graphAround({ packl: join(folder, 'root') }), own: {} });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pipl-services-'));
  const kind = 'code';
  packl(
    '@a/base',
    {
      kind,
      config: { farm: { cpus: 2, hosts: { a: 1 } } },
      services: { log: './it#createLog', slow: './it#createSlow' },
    },
    `
    globalThis.ended = [];
    export const createLog = (config, { name }) => ({ lines: [], [Symbol.dispose]() { globalThis.ended.push(name); } });
    export const createSlow = async (config, { services }) => { await services.get('log'); return { dispose: () => globalThis.ended.push('slow') }; };
  `,
  );
  packl(
    '@a/ring',
    { kind, services: { one: './it#one', two: './it#two' } },
    `
    export const one = (config, { services }) => services.get('two');
    export const two = (config, { services }) => services.get('one');
  `,
  );
  packl('root', { kind, config: { farm: { cpus: 'four' } } }, '', { '@a/base': '*', '@a/ring': '*' });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a service is made once, and all end in the reverse order of making', async () => {
  await using services = opened();
  expect(await services.get('slow')).toBe(await services.get('slow'));
  await services.dispose();
  expect((globalThis as unknown as { ended: string[] }).ended).toEqual(['slow', 'log']);
});

test('services that need each other are told, not waited for', async () => {
  await using services = opened();
  await expect(services.get('one')).rejects.toMatchObject({
    code: 'PIPL_SERVICE_CIRCLE',
    why: 'one asks for two asks for one.',
  });
});

test('a configuration is what all packls say together, checked by whoever asks', async () => {
  await using services = opened();
  expect(await services.config.get('farm')).toEqual({ cpus: 'four', hosts: { a: 1 } });
  expect(await services.config.get('nobody')).toEqual({});
  const schema = z.object({ cpus: z.coerce.string(), wait: z.number().default(3) });
  const farm = await services.config.get('farm', schema);
  expectTypeOf(farm).toEqualTypeOf<{ cpus: string; wait: number }>();
  expect(farm).toEqual({ cpus: 'four', wait: 3 });
  await expect(services.config.get('farm', z.object({ cpus: z.number() }))).rejects.toMatchObject({
    code: 'PIPL_CONFIG',
    why: expect.stringContaining('(root@1.0.0 says it)'),
  });
});

test('a service that nobody offers is told with those there are', async () => {
  await using services = opened();
  await expect(services.get('nope')).rejects.toMatchObject({
    code: 'PIPL_NO_ENTRY',
    why: 'The packls that are installed here offer log, one, slow, two.',
  });
});

test('a manifest that is wrong is told by name', () => {
  write(
    'bad/package.json',
    JSON.stringify({ name: '@a/bad', version: '2.0.0', pipl: { kind: 'code', services: { x: 'store' } } }),
  );
  expect(() => graphAround({ packl: join(folder, 'bad') })).toThrow(
    expect.objectContaining({
      code: 'PIPL_MANIFEST',
      message: expect.stringContaining('(@a/bad@2.0.0)'),
      why: 'pipl.services.x: must look like ./module#Name',
    }),
  );
});

test('two copies of the framework in one process are told with their folders', () => {
  const copy = (name: string, version: string) => {
    write(`${name}/package.json`, JSON.stringify({ name: '@pipl/pipe', version }));
    return pathToFileURL(join(folder, name, 'dist/index.js')).href;
  };
  const owner = {};
  const [one, two] = [copy('one', '1.0.0'), copy('two', '1.1.0')];
  claimProcess(one, owner);
  claimProcess(one, owner);
  expect(() => claimProcess(two, owner)).toThrow(
    expect.objectContaining({
      code: 'PIPL_TWO_FRAMEWORKS',
      message: 'Two copies of @pipl/pipe are loaded: 1.0.0 and 1.1.0.',
      why: expect.stringContaining(join(folder, 'two')),
      hint: expect.stringContaining('peerDependencies'),
    }),
  );
});

test('inputs by type, arguments of commands and what a task is asked to publish are typed', () => {
  const Note = defineAssetType({ name: 'Note', kind: 'file', basename: () => 'note' });
  const Pages = defineAssetType({
    name: 'Pages',
    kind: 'sequence',
    basename: ({ frame }) => `p.${frame}.txt`,
  });
  const Text = defineProductType({ name: 'Text', assets: { note: Note } });
  const Book = defineProductType({ name: 'Book', assets: { pages: Pages } });
  const type = defineTaskType({ name: 'T', needs: { text: Text, books: many(Book) }, makes: {} })
    .step('s', {
      run({ task }) {
        expectTypeOf(task.dependencies.ofType('Book')[0]!.pages.frames).toEqualTypeOf<readonly number[]>();
        expectTypeOf(task.dependencies.ofType(Text)[0]!.note.path).toEqualTypeOf<string>();
        // @ts-expect-error it reads no such product
        task.dependencies.ofType('Film');
        task.publishProducts();
      },
    })
    .command('c', {
      label: 'C',
      arguments: z.object({ times: z.int() }),
      run: ({ arguments: all }) => void expectTypeOf(all).toEqualTypeOf<{ times: number }>(),
    });
  expect(type.commands.map(({ name }) => name)).toEqual(['c']);
});
