/**
 * How long the built command line takes from nothing to its answer, beside bare Node and pnpm in the same
 * run. The programs take turns, and the fastest tenth counts: a busy machine slows all of them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { figure, quantile, type Print } from '../../../scripts/figures.ts';

const rounds = 25;
const bundle = resolve(import.meta.dirname, '../dist/pipl.mjs');

export async function bench(print: Print): Promise<void> {
  const packl = mkdtempSync(join(tmpdir(), 'pipl-startup-'));
  const manifest = { name: '@film/sh010', version: '1.0.0', type: 'module', pipl: { kind: 'code' } };
  writeFileSync(join(packl, 'package.json'), JSON.stringify(manifest));
  const programs = {
    node: [process.execPath, '-e', '0'],
    pnpm: ['pnpm', '--version'],
    version: [process.execPath, bundle, '--version'],
    help: [process.execPath, bundle, '--help'],
    show: [process.execPath, bundle, '-C', packl, 'packl', 'show'],
  };
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, line] of Object.entries(programs)) (times[name] ??= []).push(once(line));
  }
  rmSync(packl, { recursive: true });

  const [node, pnpm, version, help, show] = ['node', 'pnpm', 'version', 'help', 'show'].map((name) =>
    quantile(times[name]!, 0.1),
  );
  const against = { unit: 'ms, p10', baseline: node!, baselineName: 'node -e 0' };
  const near = (value: number) => ({ value, goal: 'at most 1.6x', holds: value <= 1.6 * node! });
  print(figure('pipl --version', { ...against, ...near(version!) }));
  print(figure('pipl --help', { ...against, ...near(help!) }));
  const native = { baseline: pnpm!, baselineName: 'pnpm --version (native)', goal: 'reported', holds: true };
  print(figure('pipl --version', { ...against, value: version!, ...native }));
  const more = { goal: 'at most 40 ms more', holds: show! <= node! + 40 };
  print(figure('pipl packl show', { ...against, value: show!, ...more }));
}

function once([file, ...args]: string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(file!, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - began;
}
