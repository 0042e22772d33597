/**
 * 200,000 spoiled templates and expressions and 20,000 spoiled streams of output: nothing may crash, hang for
 * over a second, take more memory than its share, or throw what was not meant to be thrown. The seed is printed
 * (`OPENJD_FUZZ_SEED` repeats a run); a failure prints its seed and its shrunk case.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { SoakResult } from '../soak.ts';
import { campaigns, type CampaignName } from './openjd-fuzz/properties.ts';
import type { Done, Work } from './openjd-fuzz/worker.ts';

const mostMegabytes = 512;
const slowMs = 1000;
/** A machine that is busy, or a thread that starts, may stand still for a while; a hang stays. */
const hangMs = 30_000;

interface Outcome {
  readonly name: CampaignName;
  readonly tried: number;
  readonly crashed: number;
  readonly hung: number;
  readonly outOfMemory: number;
  readonly slowestMs: number;
}

export async function soak(scale: number): Promise<SoakResult> {
  const seed = Number(process.env['OPENJD_FUZZ_SEED'] ?? randomInt(2 ** 31));
  console.error(`seed ${seed}`);
  const names = Object.keys(campaigns) as CampaignName[];
  const outcomes = await Promise.all(names.map((name) => campaign(name, seed, scale)));
  const sum = (key: 'crashed' | 'hung' | 'outOfMemory') =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  return {
    tried: Object.fromEntries(outcomes.map(({ name, tried }) => [name, tried])),
    lost: { crashed: sum('crashed'), hung: sum('hung'), outOfMemory: sum('outOfMemory') },
    seed,
    slowestMs: Object.fromEntries(outcomes.map(({ name, slowestMs }) => [name, slowestMs])),
  };
}

async function campaign(name: CampaignName, seed: number, scale: number): Promise<Outcome> {
  const progress = new SharedArrayBuffer(4);
  const runs = Math.max(1, Math.round(campaigns[name].runs * scale));
  const work: Work = { name, seed, runs, progress };
  const worker = new Worker(new URL('./openjd-fuzz/worker.ts', import.meta.url), {
    workerData: work,
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  });
  const count = new Int32Array(progress);
  const watch = watchProgress(count, () => void worker.terminate());
  const result = { name, crashed: 0, hung: 0, outOfMemory: 0, slowestMs: 0 };
  try {
    const [done] = (await Promise.race([once(worker, 'message'), ended(worker)])) as [Done];
    if (done.failure)
      report(
        name,
        seed,
        `${done.failure.message}\n${done.failure.counterexample}\npath ${done.failure.path}`,
      );
    const isSlow = done.slowestMs > slowMs;
    if (isSlow) report(name, seed, `took ${done.slowestMs} ms: ${done.slowest}`);
    return {
      ...result,
      tried: done.runs,
      crashed: Number(done.failure !== undefined),
      hung: Number(isSlow),
      slowestMs: done.slowestMs,
    };
  } catch (error) {
    const tried = Atomics.load(count, 0);
    const outOfMemory =
      error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    report(name, seed, `case ${tried}: ${watch.hung ? `no end within ${hangMs} ms` : String(error)}`);
    const crashed = Number(!outOfMemory && !watch.hung);
    return { ...result, tried, crashed, hung: Number(watch.hung), outOfMemory: Number(outOfMemory) };
  } finally {
    watch.stop();
    await worker.terminate();
  }
}

async function ended(worker: Worker): Promise<never> {
  const [code] = (await once(worker, 'exit')) as [number];
  throw new Error(`The thread ended with ${code} and no result`);
}

function watchProgress(count: Int32Array, onHang: () => void) {
  let [last, since] = [-1, performance.now()];
  const state = { hung: false, stop: () => clearInterval(timer) };
  const timer = setInterval(() => {
    const now = Atomics.load(count, 0);
    if (now !== last) [last, since] = [now, performance.now()];
    else if (performance.now() - since > hangMs) {
      state.hung = true;
      onHang();
    }
  }, 500);
  return state;
}

const report = (name: string, seed: number, what: string): void =>
  console.error(
    `FAILED ${name}, seed ${seed} (OPENJD_FUZZ_SEED=${seed} npm run soak -- openjd-fuzz)\n${what}`,
  );
