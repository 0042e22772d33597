/**
 * Bundles `openjd` into `dist/`: an entry that answers --version by itself and turns Node's compile cache on, and
 * one chunk for each command, so that `check` does not load what `run` needs.
 *
 *   node packages/openjd-cli/build.mjs [out]      default packages/openjd-cli/dist
 */
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pastTheIndex } from '../cli/barrels.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const finished = resolve(process.argv[2] ?? join(here, 'dist'));
const outdir = `${finished}.${process.pid}.new`;
const { version } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));

await build({
  entryPoints: { main: join(here, 'src/main.ts') },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  define: { OPENJD_CLI_VERSION: JSON.stringify(version) },
  plugins: [pastTheIndex],
  logLevel: 'warning',
});

await writeFile(
  join(outdir, 'openjd.mjs'),
  `#!/usr/bin/env node
import module from 'node:module';
const [first] = process.argv.slice(2);
if (first === '--version') process.stdout.write(${JSON.stringify(`Open Job Description CLI ${version}\n`)});
else {
  module.enableCompileCache();
  await import('./main.mjs');
}
`,
);
await chmod(join(outdir, 'openjd.mjs'), 0o755);

// Whoever runs the old bundle meanwhile finds a whole one at any time but between two renames.
const old = `${finished}.${process.pid}.old`;
if (existsSync(finished)) await rename(finished, old);
await rename(outdir, finished);
await rm(old, { recursive: true, force: true });
