/**
 * `npm run soak -- NAME [--scale 0.1]`: bad luck on purpose, on real parts. Prints one JSON object: what was
 * tried, what was lost. Exit status 9 when anything was lost. Without a name it lists the soaks.
 */
import { parseArgs } from 'node:util';

export interface SoakResult {
  readonly tried: Readonly<Record<string, number>>;
  /** each count must be 0 */
  readonly lost: Readonly<Record<string, number>>;
  readonly [more: string]: unknown;
}

const soaks: Readonly<
  Record<string, { about: string; load: () => Promise<{ soak: (scale: number) => Promise<SoakResult> }> }>
> = {
  waves: {
    about: 'the server killed with -9 during waves of the bunny short and of 200 tasks, on both databases',
    load: () => import('./soak/waves.ts'),
  },
  burst: {
    about: '10,000 publishes in a burst with kills, on both databases: nothing lost, few runs, flat memory',
    load: () => import('./soak/burst.ts'),
  },
  reactor: {
    about: "the reactor's explorer: random schedules with crashes, and every seeded bug noticed",
    load: () => import('../ci/soak/reactor.ts'),
  },
  index: {
    about: 'which tasks a change wakes: a million decisions against resolving from scratch',
    load: () => import('../packages/packl/soak/task-index.ts'),
  },
  'openjd-fuzz': {
    about: 'spoiled templates, expressions and output: nothing crashes, hangs or floods',
    load: () => import('./soak/openjd-fuzz.ts'),
  },
  sessions: {
    about: 'sessions with cancels, timeouts, failures and processes that try to stay: nothing is left',
    load: () => import('../packages/openjd-sessions/soak/sessions.ts'),
  },
  registry: {
    about: 'the registry while four publish: kill -9, power loss, races of one version',
    load: () => import('../registry/soak/registry.ts'),
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string', default: '1' } },
});
const [name] = positionals;
const chosen = name === undefined ? undefined : soaks[name];
if (chosen === undefined) {
  for (const [known, { about }] of Object.entries(soaks)) console.log(`${known.padEnd(12)} ${about}`);
  process.exit(name === undefined ? 0 : 2);
}
const scale = Number(values.scale);
if (!(scale > 0 && scale <= 100)) {
  console.error(`--scale ${values.scale} is not a number above 0 and up to 100.`);
  process.exit(2);
}
const began = performance.now();
const { soak } = await chosen.load();
const result = await soak(scale);
const seconds = Math.round((performance.now() - began) / 100) / 10;
console.log(JSON.stringify({ soak: name, scale, seconds, ...result }));
process.exit(Object.values(result.lost).every((count) => count === 0) ? 0 : 9);
