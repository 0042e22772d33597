/**
 * Bundles the command, the server and the runner into `dist/`, split so that a command loads only what it needs:
 * `pipl.mjs`, `serve.mjs`, `runner.mjs` and their shared chunks. The compile cache of Node does the rest.
 *
 * Verdaccio stays outside: it finds its plugins and its pages by itself.
 */
import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pastTheIndex } from './barrels.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const outdir = join(here, 'dist');
const { version } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));

const entries = {
  main: join(here, 'src/main.ts'),
  serve: join(here, '../../ci/src/serve.ts'),
  runner: join(here, '../runner/src/main.ts'),
};

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file))),
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  external: ['verdaccio', 'verdaccio/*', '@verdaccio/*'],
  define: { PIPL_VERSION: JSON.stringify(version) },
  // CommonJS inside (semver, tar-stream) asks for Node's modules with require.
  banner: { js: "import{createRequire as piplRequire}from'node:module';const require=piplRequire(import.meta.url);" },
  plugins: [pastTheIndex],
  logLevel: 'warning',
});

// A project starts with @pipl/pipe; its own build makes the tarball.
const pipe = globSync('../pipe/dist/*.tgz', { cwd: here })[0];
if (pipe !== undefined) await copyFile(join(here, pipe), join(outdir, 'pipl-pipe.tgz'));

// The entry turns the compile cache on before anything else is loaded; answering --version needs nothing else.
await writeFile(
  join(outdir, 'pipl.mjs'),
  `#!/usr/bin/env node
import module from 'node:module';
const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V') process.stdout.write(${JSON.stringify(`${version}\n`)});
else {
  module.enableCompileCache();
  await import('./main.mjs');
}
`,
);
await chmod(join(outdir, 'pipl.mjs'), 0o755);
