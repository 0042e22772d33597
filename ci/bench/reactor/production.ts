/**
 * A production that never was: shots of ten tasks, five that read the shot's source and five that read what those
 * make, all with results, all at rest. Its records are what the reactor would have kept.
 */
import { indexName, taskOf } from '@pipl/packl';
import type { Change, Manifest, Row, Ticket } from '@pipl/packl';
import { load, loadProjection, type Input, type Live, type StoredRecord } from '../../src/step/index.ts';
import { Place } from '../../src/step/place.ts';
import { taskKey } from '../../src/step/types.ts';

export const index = indexName('root/PROJ');
export const tasksInAShot = 10;
const half = tasksInAShot / 2;

type Fields = Partial<Omit<Manifest, 'name' | 'version'>>;
const row = (name: string, version: string, fields: Fields): Row => ({
  index,
  name,
  version,
  integrity: `sha512-${name}-${version}`,
  manifest: { name, version, ...fields } as Manifest,
});

const code = (name: string, fields: Fields = {}): Row =>
  row(name, '1.0.0', {
    peerDependencies: { '@pipl/pipe': '^1.0.0' },
    ...fields,
    pipl: { kind: 'code' },
  } as Fields);

export const product = (name: string, version: string): Row =>
  row(name, version, {
    dependencies: { pipeline: '^1.0.0' },
    pipl: { kind: 'product', type: 'pipeline#P', assets: {}, metadata: { version } },
  } as Fields);

function task(name: string, reads: readonly string[], makes: string): Row {
  const dependencies = Object.fromEntries(reads.map((one) => [one, '^1.0.0']));
  return row(name, '1.0.0', {
    dependencies: { pipeline: '^1.0.0', ...dependencies },
    pipl: {
      kind: 'task',
      type: 'pipeline#T',
      inputs: { read: reads },
      products: { made: makes },
      parameters: {},
    },
  } as Fields);
}

export interface Production {
  readonly rows: readonly Row[];
  readonly shots: number;
}

/** @param isShared the first five tasks of every shot read one more product, the same for all */
export function shots(size: number, { isShared = false } = {}): Production {
  const count = size / tasksInAShot;
  const rows = [row('@pipl/pipe', '1.0.0', { pipl: { kind: 'code' } } as Fields), product('shared', '1.0.0')];
  for (let at = 0; at < 10; at += 1)
    rows.push(code(`lib${at}`, at === 0 ? {} : { dependencies: { [`lib${at - 1}`]: '^1.0.0' } }));
  rows.push(code('pipeline', { dependencies: { lib9: '^1.0.0', lib5: '^1.0.0' } }));
  for (let shot = 0; shot < count; shot += 1) {
    rows.push(product(`src${shot}`, '1.0.0'));
    const made = Array.from({ length: half }, (_none, at) => `m${shot}-${at}`);
    const reads = isShared ? [`src${shot}`, 'shared'] : [`src${shot}`];
    for (const [at, name] of made.entries()) {
      rows.push(task(`a${shot}-${at}`, reads, name), product(name, '1.0.0'));
      rows.push(task(`b${shot}-${at}`, made, `f${shot}-${at}`), product(`f${shot}-${at}`, '1.0.0'));
    }
  }
  return { rows, shots: count };
}

export interface Loaded {
  readonly live: Live;
  readonly shots: number;
  /** A version comes. */
  readonly published: (row: Row) => Input;
  /** A run made what was there before. */
  readonly endedUnchanged: (ticket: Ticket) => Input;
}

const at = '2026-01-01T00:00:00.000Z';
const kept = new WeakMap<Production, readonly StoredRecord[]>();

/** Measured is `load`: call {@link recordsOf} before, so that the records are there. */
export function loaded(production: Production): Loaded {
  const live = load(recordsOf(production), projectionOf(production));
  let seq = 1;
  const told = (change: Omit<Change, 'seq' | 'at' | 'by' | 'index'>, more: { row?: Row } = {}): Input => ({
    is: 'change',
    change: { seq: (seq += 1), index, by: 'ana', at, ...change },
    at,
    ...more,
  });
  return {
    live,
    shots: production.shots,
    published: (one) => {
      const { name, version, integrity } = one;
      return told({ op: 'publish', name, version, integrity }, { row: one });
    },
    endedUnchanged: ({ attempt, task: { name, version }, products }) => {
      const unchanged = products.map((one) => ({ name: one.name, version: '1.0.0' }));
      return told({ op: 'run', name, version, run: attempt, outcome: { published: [], unchanged } });
    },
  };
}

const projectionOf = ({ rows }: Production) =>
  loadProjection({ rows, tags: [], indexes: [{ name: index, bases: [] }], handlers: [index] });

/** Every task has a result for what it reads. */
export function recordsOf(production: Production): readonly StoredRecord[] {
  const known = kept.get(production);
  if (known !== undefined) return known;
  const shown = new Place(projectionOf(production), index);
  const records: StoredRecord[] = [
    { table: 'meta', key: 'reactor', value: { cursor: 1, waves: 0, judged: `1 ${index}` } },
  ];
  for (const one of production.rows) {
    if (taskOf(one.manifest) === undefined) continue;
    const resolution = shown.resolve(one);
    if (!resolution.ok) throw new Error(`${one.name} has not all it reads`);
    const { hash: lock, task: pin, direct, pins } = resolution.lock;
    const attempt = `${lock}.1`;
    const run = {
      attempt,
      runKey: lock,
      index,
      task: one.name,
      taskVersion: '1.0.0',
      wave: 'w0',
      cause: { is: 'started', at },
      because: [],
      state: 'unchanged',
      stale: false,
      products: [],
      submittedAt: at,
      endedAt: at,
      lock: { hash: lock, task: pin, direct, pins },
      outcome: { published: [], unchanged: [] },
    };
    const value = {
      index,
      name: one.name,
      version: '1.0.0',
      status: { is: 'clean' },
      lock,
      failed: {},
      woken: [],
    };
    records.push({ table: 'runs', key: attempt, value: run });
    records.push({
      table: 'tasks',
      key: taskKey(index, one.name),
      value: { ...value, success: { lock, attempt }, last: attempt },
    });
  }
  kept.set(production, records);
  return records;
}
