/**
 * Runs one campaign in a thread of its own, so that a hang and a flood of memory are seen from outside. Says
 * which case it is at, how long the slowest took, and at the end what failed, shrunk.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { stringify } from 'fast-check';
import { campaigns, type CampaignName } from './properties.ts';

export interface Work {
  readonly name: CampaignName;
  readonly seed: number;
  readonly runs: number;
  /** [cases so far] */
  readonly progress: SharedArrayBuffer;
}

export interface Done {
  readonly runs: number;
  readonly slowestMs: number;
  readonly slowest: string;
  readonly failure?: { readonly message: string; readonly counterexample: string; readonly path: string };
}

const { name, seed, runs, progress } = workerData as Work;
const count = new Int32Array(progress);
const shown = (value: unknown): string => stringify(value).slice(0, 2000);

/** Of this thread alone: how long a case takes must not depend on what else runs here. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let [began, current, slowestMs, slowest] = [cpuMs(), undefined as unknown, 0, ''];
const finishCase = (): void => {
  const took = cpuMs() - began;
  if (current === undefined || took <= slowestMs) return;
  [slowestMs, slowest] = [took, shown(current)];
};
const ran = (input: unknown): void => {
  finishCase();
  [current, began] = [input, cpuMs()];
  Atomics.add(count, 0, 1);
};
const found = campaigns[name].check(ran, { seed, numRuns: runs });
finishCase();
const failure = found.failed
  ? {
      message: String(found.errorInstance instanceof Error ? found.errorInstance.stack : found.errorInstance),
      counterexample: shown(found.counterexample),
      path: String(found.counterexamplePath),
    }
  : undefined;
const done: Done = {
  runs: found.numRuns,
  slowestMs: Math.round(slowestMs),
  slowest,
  ...(failure && { failure }),
};
// A port of a thread, not a window: there is no origin.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort!.postMessage(done);
