/**
 * Small productions that a real registry serves: code packls with ranges and peers, a product, a task, and third-party
 * packages of every kind that a lock can hold: peer suffixes, aliases, bins, and one optional package a platform.
 */
import * as fc from 'fast-check';
import { parseManifest } from '../src/index.ts';
import type { Row, ThirdPartyLock } from '../src/index.ts';
import type { NpmRegistry } from './npm-registry.ts';
import { main, thirdParty } from './rows.ts';
import type { Third } from './rows.ts';

const other = process.platform === 'darwin' ? 'linux' : 'darwin';

/** What every third-party package says of itself. `chain` asks for a range, so that locks may differ below it. */
const packages: Record<string, object> = {
  'left@1.0.0': {},
  'left@1.1.0': { engines: { node: '>=18', npm: '>= 6' } },
  'chain@1.0.0': { dependencies: { left: '^1.0.0' } },
  'react@17.0.2': {},
  'react@18.3.1': {},
  '@third/ui@2.0.0': {
    peerDependencies: { react: '>=17', theme: '*' },
    peerDependenciesMeta: { theme: { optional: true } },
  },
  'deck@3.0.0': { dependencies: { '@third/ui': '2.0.0' }, peerDependencies: { react: '17 || 18' } },
  'tool@4.5.6': { bin: { 'run-tool': 'tool.js' } },
  'sharpish@0.33.0': {
    optionalDependencies: { '@img/here': '0.33.0', '@img/there': '0.33.0' },
    dependencies: { left: '^1' },
  },
  '@img/here@0.33.0': { os: [process.platform], cpu: [process.arch] },
  '@img/there@0.33.0': { os: [other], cpu: ['x64'], dependencies: { 'only-there': '1.0.0' } },
  'only-there@1.0.0': {},
};

export const isForeign = (key: string): boolean =>
  key.startsWith('@img/there@') || key.startsWith('only-there@');

export interface ThirdChoice {
  readonly left: '1.0.0' | '1.1.0';
  readonly react: '17.0.2' | '18.3.1';
  readonly names: readonly ('left' | 'chain' | 'deck' | '@third/ui' | 'tool' | 'sharpish' | 'aliased')[];
}

/** Publishes the third-party packages; @returns the lock that a packl carries for a choice of them. */
export function publishThirdParties(registry: NpmRegistry): (choice: ThirdChoice) => ThirdPartyLock {
  const integrities = new Map<string, string>();
  for (const [spec, more] of Object.entries(packages)) {
    const at = spec.indexOf('@', 1);
    const manifest = { name: spec.slice(0, at), version: spec.slice(at + 1), ...more };
    const files = { 'tool.js': '#!/usr/bin/env node\nconsole.log("tool")\n' };
    integrities.set(spec, registry.publish(manifest, files).integrity);
  }
  const third = (key: string, edges: Omit<Third, 'about' | 'integrity'> = {}): [string, Third] => {
    const spec = key.split('(')[0]!;
    const {
      bin,
      dependencies: _,
      optionalDependencies: __,
      ...about
    } = packages[spec] as Record<string, unknown>;
    const described = { ...about, ...(bin === undefined ? {} : { hasBin: true }) };
    return [key, { ...edges, about: described, integrity: integrities.get(spec)! }];
  };
  return ({ left, react, names }) => {
    const ui = `2.0.0(react@${react})`;
    const snapshots = Object.fromEntries([
      third(`left@${left}`),
      third('chain@1.0.0', { dependencies: { left } }),
      third(`react@${react}`),
      third(`@third/ui@${ui}`, { dependencies: { react } }),
      third(`deck@3.0.0(react@${react})`, { dependencies: { '@third/ui': ui, react } }),
      third('tool@4.5.6'),
      third('sharpish@0.33.0', {
        dependencies: { left },
        optionalDependencies: { '@img/here': '0.33.0', '@img/there': '0.33.0' },
      }),
      third('@img/here@0.33.0'),
      third('@img/there@0.33.0', { dependencies: { 'only-there': '1.0.0' } }),
      third('only-there@1.0.0'),
    ]);
    const keys: Record<ThirdChoice['names'][number], string> = {
      left: `left@${left}`,
      chain: 'chain@1.0.0',
      deck: `deck@3.0.0(react@${react})`,
      '@third/ui': `@third/ui@${ui}`,
      tool: 'tool@4.5.6',
      sharpish: 'sharpish@0.33.0',
      aliased: `left@${left}`,
    };
    return thirdParty(Object.fromEntries(names.map((name) => [name, keys[name]])), snapshots);
  };
}

export const thirdChoice: fc.Arbitrary<ThirdChoice> = fc.record({
  left: fc.constantFrom('1.0.0', '1.1.0'),
  react: fc.constantFrom('17.0.2', '18.3.1'),
  names: fc.uniqueArray(
    fc.constantFrom('left', 'chain', 'deck', '@third/ui', 'tool', 'sharpish', 'aliased'),
    { maxLength: 4 },
  ),
});

interface PacklShape {
  readonly versions: readonly string[];
  /** further on in the list: how far, and the range */
  readonly asks: readonly { readonly steps: number; readonly range: string }[];
  readonly peerOnPipe: boolean;
  readonly peerOnLast: boolean;
  readonly bin: boolean;
  readonly third: ThirdChoice;
}

export interface ProductionShape {
  readonly packls: readonly PacklShape[];
  readonly taskAsks: readonly number[];
  readonly taskThird: ThirdChoice;
}

export const productionShape: fc.Arbitrary<ProductionShape> = fc.record({
  packls: fc.array(
    fc.record({
      versions: fc.constantFrom(['1.0.0'], ['1.0.0', '1.2.0'], ['1.0.0', '1.1.0', '1.2.0-beta.1']),
      asks: fc.array(
        fc.record({
          steps: fc.integer({ min: 1, max: 4 }),
          range: fc.constantFrom('^1.0.0', '1.0.0', '<1.2.0'),
        }),
        { maxLength: 3 },
      ),
      peerOnPipe: fc.boolean(),
      peerOnLast: fc.boolean(),
      bin: fc.boolean(),
      third: thirdChoice,
    }),
    { minLength: 2, maxLength: 6 },
  ),
  taskAsks: fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
  taskThird: thirdChoice,
});

export interface Production {
  readonly task: Row;
  readonly rows: readonly Row[];
}

/** Publishes a production under a scope of its own. */
export function publishProduction(
  registry: NpmRegistry,
  lockFor: (choice: ThirdChoice) => ThirdPartyLock,
  { scope, shape }: { scope: string; shape: ProductionShape },
): Production {
  const { packls, taskAsks, taskThird } = shape;
  const nameAt = (at: number) => `@${scope}/p${Math.min(at, packls.length - 1)}`;
  const publish = (
    manifest: Record<string, unknown> & { name: string; version: string },
    third?: ThirdChoice,
  ): Row => {
    const { integrity } = registry.publish(manifest, { 'bin.js': '#!/usr/bin/env node\n' });
    const { name, version } = manifest;
    const lock = third === undefined ? {} : { thirdParty: lockFor(third) };
    return { index: main, name, version, integrity, manifest: parseManifest(manifest), ...lock };
  };
  const asked = ({ names }: ThirdChoice) => Object.fromEntries(names.map((name) => [name, '*']));
  const rows = packls.flatMap(({ versions, asks, peerOnPipe, peerOnLast, bin, third }, at) => {
    const further = asks
      .filter(({ steps }) => at + steps < packls.length)
      .map(({ steps, range }) => [nameAt(at + steps), range] as const);
    const isLast = at === packls.length - 1;
    return versions.map((version) =>
      publish(
        {
          name: nameAt(at),
          version,
          dependencies: { ...asked(third), ...Object.fromEntries(further) },
          peerDependencies: {
            ...(peerOnPipe ? { '@pipl/pipe': '^1.0.0' } : {}),
            ...(peerOnLast && !isLast ? { [nameAt(99)]: '<=1.1.0' } : {}),
          },
          ...(bin ? { bin: { [`${scope}-p${at}`]: 'bin.js' } } : {}),
          engines: { node: '>=20' },
          pipl: { kind: at % 3 === 2 ? 'envset' : 'code' },
        },
        third,
      ),
    );
  });
  const product = publish({
    name: `@${scope}/model`,
    version: '1.0.0',
    dependencies: { [nameAt(0)]: '^1.0.0' },
    pipl: { kind: 'product', type: 'x#X' },
  });
  const direct = Object.fromEntries(taskAsks.map((at) => [nameAt(at), '^1.0.0']));
  const pipl = { kind: 'task', type: 'x#X', inputs: { model: product.name }, products: {} };
  const dependencies = { ...asked(taskThird), ...direct, [product.name]: '^1.0.0' };
  const task = publish({ name: `@${scope}/task`, version: '1.0.0', dependencies, pipl }, taskThird);
  return { task, rows: [...rows, product, task] };
}

export const publishPipe = (registry: NpmRegistry): Row[] =>
  ['1.0.0', '1.4.0'].map((version) => {
    const manifest = { name: '@pipl/pipe', version, bin: { 'pipl-step': 'bin.js' }, pipl: { kind: 'code' } };
    const { integrity } = registry.publish(manifest, {
      'bin.js': '#!/usr/bin/env node\nconsole.log("step")\n',
    });
    return { index: main, name: manifest.name, version, integrity, manifest: parseManifest(manifest) };
  });
