/**
 * Bundles `openjd` into `dist/`: an entry that answers --version by itself and turns Node's compile cache on, and
 * one chunk for each command, so that `check` does not load what `run` needs.
 *
 *   node packages/openjd-cli/build.mjs [out]      default packages/openjd-cli/dist
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pastTheIndex } from '../cli/barrels.mjs';
import { takePlace, writeEntry } from '../cli/finished-bundle.mjs';

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

await writeEntry({
  file: join(outdir, 'openjd.mjs'),
  versionFlags: ['--version'],
  versionLine: `Open Job Description CLI ${version}`,
});
await takePlace(outdir, finished);
