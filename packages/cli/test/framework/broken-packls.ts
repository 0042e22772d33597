/** Packls that are wrong, one for each extension point. */
const peer = { peerDependencies: { '@pipl/pipe': '^1.0.0' } };

/** Each is wrong in its own way. */
const broken = (name: string, pipl: object, files: Record<string, string> = {}) =>
  [
    `@broken/bad-${name}`,
    {
      manifest: {
        version: '1.0.0',
        ...peer,
        dependencies: { '@film/pipeline': '^2.0.0' },
        exports: { './it': './it.js' },
        pipl,
      },
      files: {
        'it.js': 'export const it = 5;\nexport const fails = () => { throw new Error("no luck"); };\n',
        ...files,
      },
    },
  ] as const;

export const brokenPackls = Object.fromEntries([
  broken('config', { kind: 'code', config: { farm: { limits: { cpu: 'many' } } } }),
  broken('service', { kind: 'code', services: { farm: './it#it' } }),
  broken('failing', { kind: 'code', services: { farm: './it#fails' } }),
  broken(
    'store',
    { kind: 'code', services: { asset_store: './it#empty' } },
    { 'it.js': 'export const empty = () => ({});\n' },
  ),
  broken('asset', { kind: 'code', assetTypes: { Note: './it#it' } }),
  broken('type', { kind: 'code', taskTypes: { Odd: './it#it' } }),
  broken(
    'product',
    { kind: 'code', taskTypes: { Make: './it#Make' } },
    {
      'it.js': `
import { defineAssetType, defineProductType, defineTaskType } from '@pipl/pipe';
const A = defineAssetType({ name: 'A', kind: 'file', basename: () => 'a' });
const Secret = defineProductType({ name: 'Secret', assets: { a: A } });
export const Make = defineTaskType({ name: 'Make', needs: {}, makes: { secret: Secret } }).step('x', { run() {} });
`,
    },
  ),
  broken('promise', { kind: 'code', productTypes: { Odd: './it#it' } }),
  broken('env', { kind: 'envset', variables: { OCIO: { set: '{@film/nowhere}/x' } } }),
  broken('edit', { kind: 'code', groups: { edit: { '@film/never-published': '^1.0.0' } } }),
]);
