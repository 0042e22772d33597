/** The commands behind `npm run …`: each turns its arguments into the lines to run, in order. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const vitest = 'node_modules/vitest/vitest.mjs';
const format = ['packages', 'registry', 'ci', 'projects', 'scripts', 'layers.test.ts', 'vitest.config.ts'];

export const commands = {
  demo: (args) => [['node', 'scripts/demo.ts', ...args]],
  test: (args) => [['node', vitest, 'run', ...args]],
  check: () => [
    ['pnpm', 'exec', 'tsc', '-p', '.'],
    ['pnpm', 'exec', 'oxlint', '--deny-warnings'],
    ['pnpm', 'exec', 'oxfmt', '--check', ...format],
  ],
  format: () => [['pnpm', 'exec', 'oxfmt', ...format]],
  conformance: (args) => [['node', 'scripts/conformance.ts', ...args]],
  bench: (args) => [['node', 'scripts/bench.ts', ...args]],
  soak: (args) => [['node', 'scripts/soak.ts', ...args]],
  'cli-reference': () => [
    ['node', vitest, 'run', '--project', 'sqlite', 'packages/cli/test/reference.test.ts', '-u'],
  ],
  pipl: (args) => [['node', join(root, 'packages/cli/dist/pipl.mjs'), ...args]],
};
