/** The last steps of a bundle of a command: its entry, and the moment at which it takes the place of the old one. */
import { existsSync } from 'node:fs';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';

const oldestNode = 24;
const tooOld = `error: This needs Node ${oldestNode} or newer.
  why: It was started with Node NODE.
  fix: Install Node ${oldestNode}; in a checkout of pipl, npm run brings its own: npm run --silent pipl -- --help
`;

/**
 * The entry turns the compile cache on before anything else is loaded; answering --version needs nothing else. It is
 * written so that an old Node can read it, and say that it is too old.
 *
 * @param {{ file: string, versionFlags: readonly string[], versionLine: string }} entry
 */
export async function writeEntry({ file, versionFlags, versionLine }) {
  const asked = versionFlags.map((flag) => `first === '${flag}'`).join(' || ');
  await writeFile(
    file,
    `#!/usr/bin/env node
import module from 'node:module';
const [first] = process.argv.slice(2);
if (${asked}) process.stdout.write(${JSON.stringify(`${versionLine}\n`)});
else if (Number(process.versions.node.split('.')[0]) < ${oldestNode}) {
  process.stderr.write(${JSON.stringify(tooOld)}.replace('NODE', process.versions.node));
  process.exitCode = 7;
} else {
  module.enableCompileCache();
  await import('./main.mjs');
}
`,
  );
  await chmod(file, 0o755);
}

/** Whoever runs the old bundle meanwhile finds a whole one at any time but between two renames. */
export async function takePlace(made, finished) {
  const old = `${finished}.${process.pid}.old`;
  if (existsSync(finished)) await rename(finished, old);
  await rename(made, finished);
  await rm(old, { recursive: true, force: true });
}
