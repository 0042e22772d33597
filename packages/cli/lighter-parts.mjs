/**
 * An esbuild plugin: parts of Node that commander asks for at its start and that a command hardly ever uses.
 *
 * Importing a part of Node reads every property of it, slow ones too: 2 to 8 ms each for these. `process` is a
 * global anyway; the others commander needs for subcommands in files of their own, which pipl has none of, and for
 * help.
 */
const lazy = (name, ...functions) =>
  functions.map(
    (each) =>
      `export const ${each} = (...args) => globalThis.process.getBuiltinModule('${name}').${each}(...args);`,
  );
const instead = {
  'node:process': 'export default globalThis.process;',
  'node:child_process': [...lazy('node:child_process', 'spawn'), 'export default { spawn };'].join('\n'),
  'node:fs': [
    ...lazy('node:fs', 'existsSync', 'realpathSync'),
    'export default { existsSync, realpathSync };',
  ].join('\n'),
  'node:util': lazy('node:util', 'stripVTControlCharacters').join('\n'),
};

export const lighterParts = {
  name: 'lighter-parts',
  setup(plugin) {
    plugin.onResolve({ filter: /^node:(?:process|child_process|fs|util)$/ }, ({ path, importer }) =>
      /[\\/]commander[\\/]lib[\\/]/.test(importer) ? { path, namespace: 'lighter' } : undefined,
    );
    plugin.onLoad({ filter: /./, namespace: 'lighter' }, ({ path }) => ({ contents: instead[path] }));
  },
};
