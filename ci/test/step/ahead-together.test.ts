/**
 * A plan settles many steps together. The specification is the same play in which every step is settled by itself:
 * the same runs in the same order, with the same inputs, versions, keys and times, and the same tasks that stay.
 */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import type { IndexName, Manifest, Row } from '@pipl/packl';
import type { Plan } from '@pipl/registry-client';
import { play } from '../../src/step/ahead.ts';
import { runSchedule } from '../../src/step/explorer/index.ts';
import { randomOf } from '../../src/step/explorer/random.ts';
import type { Random } from '../../src/step/explorer/random.ts';
import { Watched } from '../../src/step/explorer/watched.ts';
import {
  codeManifest,
  productManifest,
  project,
  taskManifest,
  World,
} from '../../src/step/explorer/world.ts';
import { decide, dump, planAhead, tryOut } from '../../src/step/index.ts';
import type { Advance, AheadAsk, Input, Live } from '../../src/step/index.ts';
import { Lens } from '../../src/step/lens.ts';

const seeds = Number(process.env['PIPL_SEEDS'] ?? 6);

/** How many plans were compared, and what was in them: a comparison of nothing shows nothing. */
const seen = { plans: 0, runs: 0, stays: 0, below: 0 };

const oneByOne = (live: Live, ask: AheadAsk): Plan =>
  tryOut(live, (trial) => play({ live: trial.live, takeTogether: (input) => trial.take(input) }, ask));

function compare(live: Live, ask: AheadAsk): void {
  const before = JSON.stringify(dump(live));
  const doubts = doubtsOf(live.lens);
  const expected = oneByOne(live, ask);
  expect(JSON.stringify(dump(live))).toBe(before);
  const plan = planAhead(live, ask);
  expect(plan).toEqual(expected);
  expect(JSON.stringify(dump(live))).toBe(before);
  expect(doubtsOf(live.lens)).toEqual(doubts);
  seen.plans += 1;
  seen.runs += plan.runs.length;
  seen.stays += plan.stays.length;
  seen.below += plan.runs.filter(({ lock }) => lock === undefined).length;
}

const doubtsOf = ({ dirty, stale, suspects }: Lens) => [[...dirty], [...stale], [...suspects]];

const rowOf = (index: IndexName, manifest: Manifest): Row => {
  const { name, version } = manifest;
  return { index, name, version, integrity: `sha512-${name}-${version}-${index}`, manifest };
};

interface Known {
  readonly index: IndexName;
  readonly sources: readonly string[];
  readonly tasks: readonly string[];
}

/** What somebody may ask to be planned. */
function askOf(random: Random, { index, sources, tasks }: Known): AheadAsk {
  const some = (names: readonly string[], chance: number) => names.filter(() => random.chance(chance));
  const version = () => random.pick(['1.0.7', '1.4.0', '1.9.0', '2.0.0', '1.9.0-x.1'])!;
  const arrivals = some(sources, 0.5).map((name) => ({
    op: random.chance(0.8) ? ('publish' as const) : ('promote' as const),
    row: rowOf(index, productManifest(name, version(), name)),
  }));
  return {
    index,
    arrivals,
    again: random.chance(0.3) ? some(tasks, 0.15) : [],
    unchanged: random.chance(0.5) ? some(tasks, 0.3) : [],
    fails: random.chance(0.3) ? some(tasks, 0.2) : [],
    at: new Date(Date.UTC(2026, 0, 3)).toISOString(),
    concurrency: random.pick([1, 2, 3, 64])!,
    engineOf: () => 'local',
  };
}

test(
  'in whatever state the explorer comes to, the plan is the one that is settled step by step',
  {
    timeout: 900_000,
  },
  () => {
    class Planning extends Watched {
      private inPlay = 0;
      override take(input: Input): Advance {
        const advanced = super.take(input);
        this.inPlay += 1;
        const tasks = [...this.state.records.tasks.values()].map(({ name }) => name);
        const random = randomOf(this.inPlay * 31 + tasks.length);
        if (this.inPlay % 4 === 0)
          compare(this.state, askOf(random, { index: project, sources: ['s1', 's2', 's3'], tasks }));
        return advanced;
      }
    }
    for (let seed = 300; seed < 300 + seeds / 4; seed += 1)
      expect(runSchedule(seed, { world: new Planning() }).violation).toBeUndefined();
    expect(seen.plans).toBeGreaterThan(2 * seeds);
  },
);

const child = indexName('ana/child');

/** Twenty to fifty tasks in lines, diamonds and fans; products that read products; now and then a child index. */
function production(random: Random): { readonly world: World; readonly known: Known } {
  const handlers = random.pick([[project], [child, project], [child]])!;
  const bases = [project];
  const world = new World({
    indexes: [
      { name: project, bases: [] },
      { name: child, bases },
    ],
    handlers,
  });
  const sources = ['s1', 's2', 's3', 's4'];
  world.release([codeManifest('types', '1.0.0'), codeManifest('tools', '1.0.0')]);
  world.release(sources.map((name) => productManifest(name, '1.0.0', name)));
  const names = [...sources];
  const tasks: string[] = [];
  const count = 20 + random.below(30);
  for (let at = 1; at <= count; at += 1) {
    const near = random.chance(0.6) ? names.slice(-8) : names;
    const reads = Object.fromEntries(
      Array.from({ length: 1 + random.below(4) }, () => [random.pick(near)!, rangeOf(random)]),
    );
    const makes = random.chance(0.15) ? [`p${at}`, `q${at}`] : [`p${at}`];
    const peers = random.chance(0.1) ? { tools: '^1.0.0' } : {};
    // What is made may read more than its type: then a task that reads it stands below both.
    const read = random.chance(0.15) ? { [random.pick(names)!]: rangeOf(random) } : {};
    for (const made of makes) {
      const manifest = productManifest(made, '1.0.0', made);
      if (random.chance(0.9))
        world.release([{ ...manifest, dependencies: { ...manifest.dependencies, ...read } }]);
    }
    world.release([taskManifest(`t${at}`, { reads, makes, peers })]);
    names.push(...makes);
    tasks.push(`t${at}`);
  }
  for (const { name } of [...world.rows.values()].filter(
    ({ manifest }) => manifest.pipl?.kind === 'product',
  )) {
    if (random.chance(0.05)) world.tag(name, random.pick(['latest', 'best'])!, '1.0.0');
    if (random.chance(0.03)) world.deprecate(name, '1.0.0');
  }
  return { world, known: { index: random.pick(handlers)!, sources, tasks } };
}

const rangeOf = (random: Random): string =>
  random.pick([
    '^1.0.0',
    '^1.0.0',
    '^1.0.0',
    '^1.0.0',
    '*',
    '1.0.0',
    '~1.0.0',
    '>=1.1.0 <3',
    'latest',
    'best',
  ])!;

/** Runs end, each after a time of its own, until so many did: mostly well. */
function runOn({ world, random, most }: { world: World; random: Random; most: number }): void {
  world.rest();
  for (let ends = 0; ends < most; ends += 1) {
    const running = [...world.engine].filter(([, { state }]) => state.is === 'running');
    const next = running[random.below(running.length)];
    if (next === undefined) return;
    const [attempt] = next;
    world.seconds += random.below(90);
    if (random.chance(0.05)) {
      world.engine.get(attempt)!.state = { is: 'failed', reason: 'exit 1' };
      world.tell(attempt);
    } else world.publishRun(attempt, { [attempt]: attempt });
    world.rest();
  }
}

test.each([
  [1, 'at rest'],
  [2, 'in the middle of a wave'],
])('of productions of many shapes (%i, %s)', { timeout: 900_000 }, (from, when) => {
  for (let seed = from; seed < from + seeds; seed += 2) {
    const random = randomOf(seed);
    const { world, known } = production(random);
    runOn({ world, random, most: when === 'at rest' ? Infinity : random.below(120) });
    for (let asked = 0; asked < 2; asked += 1) compare(world.state, askOf(random, known));
    const change = world.note({ op: 'deprecate', name: 's1', version: '1.0.0' });
    const input = world.inputOf(change);
    const loaded = world.load(JSON.parse(JSON.stringify(dump(world.state))) as ReturnType<typeof dump>);
    expect(decide(world.state, input)).toEqual(decide(loaded, input));
  }
});

test('what was compared were plans', () => {
  expect(seen.runs).toBeGreaterThan(50);
  expect(seen.stays).toBeGreaterThan(0);
  expect(seen.below).toBeGreaterThan(10);
});
