/**
 * An esbuild plugin: `import { a } from '@pipl/x'` becomes an import of the very file that has `a`.
 *
 * esbuild splits by files and follows every file that an index names, so one import from an index would bring a
 * whole package, its zod schemas included, into every command. Our modules do nothing when they are loaded, so
 * going past the index changes nothing else.
 */
import { readFile } from 'node:fs/promises';
import { resolve, dirname } from 'node:path';
import { init, parse } from 'es-module-lexer';
import { transform } from 'esbuild';

export const pastTheIndex = {
  name: 'past-the-index',
  setup(plugin) {
    const indexes = new Map();

    /** name → file, for everything that the index of a package exports */
    const namesOf = (name, resolveDir) => {
      if (!indexes.has(name)) {
        const found = plugin
          .resolve(name, { resolveDir, kind: 'import-statement' })
          .then(({ path, errors }) => (errors.length > 0 ? new Map() : exportsOf(path)));
        indexes.set(name, found);
      }
      return indexes.get(name);
    };

    // zod brings its messages in fifty languages, 200 kB; pipl speaks one.
    plugin.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));

    plugin.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return undefined;
      const resolveDir = dirname(path);
      // As a namespace esbuild drops what of zod nobody uses; as the value `z` it keeps all of it.
      const code = (await javascript(path))
        .replace(
          /^import \{ z \} from "zod";$/m,
          'import * as z from "zod"; import * as zCore from "zod/v4/core";',
        )
        .replaceAll('z.core.', 'zCore.');
      const parts = [];
      let at = 0;
      for (const found of code.matchAll(/^import \{([^}]*)\} from "(@pipl\/[\w-]+)";$/gm)) {
        const names = await namesOf(found[2], resolveDir);
        const wanted = found[1]
          .split(',')
          .map((text) => text.trim())
          .filter(Boolean);
        const lines = wanted.map((text) => {
          const file = names.get(text.split(' as ')[0]) ?? found[2];
          return `import { ${text} } from ${JSON.stringify(file)};`;
        });
        parts.push(code.slice(at, found.index), lines.join(' '));
        at = found.index + found[0].length;
      }
      return { contents: parts.join('') + code.slice(at), loader: 'js', resolveDir };
    });
  },
};

const javascript = async (path) =>
  (await transform(await readFile(path, 'utf8'), { loader: 'ts', target: 'node24' })).code;

async function exportsOf(path) {
  await init;
  const code = await javascript(path);
  const names = new Map();
  for (const [, list, from] of code.matchAll(/^export \{([^}]*)\} from "([^"]+)";$/gm)) {
    for (const text of list
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)) {
      // A renamed export stays with the index: its file knows it by another name.
      if (!text.includes(' as ')) names.set(text, resolve(dirname(path), from));
    }
  }
  for (const [, from] of code.matchAll(/^export \* from "([^"]+)";$/gm)) {
    const file = resolve(dirname(path), from);
    for (const { name, n } of parse(await javascript(file))[1]) names.set(name ?? n, file);
  }
  return names;
}
