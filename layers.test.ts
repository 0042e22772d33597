/**
 * Imports only go down. The floors are those of docs/ARCHITECTURE.md; a package imports only from floors
 * below its own, `registry` only from `ci` and `cli`, and the floor of words does no I/O.
 */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';

const floors: readonly (readonly string[])[] = [
  ['packl', 'openjd-model'],
  ['assets', 'registry-client', 'openjd-sessions'],
  ['pipe'],
  ['runner', 'engine', 'registry', 'openjd-cli'],
  ['project'],
  ['ci'],
  ['cli'],
];
const mayImportRegistry = ['ci', 'cli'];
const noInputOrOutput = ['packl', 'openjd-model'];
const pureModules = ['node:crypto', 'node:path', 'node:util'];

const floorOf = (name: string) => floors.findIndex((floor) => floor.includes(name));
const packageOf = (file: string) => file.replace(/^packages\//, '').split('/')[0]!;

interface Import {
  readonly file: string;
  readonly from: string;
  readonly of: string;
}

const imports: Import[] = globSync(['packages/*/src/**/*.ts', '{registry,ci}/src/**/*.ts']).flatMap(
  (file) => {
    const { module, errors } = parseSync(file, readFileSync(file, 'utf8'));
    if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]!.message}`);
    const fixed = [
      ...module.staticImports.map((entry) => entry.moduleRequest.value),
      ...module.staticExports.flatMap(({ entries }) => entries.map((entry) => entry.moduleRequest?.value)),
    ];
    const source = readFileSync(file, 'utf8');
    const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      source.slice(start, end).replace(/^['"`]|['"`]$/g, ''),
    );
    return [...fixed, ...dynamic]
      .filter((of): of is string => of !== undefined)
      .map((of) => ({ file, from: packageOf(file), of }));
  },
);

test('every package has a floor', () => {
  const folders = [...readdirSync('packages'), 'registry', 'ci'];
  expect(folders.filter((name) => floorOf(name) < 0)).toEqual([]);
  expect(imports.length).toBeGreaterThan(100);
});

test('imports only go down', () => {
  const wrong = imports.filter(({ from, of }) => {
    const to = /^@pipl\/([\w-]+)/.exec(of)?.[1];
    return to !== undefined && to !== from && floorOf(to) >= floorOf(from);
  });
  expect(wrong).toEqual([]);
});

test('only the reactor and the command line know the registry from inside', () => {
  const wrong = imports.filter(({ from, of }) =>
    of.startsWith('@pipl/registry/') || of === '@pipl/registry'
      ? !mayImportRegistry.includes(from) && from !== 'registry'
      : false,
  );
  expect(wrong).toEqual([]);
});

test('nobody reaches into the folder of another package', () => {
  const wrong = imports.filter(({ file, of }) => {
    if (!of.startsWith('.')) return false;
    const target = new URL(of, `file:///${file}`).pathname.slice(1);
    return packageOf(target) !== packageOf(file);
  });
  expect(wrong).toEqual([]);
});

test('words do no input or output', () => {
  const wrong = imports.filter(
    ({ from, of }) => noInputOrOutput.includes(from) && of.startsWith('node:') && !pureModules.includes(of),
  );
  expect(wrong).toEqual([]);
});
