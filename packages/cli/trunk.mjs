/**
 * Puts the chunks that most commands load into one file, `trunk.mjs`.
 *
 * esbuild makes a chunk of whatever two entries share, so a command would open twenty files to do one thing, half a
 * millisecond each. What many commands load anyway is fetched at once. What few need stays where it is, and so does what
 * would bring a part of Node that not every command has: importing one reads every property of it.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { init, parse } from 'es-module-lexer';
import { build } from 'esbuild';

/** Of the commands: a chunk that so many of them load is part of the trunk. */
const share = 0.4;
/** Every command that reads a file has it. */
const usual = new Set(['node:fs/promises']);
const staticImport = /\b((?:import|export)(?:\{([^}]*)\}from)?)"\.\/(chunk-[^"]+\.mjs)"/g;

/**
 * @param {string} folder of the bundle
 * @param {{ first: string, line: string, commands: readonly string[] }} entries file names in it: what is loaded
 *   before anything of the trunk may be (it sets how zod works), what every command goes through, and the commands
 */
export async function joinTrunk(folder, { first, line, commands }) {
  await init;
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
  const code = new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
  const before = reached(code, [first]);
  const trunk = loadedByMany(code, { line, commands }).filter((name) => !before.has(name));
  const renamed = new Map(trunk.map((name, at) => [name, `t${at}_`]));
  const entry = trunk
    .map((name) => {
      const all = parse(code.get(name))[1].map(({ name: of }) => `${of} as ${renamed.get(name)}${of}`);
      return `export {${all.join()}} from './${name}';`;
    })
    .join('\n');
  await bundleTrunk({ folder, contents: entry, inside: (path) => renamed.has(path.slice('./'.length)) });
  for (const name of trunk) await rm(join(folder, name));
  for (const [name, text] of code) {
    if (renamed.has(name)) continue;
    await writeFile(join(folder, name), throughTrunk(text, renamed));
  }
}

/** What one of them imports is loaded as often: the trunk imports no file but those that came before it. */
function loadedByMany(code, { line, commands }) {
  const everywhere = partsOfNode(code, reached(code, [line]));
  const times = new Map();
  for (const command of commands) {
    for (const name of reached(code, [line, command])) times.set(name, (times.get(name) ?? 0) + 1);
  }
  return [...times]
    .filter(([name, count]) => name.startsWith('chunk-') && count >= share * commands.length)
    .map(([name]) => name)
    .filter((name) => partsOfNode(code, reached(code, [name])).isSubsetOf(everywhere.union(usual)));
}

/** The files that are loaded with these. */
function reached(code, names) {
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, , , imported] of code.get(name).matchAll(staticImport)) visit(imported);
  };
  names.forEach(visit);
  return seen;
}

const partsOfNode = (code, names) =>
  new Set(
    [...names].flatMap((name) =>
      [...code.get(name).matchAll(/from["'](node:[^"']+)["']/g)].map(([, part]) => part),
    ),
  );

const bundleTrunk = ({ folder, contents, inside }) =>
  build({
    stdin: { contents, resolveDir: folder, sourcefile: 'trunk-entry.mjs' },
    outfile: join(folder, 'trunk.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    logLevel: 'warning',
    plugins: [
      {
        name: 'only-the-trunk',
        setup(plugin) {
          plugin.onResolve({ filter: /^\.\// }, ({ path }) =>
            inside(path) ? undefined : { path, external: true },
          );
        },
      },
    ],
  });

/** `import{a as b}from"./chunk-X.mjs"` takes what the trunk calls a. */
const throughTrunk = (text, renamed) =>
  text.replaceAll(staticImport, (whole, words, list, name) => {
    const prefix = renamed.get(name);
    if (prefix === undefined) return whole;
    if (list === undefined) return `${words}"./trunk.mjs"`;
    const all = list.split(',').map((one) => {
      const [theirs, ours = theirs] = one.trim().split(' as ');
      return `${prefix}${theirs} as ${ours}`;
    });
    return `${words.slice(0, 6)}{${all.join()}}from"./trunk.mjs"`;
  });
