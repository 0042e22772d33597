/**
 * The explorer: random schedules of a production, with a crash somewhere, changes told late and twice, late results,
 * poison tasks, withdrawals under way. After every step what must hold is looked at, and everything from scratch at
 * rest. Then every seeded bug is let in, one at a time: each must be noticed.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SoakResult } from '../../scripts/soak.ts';
import { everyRule, explore, shrink, type Exploration, type Rules } from '../src/step/explorer/index.ts';

const atFullScale = 1_000_000;
const chunk = 250;
/** A bug that hides in so many schedules is not noticed. */
const patience = 3_000;
const mostTold = 5;

export async function soak(scale: number): Promise<SoakResult> {
  const from = Math.floor(Math.random() * 1e9);
  const wanted = Math.max(chunk, Math.round(atFullScale * scale));
  const began = performance.now();
  const found = await exploreAll(from, wanted);
  const seconds = (performance.now() - began) / 1000;
  const missed = Object.keys(everyRule).filter((rule) => !isNoticed(rule as keyof Rules));
  const { schedules, inputs, crashes, runs, cuts, leastTasks, leastInputs, leastCrashes, violations } = found;
  return {
    tried: { schedules, steps: inputs, crashes, runs, cuts, bugs: Object.keys(everyRule).length },
    lost: { violations: violations.length, bugsMissed: missed.length },
    least: { tasks: leastTasks, steps: leastInputs, crashes: leastCrashes },
    schedulesPerSecond: Math.round(schedules / seconds),
    stepsPerSecond: Math.round(inputs / seconds),
    seeds: { from, to: from + schedules - 1 },
    bugsMissed: missed,
    stories: violations.slice(0, mostTold).map(({ seed }) => {
      const { violation, story } = shrink(seed);
      return { seed, violation, story };
    }),
  };
}

const isNoticed = (rule: keyof Rules): boolean =>
  explore({ from: 1, count: patience, rules: { ...everyRule, [rule]: false } }).violations.length > 0;

/** On every core; each takes the next seeds when it is done with its own. */
async function exploreAll(from: number, wanted: number): Promise<Exploration> {
  const parts: Exploration[] = [];
  let next = from;
  let enough = false;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./reactor/worker.ts', import.meta.url));
    try {
      while (next < from + wanted && !enough) {
        const count = Math.min(chunk, from + wanted - next);
        const first = next;
        next += count;
        const part = await answer(worker, { from: first, count });
        parts.push(part);
        enough ||= part.violations.length >= mostTold;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  return parts.reduce(together);
}

const answer = (worker: Worker, ask: { readonly from: number; readonly count: number }) =>
  new Promise<Exploration>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(ask);
  });

const together = (one: Exploration, other: Exploration): Exploration => ({
  schedules: one.schedules + other.schedules,
  inputs: one.inputs + other.inputs,
  crashes: one.crashes + other.crashes,
  runs: one.runs + other.runs,
  cuts: one.cuts + other.cuts,
  leastTasks: Math.min(one.leastTasks, other.leastTasks),
  leastInputs: Math.min(one.leastInputs, other.leastInputs),
  leastCrashes: Math.min(one.leastCrashes, other.leastCrashes),
  violations: [...one.violations, ...other.violations],
});
