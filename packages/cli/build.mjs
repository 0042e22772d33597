/**
 * Bundles the command, the server and the runner into `dist/`, split so that a command loads only what it needs:
 * `pipl.mjs`, `serve.mjs`, `runner.mjs` and their shared chunks. The compile cache of Node does the rest.
 *
 *   node packages/cli/build.mjs [out]      default packages/cli/dist
 *
 * Verdaccio stays outside: it finds its plugins (the file named for it below) and its pages by itself.
 */
import { execFileSync } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { existsSync, globSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { pastTheIndex } from './barrels.mjs';
import { dropIdleRequire, takePlace, writeEntry } from './finished-bundle.mjs';
import { lighterParts } from './lighter-parts.mjs';
import { copyTemplates } from './templates.mjs';
import { joinTrunk } from './trunk.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const finished = resolve(process.argv[2] ?? join(here, 'dist'));
const outdir = `${finished}.${process.pid}.new`;
const { version } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));

const entries = {
  main: join(here, 'src/main.ts'),
  serve: join(here, '../../ci/src/serve.ts'),
  runner: join(here, '../runner/src/main.ts'),
  'verdaccio-pipl': join(here, '../../registry/src/verdaccio/verdaccio-pipl.ts'),
};

/**
 * When it splits, esbuild gives `import('…')` of a CommonJS package only a default export; Node gives its names
 * too, and the sources count on them.
 */
const namesOfCommonJs = {
  name: 'names-of-common-js',
  setup(plugin) {
    plugin.onResolve({ filter: /^[a-z@]/ }, async ({ path, kind, resolveDir }) => {
      if (kind !== 'dynamic-import' || /^(?:node:|verdaccio|@pipl\/)/.test(path)) return undefined;
      const found = await plugin.resolve(path, { kind: 'import-statement', resolveDir });
      // What Node does not load as it stands was written for bundlers: no CommonJS.
      const loaded = found.path === '' ? {} : await import(pathToFileURL(found.path).href).catch(() => ({}));
      if (!('module.exports' in loaded)) return undefined;
      const names = Object.keys(loaded).filter((name) => !['default', 'module.exports'].includes(name));
      return { path: found.path, namespace: 'lazy', pluginData: names };
    });
    plugin.onLoad({ filter: /./, namespace: 'lazy' }, ({ path, pluginData: names }) => ({
      contents: `import all from ${JSON.stringify(path)};\nexport const { ${names.join(', ')} } = all;\nexport default all;`,
      resolveDir: dirname(path),
    }));
  },
};

// CommonJS inside (semver, tar-stream) asks for Node's modules with require; import.meta costs each file that reads it.
const banner =
  "import{createRequire as piplRequire}from'node:module';const require=(id)=>piplRequire(import.meta.url)(id);";

const { metafile } = await build({
  metafile: true,
  entryPoints: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file))),
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  outExtension: { '.js': '.mjs' },
  // Flat: a chunk finds what stands beside it as the source does.
  chunkNames: '[name]-[hash]',
  external: ['verdaccio', 'verdaccio/*', '@verdaccio/*'],
  define: { PIPL_VERSION: JSON.stringify(version) },
  banner: { js: banner },
  plugins: [pastTheIndex, lighterParts, namesOfCommonJs],
  logLevel: 'warning',
});

// A project starts with @pipl/pipe; its own build makes the tarball.
const pipe = globSync('../pipe/dist/*.tgz', { cwd: here })[0];
if (pipe !== undefined) await copyFile(join(here, pipe), join(outdir, 'pipl-pipe.tgz'));

await copyTemplates(join(here, '../..'), outdir);

await dropIdleRequire(outdir, banner);
await joinTrunk(outdir, commandFiles(metafile));
const help = execFileSync(process.execPath, [join(outdir, 'main.mjs'), '--help'], { encoding: 'utf8' });
const versionFlags = ['--version', '-V'];
await writeEntry({ file: join(outdir, 'pipl.mjs'), versionFlags, versionLine: version, help });
await takePlace(outdir, finished);

/** The files that esbuild made of the sources in `src/` that something loads on demand. */
function commandFiles({ outputs }) {
  const from = ({ entryPoint = '' }) => /packages\/cli\/src\/([\w-]+)\.ts$/.exec(entryPoint)?.[1];
  const files = Object.entries(outputs)
    .map(([file, output]) => [from(output), basename(file)])
    .filter(([source]) => source !== undefined && source !== 'main');
  const line = files.find(([source]) => source === 'command-line')[1];
  return { first: 'main.mjs', line, commands: files.map(([, file]) => file).filter((file) => file !== line) };
}
