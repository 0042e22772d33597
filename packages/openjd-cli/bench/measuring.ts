/** Timing programs and calls in turns, so that a busy moment of the machine hits all of them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { figure, type Print } from '../../../scripts/figures.ts';
import type { Peer } from '../../../scripts/peer.ts';

export const ours = resolve(import.meta.dirname, '../dist/openjd.mjs');

/** The least disturbed one: what else runs on the machine only ever adds. */
export const best = (values: readonly number[]): number => Math.min(...values);

/** Milliseconds from the start of a program to its end. @throws if it ends badly */
export function timeProgram([file, ...args]: readonly string[]): number {
  const began = performance.now();
  const { status, stderr, error } = spawnSync(file!, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (error || status !== 0)
    throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${error ?? stderr}`);
  return performance.now() - began;
}

/** The times of each, measured in turns. Each begins a round as often: what ran just before leaves its traces. */
export function inTurns<K extends string>(
  rounds: number,
  measures: Readonly<Record<K, () => number>>,
): Readonly<Record<K, readonly number[]>> {
  const names = Object.keys(measures) as K[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < rounds; round += 1) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) times[name].push(measures[name]());
  }
  return times;
}

/** A figure against a peer, or the news that the peer is missing. */
export function against(print: Print, { name, value, unit, peer, baseline, goal, holds }: Compared): void {
  const missing = baseline === undefined;
  const baselineName = missing ? `${peer.name}: missing, ${peer.why}` : peer.name;
  const holding = missing || holds(value, baseline);
  print(figure(name, { value, unit, baseline: baseline ?? Number.NaN, baselineName, goal, holds: holding }));
}

export interface Compared {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: Pick<Peer, 'name' | 'why'>;
  readonly baseline: number | undefined;
  readonly goal: string;
  readonly holds: (value: number, baseline: number) => boolean;
}

export const reported = { goal: 'reported', holds: () => true } as const;

/** Runs `work` with a template file, which is removed afterwards. */
export async function withTemplate<T>(template: object, work: (file: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'openjd-bench-'));
  const file = join(folder, 'template.json');
  writeFileSync(file, JSON.stringify(template));
  try {
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const jobOf = (...steps: readonly object[]) => ({
  specificationVersion: 'jobtemplate-2023-09',
  name: 'Bench',
  steps,
});
