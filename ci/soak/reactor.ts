/**
 * The explorer: random schedules of a production, with changes told late and twice, late results, poison tasks and
 * withdrawals under way, and with a server that dies after every single event of them. After every step what must
 * hold is looked at, and everything from scratch at rest. Then every seeded bug is let in, one at a time: each must
 * be noticed.
 *
 * How schedules are counted: each is another sequence of inputs, effects and deaths from an empty project to rest, of
 * at least eight tasks, forty inputs and one death. Those of one seed share what is the same (decision 36): what they
 * begin with is run once, and one that comes to a place where another was in the very same state ends there, as the
 * rest of it has been run. `steps` and `stepsPerSecond` count inputs that were really taken; `stepsShared` counts
 * those of the schedules' inputs that another schedule took for them; `endings` tells how far schedules were run by
 * themselves after they came back: not at all (`at once`), for a while (`later`), or `to its end`.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SoakResult } from '../../scripts/soak.ts';
import { everyRule, shrink } from '../src/step/explorer/index.ts';
import type { Exploration, ExploreOptions, Rules } from '../src/step/explorer/index.ts';

const atFullScale = 1_000_000;
/** seeds, of some 250 schedules each */
const chunk = 4;
/** A bug that hides in so many seeds is not noticed. */
const patience = 600;
const mostTold = 5;
const cores = Math.min(2, availableParallelism());

export async function soak(scale: number): Promise<SoakResult> {
  const from = Math.floor(Math.random() * 1e9);
  const began = performance.now();
  const found = await exploreAll(from, Math.round(atFullScale * scale));
  const seconds = (performance.now() - began) / 1000;
  const missed = await missedRules();
  const { schedules, seeds, short, steps, stepsShared, crashes, runs, cuts, violations, ...more } = found;
  const { leastTasks, leastInputs, leastCrashes, ways, endings, actions } = more;
  const bugs = Object.keys(everyRule).length;
  return {
    tried: { schedules, seeds, short, steps, stepsShared, crashes, runs, cuts, bugs },
    lost: { violations: violations.length, bugsMissed: missed.length },
    least: { tasks: leastTasks, inputs: leastInputs, crashes: leastCrashes },
    schedulesPerSecond: Math.round(schedules / seconds),
    stepsPerSecond: Math.round(steps / seconds),
    ways,
    endings,
    actions,
    seeds: { from, to: from + seeds - 1 },
    bugsMissed: missed,
    stories: violations.slice(0, mostTold).map(({ seed, branch, violation }) => {
      const { story } = shrink(seed, branch === undefined ? {} : { branch });
      return { seed, branch, violation, story };
    }),
  };
}

/** On every core; each takes the next seeds when it is done with its own. */
async function exploreAll(from: number, wanted: number): Promise<Exploration> {
  const parts: Exploration[] = [];
  let next = from;
  let schedules = 0;
  let broken = 0;
  await onEveryCore(async (explore) => {
    while (schedules < wanted && broken < mostTold) {
      const first = next;
      next += chunk;
      const part = await explore({ from: first, count: chunk, enough: mostTold });
      parts.push(part);
      schedules += part.schedules;
      broken += part.violations.length;
    }
  });
  return parts.reduce(together);
}

/** The seeded bugs that nobody noticed. */
async function missedRules(): Promise<string[]> {
  const left = Object.keys(everyRule) as (keyof Rules)[];
  const missed: string[] = [];
  await onEveryCore(async (explore) => {
    for (let rule = left.shift(); rule !== undefined; rule = left.shift()) {
      const rules = { ...everyRule, [rule]: false };
      const { violations } = await explore({ from: 1, count: patience, rules, share: 0.02 });
      if (violations.length === 0) missed.push(rule);
    }
  });
  return missed;
}

type Explore = (ask: ExploreOptions) => Promise<Exploration>;

async function onEveryCore(work: (explore: Explore) => Promise<void>): Promise<void> {
  const one = async (): Promise<void> => {
    // What a schedule leaves behind dies young: room for it saves a tenth of the time.
    const resourceLimits = { maxYoungGenerationSizeMb: 64 };
    const worker = new Worker(new URL('./reactor/worker.ts', import.meta.url), { resourceLimits });
    try {
      await work((ask) => answer(worker, ask));
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: cores }, one));
}

async function answer(worker: Worker, ask: ExploreOptions): Promise<Exploration> {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  worker.postMessage(ask);
  const [found] = (await once(worker, 'message')) as [Exploration];
  return found;
}

const sums = ['seeds', 'schedules', 'short', 'steps', 'stepsShared', 'crashes', 'runs', 'cuts'] as const;

function together(one: Exploration, other: Exploration): Exploration {
  const all = { ...one };
  for (const word of sums) all[word] += other[word];
  return {
    ...all,
    ways: summed(one.ways, other.ways),
    endings: summed(one.endings, other.endings),
    actions: summed(one.actions, other.actions),
    leastTasks: Math.min(one.leastTasks, other.leastTasks),
    leastInputs: Math.min(one.leastInputs, other.leastInputs),
    leastCrashes: Math.min(one.leastCrashes, other.leastCrashes),
    violations: [...one.violations, ...other.violations],
  };
}

type Counts = Readonly<Record<string, number>>;

const summed = (one: Counts, other: Counts): Counts => {
  const words = [...new Set([...Object.keys(one), ...Object.keys(other)])].toSorted();
  return Object.fromEntries(words.map((word) => [word, (one[word] ?? 0) + (other[word] ?? 0)]));
};
