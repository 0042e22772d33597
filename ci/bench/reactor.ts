/**
 * The reactor's decisions on projects of growing size: what a change costs that wakes nobody, and one that wakes five;
 * how long a state takes to load, and how much memory it holds beside the rows and records themselves; a plan of ten
 * thousand runs; and changes through the step with their transaction, against the disk.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveTask } from '@pipl/packl';
import { openDatabase } from '@pipl/registry';
import { figure, quantile, type Print } from '../../scripts/figures.ts';
import { growthFigures } from '../../scripts/growth.ts';
import { openLedger } from '../src/ledger.ts';
import { advance, planAhead } from '../src/step/index.ts';
import { migrate } from '../src/tables.ts';
import { index, loaded, product, recordsOf, shots, type Loaded } from './reactor/production.ts';

const sizes = [100, 1_000, 10_000, 100_000];
const rounds = 300;

export async function bench(print: Print): Promise<void> {
  for (const size of sizes) measure(size, print);
  plan(print);
  await withDisk(print);
}

function measure(size: number, print: Print): void {
  const production = shots(size);
  recordsOf(production);
  const before = heap();
  const began = performance.now();
  const it = loaded(production);
  const built = performance.now() - began;
  const held = (heap() - before) / size;
  const nobody = times(it, (at) => product(`src${at % it.shots}`, `2.0.${at}`), 0);
  const some = times(it, (at) => product(`src${Math.floor((at * it.shots) / rounds)}`, `1.0.${at + 1}`), 5);
  const names = {
    nobody: 'reactor: a change that wakes nobody, p50',
    some: 'reactor: a change that wakes five, p50',
    built: 'reactor: state loaded',
    held: 'reactor: memory a task beside rows and records',
  };
  const figures = growthFigures({ names, tasks: size, oneTask: oneTask(it), nobody, some, built, held });
  for (const one of figures) print(one);
}

/** @returns the median of publishing these, in µs; the runs that follow end between them, with the same content */
function times(it: Loaded, rowOf: (at: number) => ReturnType<typeof product>, woken: number): number {
  const all = Array.from({ length: rounds }, (_none, at) => {
    const input = it.published(rowOf(at));
    const start = performance.now();
    const { effects } = advance(it.live, input);
    const took = performance.now() - start;
    const submitted = effects.flatMap((effect) => (effect.do === 'submit' ? [effect.ticket] : []));
    if (submitted.length !== woken) throw new Error(`a publish woke ${submitted.length}, not ${woken}`);
    for (const ticket of submitted) advance(it.live, it.endedUnchanged(ticket));
    return took * 1000;
  });
  return quantile(all, 0.5);
}

function oneTask(it: Loaded): number {
  const { view } = it.live.lens.places.get(index)!;
  const all = Array.from({ length: rounds }, (_none, at) => {
    const row = it.live.lens.places.get(index)!.task(`a${(at * 7) % it.shots}-1`)!;
    const start = performance.now();
    resolveTask(view, row);
    return (performance.now() - start) * 1000;
  });
  return quantile(all, 0.5);
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

/** Bytes in use after a collection; without `--expose-gc` the number is only roughly right. */
function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
