/**
 * Builds what a project gets as `@pipl/pipe`: `<out>/package`, the package, and `<out>/pipl-pipe-<version>.tgz`.
 *
 *   node packages/pipe/build.mjs [out]      default packages/pipe/dist
 *
 * JavaScript without dependencies: a project installs it without asking anyone, and an action that uses it starts
 * in the time of bare Node. The same sources give the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';
import { manifestSchema } from '../packl/src/manifest.ts';
import { packTarball } from '../registry-client/src/pack.ts';

/** Of the package that projects get; the workspace package has none of its own. */
const version = '1.0.0';
const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, 'dist'));
const folder = join(out, 'package');

/** Words are imported through one index, zod and semver behind it: keep what is used only. */
const withoutUnusedWords = {
  name: 'without-unused-words',
  setup(builder) {
    const seen = Symbol('seen');
    builder.onResolve(
      { filter: /^(?:@pipl\/(?:packl|assets)|zod|semver|\.{1,2}\/.*\.ts)$/ },
      async ({ path, pluginData, ...rest }) => {
        if (pluginData === seen) return undefined;
        return { ...(await builder.resolve(path, { ...rest, pluginData: seen })), sideEffects: false };
      },
    );
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(join(folder, 'dist'), { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: ['src/index.ts', 'src/folder-store.ts', 'src/pipl-step.ts'],
  outdir: join(folder, 'dist'),
  bundle: true,
  // One copy of what index and pipl-step share; what is asked for seldom is loaded then.
  splitting: true,
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  plugins: [withoutUnusedWords],
});
const typescript = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);
const compile = [
  '--declaration',
  '--emitDeclarationOnly',
  '--noEmit',
  'false',
  '--outDir',
  join(folder, 'dist'),
];
const options = [
  '--module',
  'nodenext',
  '--target',
  'es2024',
  '--lib',
  'es2024,esnext.disposable',
  '--strict',
  '--types',
  'node',
  '--allowImportingTsExtensions',
  '--ignoreConfig',
];
execFileSync(
  process.execPath,
  [typescript, ...options, ...compile, '--rootDir', 'src', 'src/index.ts', 'src/folder-store.ts'],
  {
    cwd: here,
    stdio: 'inherit',
  },
);

const manifest = {
  name: '@pipl/pipe',
  version,
  description:
    'What pipeline authors import: services, configurations, and types of assets, products and tasks.',
  license: 'Apache-2.0',
  type: 'module',
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './folder-store': { types: './dist/folder-store.d.ts', default: './dist/folder-store.js' },
    './package.json': './package.json',
    './package.schema.json': './package.schema.json',
  },
  bin: { 'pipl-step': './dist/pipl-step.js' },
  files: ['dist', 'package.schema.json'],
  engines: { node: '>=24' },
  pipl: { kind: 'code' },
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
// What editors complete and check a package.json by: the "$schema" of a new packl names it.
const schema = z.toJSONSchema(manifestSchema(), { io: 'input', unrepresentable: 'any' });
writeFileSync(
  join(folder, 'package.schema.json'),
  `${JSON.stringify({ title: 'package.json of a packl', ...schema }, null, 2)}\n`,
);
writeFileSync(join(folder, 'README.md'), readFileSync(join(here, 'README.md')));
writeFileSync(join(folder, 'LICENSE'), readFileSync(join(here, '../../LICENSE')));

const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
const files = new Map(
  names.map((name) => [
    name,
    { data: readFileSync(join(folder, name)), mode: name === 'dist/pipl-step.js' ? 0o755 : 0o644 },
  ]),
);
const tarball = join(out, `pipl-pipe-${version}.tgz`);
writeFileSync(tarball, (await packTarball(files)).tarball);
