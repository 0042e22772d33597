/** The last steps of a bundle of a command: its entry, and the moment at which it takes the place of the old one. */
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const oldestNode = 24;
const tooOld = `error: This needs Node ${oldestNode} or newer.
  why: It was started with Node NODE.
  fix: Install Node ${oldestNode}; in a checkout of pipl, npm run brings its own: npm run --silent pipl -- --help
`;

/**
 * The entry turns the compile cache on before anything else is loaded; answering --version needs nothing else. It is
 * written so that an old Node can read it, and say that it is too old.
 *
 * @param {{ file: string, versionFlags: readonly string[], versionLine: string, help?: string }} entry `help`: what
 *   `--help` alone prints, on a terminal that is not narrower than usual
 */
export async function writeEntry({ file, versionFlags, versionLine, help }) {
  const asked = versionFlags.map((flag) => `first === '${flag}'`).join(' || ');
  const helps = `/^(?:-h|--help|help)$/.test(first) && more.length === 0 && !(process.stdout.columns < 80)`;
  const printsHelp =
    help === undefined ? '' : `else if (${helps}) process.stdout.write(${JSON.stringify(help)});\n`;
  await writeFile(
    file,
    `#!/usr/bin/env node
import module from 'node:module';
const [first, ...more] = process.argv.slice(2);
if (${asked}) process.stdout.write(${JSON.stringify(`${versionLine}\n`)});
else if (Number(process.versions.node.split('.')[0]) < ${oldestNode}) {
  process.stderr.write(${JSON.stringify(tooOld)}.replace('NODE', process.versions.node));
  process.exitCode = 7;
}
${printsHelp}else {
  // Where Node would look, too; finding that out by itself costs it milliseconds.
  const { NODE_COMPILE_CACHE, TMPDIR } = process.env;
  const usual = process.platform === 'win32' ? undefined : (TMPDIR || '/tmp') + '/node-compile-cache';
  module.enableCompileCache(NODE_COMPILE_CACHE || usual);
  await import('./main.mjs');
}
`,
  );
  await chmod(file, 0o755);
}

/**
 * A chunk that asks for nothing with `require` needs none: making one costs each of them.
 *
 * @param {string} folder of the bundle
 * @param {string} banner what esbuild wrote at the head of each
 */
export async function dropIdleRequire(folder, banner) {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.mjs')) continue;
    const file = join(folder, name);
    const text = await readFile(file, 'utf8');
    const rest = text.replace(`${banner}\n`, '');
    if (rest !== text && !/\brequire\b/.test(rest)) await writeFile(file, rest);
  }
}

/** Whoever runs the old bundle meanwhile finds a whole one at any time but between two renames. */
export async function takePlace(made, finished) {
  const old = `${finished}.${process.pid}.old`;
  if (existsSync(finished)) await rename(finished, old);
  await rename(made, finished);
  await rm(old, { recursive: true, force: true });
}
