import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { postgresPrograms } from './registry/test/cluster.ts';
import { LongestFirst } from './scripts/longest-first.ts';

// Tests start hundreds of servers, runners and commands: what Node has compiled for one it need not compile for the next.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '.tools/compile-cache');

const everywhere = {
  pool: 'forks',
  // It ends what hangs; a machine that does ten things at once is no reason to fail. Less than the 50 s of a long
  // poll: one that nobody wakes must not pass for one that was answered.
  testTimeout: 45_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 30_000 } },
} as const;

/** These ask the database most. They run on SQLite and again on PostgreSQL, where that is installed. */
const onBoth = [
  'arriving',
  'arriving-served',
  'publishing',
  'indexes',
  'people',
  'tokens',
  'runs',
  'fsck',
  'retention',
  'rights',
  'promotion',
  'withdraw',
  'stream',
  'webhooks',
  'indexes-changing',
  'statement',
].map((name) => `registry/test/${name}.test.ts`);

function whereToRun() {
  const reason = 'PostgreSQL is not installed (apt install postgresql): its tests are left out';
  if (postgresPrograms() !== undefined) return [{ is: 'sqlite' }, { is: 'postgres' }] as const;
  if (process.env['PIPL_TEST_REQUIRE'] === 'all') throw new Error(reason);
  console.error(reason);
  return [{ is: 'sqlite' }] as const;
}

export default defineConfig({
  test: {
    // The default leaves a core idle. One more than there are: most tests wait for processes and disks at times.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: whereToRun().map(({ is }) =>
      is === 'sqlite'
        ? {
            test: {
              ...everywhere,
              name: is,
              include: [
                '*.test.ts',
                'packages/*/test/**/*.test.ts',
                '{registry,ci}/test/**/*.test.ts',
                'projects/*/test/**/*.test.ts',
                'scripts/**/*.test.ts',
              ],
              exclude: ['**/*.pg.test.ts', '**/node_modules/**'],
            },
          }
        : {
            test: {
              ...everywhere,
              name: is,
              include: [
                ...onBoth,
                'ci/test/ledger.test.ts',
                'ci/test/points-table.test.ts',
                '{registry,ci}/test/**/*.pg.test.ts',
              ],
              globalSetup: ['registry/test/postgres-setup.ts'],
            },
          },
    ),
  },
});
