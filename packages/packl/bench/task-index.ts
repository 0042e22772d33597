/**
 * The index of tasks on projects of growing size: what a publish costs that wakes nobody, and one that wakes five;
 * how long the index takes to build, and how much memory it holds. The floor is the specification: the same
 * question put to `resolveTask` for one task.
 */
import { indexName, openLiveView, openTaskIndex, resolveTask } from '@pipl/packl';
import type { Manifest, Row } from '@pipl/packl';
import { quantile, type Print } from '../../../scripts/figures.ts';
import { growthFigures } from '../../../scripts/growth.ts';

const sizes = [100, 1_000, 10_000, 100_000];
const rounds = 400;
const index = indexName('root/PROJ');
/** tasks that read one product */
const readers = 5;

type Fields = Partial<Omit<Manifest, 'name' | 'version'>>;
const row = (name: string, version: string, fields: Fields): Row => ({
  index,
  name,
  version,
  integrity: `sha512-${name}-${version}`,
  manifest: { name, version, ...fields } as Manifest,
});

const library = (at: number, version = '1.0.0') =>
  row(`@film/lib${at}`, version, {
    dependencies: at === 0 ? {} : { [`@film/lib${at - 1}`]: '^1.0.0' },
    peerDependencies: { '@pipl/pipe': '^1.0.0' },
    pipl: { kind: 'code' },
  } as Fields);

const product = (at: number, version = '1.0.0') =>
  row(`@film/p${at}`, version, {
    dependencies: { '@film/pipeline': '^1.0.0' },
    pipl: { kind: 'product', type: '@film/pipeline#P', assets: {} },
  } as Fields);

/** Tasks stand in rows of five; each reads the five products of the row before, and makes product n. */
function task(at: number, size: number): Row {
  const before = at - (at % readers) - readers;
  const first = before < 0 ? size : before;
  const read = Array.from({ length: readers }, (_none, slot) => `@film/p${first + slot}`);
  return row(`@film/t${at}`, '1.0.0', {
    dependencies: {
      '@film/pipeline': '^1.0.0',
      ...Object.fromEntries(read.map((name) => [name, '^1.0.0'])),
    },
    pipl: {
      kind: 'task',
      type: '@film/pipeline#T',
      inputs: { read },
      products: { made: `@film/p${at}` },
      parameters: {},
    },
  } as Fields);
}

export async function bench(print: Print): Promise<void> {
  for (const size of sizes) measure(size, print);
}

function measure(size: number, print: Print): void {
  const view = openLiveView(index, [{ name: index, bases: [] }]);
  view.put(row('@pipl/pipe', '1.0.0', { pipl: { kind: 'code' } } as Fields));
  for (let at = 0; at < 10; at += 1) view.put(library(at));
  view.put(
    row('@film/pipeline', '1.0.0', {
      dependencies: { '@film/lib9': '^1.0.0', '@film/lib5': '^1.0.0' },
      peerDependencies: { '@pipl/pipe': '^1.0.0' },
      pipl: { kind: 'code' },
    } as Fields),
  );
  for (let at = 0; at < size + readers; at += 1) view.put(product(at));
  for (let at = 0; at < size; at += 1) view.put(task(at, size));

  const before = heap();
  const began = performance.now();
  const tasks = openTaskIndex(view);
  const built = performance.now() - began;
  const held = (heap() - before) / size;

  const publish = (one: Row): { ms: number; woke: number } => {
    view.put(one);
    const start = performance.now();
    const woke = tasks.changed(one.name, one).size;
    return { ms: performance.now() - start, woke };
  };
  const nobody = Array.from({ length: rounds }, (_none, at) => publish(product(at % size, `2.0.${at}`)));
  const five = Array.from({ length: rounds }, (_none, at) => {
    const which = Math.floor((at * (size - readers)) / rounds);
    return publish(product(which, `1.0.${at + 1}`));
  });
  expectWoken(nobody, 0);
  const oneTask = Array.from({ length: rounds }, (_none, at) => {
    const one = tasks.task(`@film/t${(at * 7) % size}`)!;
    const start = performance.now();
    resolveTask(view, one);
    return performance.now() - start;
  });
  const microseconds = (all: readonly { ms: number }[]) =>
    quantile(
      all.map(({ ms }) => ms),
      0.5,
    ) * 1000;
  expectWoken(five, readers);
  const names = {
    nobody: 'index: wakes nobody, p50',
    some: `index: wakes ${readers}, p50`,
    built: 'index: built',
    held: 'index: memory a task',
  };
  const figures = growthFigures({
    names,
    tasks: size,
    oneTask: quantile(oneTask, 0.5) * 1000,
    nobody: microseconds(nobody),
    some: microseconds(five),
    built,
    held,
  });
  for (const one of figures) print(one);
}

function expectWoken(all: readonly { woke: number }[], count: number): void {
  if (all.some(({ woke }) => woke !== count)) throw new Error(`a publish woke others than ${count}`);
}

/** Bytes in use after a collection; without `--expose-gc` the number is only roughly right. */
function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
