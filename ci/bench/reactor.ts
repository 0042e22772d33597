/**
 * The reactor's decisions on projects of growing size: what a change costs that wakes nobody, and one that wakes five;
 * how long a state takes to load, and how much memory it holds beside the rows and records themselves; a plan of ten
 * thousand runs; and changes through the step with their transaction, against the disk.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '@pipl/registry';
import { figure, type Print } from '../../scripts/figures.ts';
import { growthFigures } from '../../scripts/growth.ts';
import { openLedger } from '../src/ledger.ts';
import { advance, planAhead } from '../src/step/index.ts';
import { migrate } from '../src/tables.ts';
import type { Measured } from './reactor/measured.ts';
import { index, loaded, product, shots } from './reactor/production.ts';

const sizes = [100, 1_000, 10_000, 100_000];

export async function bench(print: Print): Promise<void> {
  for (const size of sizes) measure(size, print);
  plan(print);
  await withDisk(print);
}

function measure(tasks: number, print: Print): void {
  const program = fileURLToPath(new URL('reactor/measured.ts', import.meta.url));
  const told = execFileSync(process.execPath, ['--expose-gc', program, String(tasks)], { encoding: 'utf8' });
  const names = {
    nobody: 'reactor: a change that wakes nobody, p50',
    some: 'reactor: a change that wakes five, p50',
    built: 'reactor: state loaded',
    held: 'reactor: memory a task beside rows and records',
  };
  for (const one of growthFigures({ names, tasks, ...(JSON.parse(told) as Measured) })) print(one);
}

function plan(print: Print): void {
  const size = 10_000;
  const { live } = loaded(shots(size, { isShared: true }));
  const ask = {
    index,
    arrivals: [{ op: 'publish' as const, row: product('shared', '1.1.0') }],
    at: '2026-01-02T00:00:00.000Z',
    concurrency: 64,
    engineOf: () => 'local',
  };
  const start = performance.now();
  const { runs } = planAhead(live, ask);
  const took = performance.now() - start;
  if (runs.length !== size) throw new Error(`the plan has ${runs.length} runs, not ${size}`);
  print(
    figure(`reactor: a plan of ${size} runs`, {
      value: took,
      unit: 'ms',
      baseline: 1_000,
      baselineName: 'the goal',
      goal: 'under 1000 ms',
      holds: took < 1_000,
    }),
  );
}

const together = 32;

async function withDisk(print: Print): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pipl-bench-'));
  const db = await openDatabase(join(folder, 'reactor.sqlite'));
  try {
    await migrate(db, '2026-01-01T00:00:00.000Z');
    const ledger = openLedger(db);
    await ledger.load();
    const it = loaded(shots(1_000));
    const began = performance.now();
    let changes = 0;
    while (performance.now() - began < 3_000) {
      const decided = Array.from({ length: together }, () => {
        changes += 1;
        return advance(it.live, it.published(product(`src${changes % it.shots}`, `3.0.${changes}`)));
      });
      await ledger.commit(
        decided.flatMap(({ writes }) => writes),
        () => undefined,
      );
    }
    const value = (changes / (performance.now() - began)) * 1000;
    const baseline = synced(join(folder, 'floor'));
    print(
      figure(`reactor: changes through the step with their transaction, ${together} waiting`, {
        value,
        unit: '1/s',
        baseline,
        baselineName: 'writes of 4 kB, each with fsync',
        goal: 'at least 0.5 of the floor',
        holds: value >= baseline / 2,
      }),
    );
  } finally {
    await db.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Durable writes a second. */
function synced(file: string): number {
  const handle = openSync(file, 'w');
  const block = Buffer.alloc(4_096, 'x');
  const began = performance.now();
  let writes = 0;
  for (; performance.now() - began < 1_500; writes += 1) {
    writeSync(handle, block);
    fsyncSync(handle);
  }
  closeSync(handle);
  return (writes / (performance.now() - began)) * 1000;
}
