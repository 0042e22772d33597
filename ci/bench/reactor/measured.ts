/**
 * The reactor on a production of one size, in a process of its own: `node --expose-gc measured.ts TASKS` prints
 * {@link Measured} as JSON. The memory of one size is not taken for that of another, and each is measured by code that
 * ran before, as a server's has.
 */
import { resolveTask } from '@pipl/packl';
import { quantile } from '../../../scripts/figures.ts';
import { advance } from '../../src/step/index.ts';
import { index, loaded, product, recordsOf, shots, type Loaded } from './production.ts';

export interface Measured {
  /** microseconds of one task from scratch */
  readonly oneTask: number;
  /** microseconds, median, of a change that wakes nobody, and of one that wakes five */
  readonly nobody: number;
  readonly some: number;
  /** milliseconds */
  readonly built: number;
  /** bytes a task beside rows and records */
  readonly held: number;
}

const rounds = 300;

/** So many tasks are held when memory is measured: what the engine itself takes and gives back is little beside them. */
const heldTogether = 20_000;

function measure(size: number): Measured {
  const production = shots(size);
  recordsOf(production);
  const empty = heap();
  const began = performance.now();
  const it = loaded(production);
  const built = performance.now() - began;
  const first = heap();
  // Many small ones, all held until the heap was measured: one would be less than what it varies by.
  const others = Array.from({ length: Math.floor(heldTogether / size) }, () => loaded(production));
  const held = others.length === 0 ? (first - empty) / size : (heap() - first) / (size * others.length);
  others.length = 0;
  const warm = loaded(shots(1_000));
  for (let round = 0; round < 2; round += 1) publishAll(warm);
  return { oneTask: oneTask(it), ...publishAll(it), built, held };
}

const publishAll = (it: Loaded): Pick<Measured, 'nobody' | 'some'> => ({
  nobody: times(it, (at) => product(`src${at % it.shots}`, `2.0.${next()}`), 0),
  some: times(it, (at) => product(`src${Math.floor((at * it.shots) / rounds)}`, `1.0.${next()}`), 5),
});

let last = 0;
const next = (): number => (last += 1);

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
  const place = it.live.lens.places.get(index)!;
  const all = Array.from({ length: rounds }, (_none, at) => {
    const row = place.task(`a${(at * 7) % it.shots}-1`)!;
    const start = performance.now();
    resolveTask(place.view, row);
    return (performance.now() - start) * 1000;
  });
  return quantile(all, 0.5);
}

/** Bytes in use once nothing more is found to collect: one collection leaves what waits for the next. */
function heap(): number {
  if (globalThis.gc === undefined) throw new Error('memory is measured with --expose-gc');
  let used = Infinity;
  for (let asked = 0; asked < 8; asked += 1) {
    globalThis.gc();
    const now = process.memoryUsage().heapUsed;
    if (now > used - 10_000) return Math.min(now, used);
    used = now;
  }
  return used;
}

console.log(JSON.stringify(measure(Number(process.argv[2]))));
