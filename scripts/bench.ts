/**
 * `npm run bench -- NAME`: prints one JSON object a figure, each measured against the named peer or floor in
 * the same run. Without a name it lists the benchmarks. Benchmarks live beside the code they measure.
 */
import type { Print } from './figures.ts';

type Bench = { bench: (print: Print, args: readonly string[]) => Promise<void> };

const benches: Readonly<Record<string, { about: string; load: () => Promise<Bench> }>> = {
  reaction: {
    about: 'publish acknowledged to first action started, against pnpm + Node + spawn',
    load: () => import('../ci/bench/reaction.ts'),
  },
  schedule: {
    about:
      '1,000 tiny tasks in 10 layers, against Snakemake, DVC, Turborepo and a floor; --tasks N, --peers a,b',
    load: () => import('../ci/bench/schedule.ts'),
  },
  task: {
    about: 'one task of a session, against a bare spawn by Node',
    load: () => import('../packages/openjd-sessions/bench/task-overhead.ts'),
  },
  index: {
    about: 'which tasks a publish wakes, of 100 to 100,000, against resolving from scratch',
    load: () => import('../packages/packl/bench/task-index.ts'),
  },
  openjd: {
    about: 'openjd against openjd-cli from PyPI and openjd-rs: tasks, output, templates, start-up',
    load: () => import('../packages/openjd-cli/bench/openjd.ts'),
  },
  reactor: {
    about:
      'what a change costs that wakes nobody, or five, of 100 to 100,000 tasks; a plan; changes a second',
    load: () => import('../ci/bench/reactor.ts'),
  },
  registry: {
    about: 'publishing, reading, installing, against Verdaccio 6.10.4, devpi-server, node:http and the disk',
    load: () => import('../registry/bench/registry.ts'),
  },
  startup: {
    about: 'the built command line against bare Node and pnpm',
    load: () => import('../packages/cli/bench/startup.ts'),
  },
  workspace: {
    about: 'a workspace made, filled with 50 dependencies and ready, against a bare warm pnpm install',
    load: () => import('../packages/cli/bench/workspace.ts'),
  },
};

const name = process.argv[2];
const chosen = name === undefined ? undefined : benches[name];
if (chosen === undefined) {
  for (const [known, { about }] of Object.entries(benches)) console.log(`${known.padEnd(12)} ${about}`);
  process.exit(name === undefined ? 0 : 2);
}
const { bench } = await chosen.load();
await bench((figure) => console.log(JSON.stringify(figure)), process.argv.slice(3));
