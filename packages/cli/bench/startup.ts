/**
 * How long the built command line takes from nothing to its answer, beside bare Node and pnpm in the same
 * run. The programs take turns, so that a busy machine slows all of them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const rounds = 25;
const bundle = resolve(import.meta.dirname, '../dist/pipl.mjs');

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly baselineName: string;
  readonly ratio: number;
  readonly goal: string;
  readonly holds: boolean;
}

export async function bench(print: (figure: Figure) => void): Promise<void> {
  const packl = mkdtempSync(join(tmpdir(), 'pipl-startup-'));
  const manifest = { name: '@film/sh010', version: '1.0.0', type: 'module', pipl: { kind: 'code' } };
  writeFileSync(join(packl, 'package.json'), JSON.stringify(manifest));
  const programs = {
    node: [process.execPath, '-e', '0'],
    pnpm: ['pnpm', '--version'],
    version: [process.execPath, bundle, '--version'],
    show: [process.execPath, bundle, '-C', packl, 'packl', 'show'],
  };
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, line] of Object.entries(programs)) (times[name] ??= []).push(once(line));
  }
  rmSync(packl, { recursive: true });

  const [node, pnpm, version, show] = ['node', 'pnpm', 'version', 'show'].map((name) => median(times[name]!));
  const figure = (
    name: string,
    value: number,
    against: [string, number],
    goal: string,
    holds: boolean,
  ): void =>
    print({
      name,
      value: round1(value),
      unit: 'ms, p50',
      baseline: round1(against[1]),
      baselineName: against[0],
      ratio: Math.round((value / against[1]) * 100) / 100,
      goal,
      holds,
    });
  figure('pipl --version', version!, ['node -e 0', node!], 'at most 2x', version! <= 2 * node!);
  figure('pipl --version', version!, ['pnpm --version (native)', pnpm!], 'reported', true);
  figure('pipl packl show', show!, ['node -e 0', node!], 'at most 60 ms more', show! <= node! + 60);
}

function once([file, ...args]: string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(file!, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - began;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const round1 = (value: number): number => Math.round(value * 10) / 10;
