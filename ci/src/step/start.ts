/**
 * A run begins: its lock is pinned, its products' versions are reserved, and why it runs is remembered.
 */
import { inputsOf, reserve, runKeyOf, taskOf } from '@pipl/packl';
import type { RunLock, TaskField, Ticket, TicketProduct } from '@pipl/packl';
import { all, metaOf, openWaveOf, read, write } from './draft.ts';
import type { Draft } from './draft.ts';
import type { Look } from './look.ts';
import type { Because, Cause, RunRecord, TaskRecord, WaveRecord } from './types.ts';
import { taskKey, versionKey } from './types.ts';
import { nearnessOf } from './view.ts';

/** In one wave, a task is started on so many different inputs before the wave is cut. */
const startsInAWave = 3;

/** A task whose inputs are all there, and the lock that says so. */
export interface Runnable extends Look {
  readonly lock: RunLock;
}

export const keyOfRun = ({ row, lock }: Runnable): string =>
  runKeyOf({
    purpose: 'process',
    taskIntegrity: row.integrity,
    lockHash: lock.hash,
    parameters: taskOf(row.manifest)!.parameters,
  });

export function startRun(draft: Draft, look: Runnable): void {
  const field = taskOf(look.row.manifest)!;
  const runKey = keyOfRun(look);
  let n = 1;
  while (read(draft, 'runs', `${runKey}.${n}`) !== undefined) n += 1;
  const attempt = `${runKey}.${n}`;
  const products = reserveProducts(draft, look, { attempt, field });
  const ticket = ticketOf(look, { runKey, attempt, field, products });
  const wave = countStart(draft, look, attempt);
  const run = runOf(draft, look, { runKey, attempt, products, wave });
  write(draft, 'runs', attempt, run);
  write(draft, 'tickets', attempt, ticket);
  const { tries, ...record } = look.record;
  write(draft, 'tasks', look.key, {
    ...record,
    ...(tries?.lock === look.lock.hash ? { tries } : {}),
    attempt,
    last: attempt,
    woken: [],
    status: { is: 'running', stale: false },
  });
  draft.effects.push({ do: 'submit', ticket });
}

function reserveProducts(
  draft: Draft,
  look: Runnable,
  { attempt, field }: { readonly attempt: string; readonly field: TaskField },
): TicketProduct[] {
  const before = lastResult(draft, look)?.lock;
  return Object.entries(field.products).map(([slot, name]) => {
    const used = usedVersions(draft, name);
    const version = reserve({ used, ...(before === undefined ? {} : { before }), now: look.lock });
    write(draft, 'reservations', versionKey(look.index, name, version), {
      index: look.index,
      name,
      version,
      attempt,
      task: look.name,
    });
    return { slot, name, version };
  });
}

/** Every version of the name there ever was, in any index, held back or reserved ones too. */
function usedVersions(draft: Draft, name: string): string[] {
  const rows = [...(draft.projection.rows.get(name)?.values() ?? [])].map(({ version }) => version);
  const held = all(draft, 'held').flatMap((one) =>
    one.table === 'rows' && one.after?.name === name ? [one.after.version] : [],
  );
  const reserved = all(draft, 'reservations')
    .filter((one) => one.name === name)
    .map(({ version }) => version);
  return [...rows, ...held, ...reserved];
}

function ticketOf(
  { index, row, lock, record }: Runnable,
  {
    runKey,
    attempt,
    field,
    products,
  }: {
    readonly runKey: string;
    readonly attempt: string;
    readonly field: TaskField;
    readonly products: readonly TicketProduct[];
  },
): Ticket {
  const timeout = field.policy?.timeout;
  return {
    runKey,
    attempt,
    purpose: 'process',
    index,
    task: lock.task,
    field,
    inputs: inputsOf(row, lock),
    products,
    codeLock: { ...lock.codeLock },
    ...(timeout === undefined ? {} : { timeout }),
    ...(record.again === lock.hash ? { reuse: false } : {}),
  };
}

/** A wave in which one task starts on ever new inputs would never let those below it run. */
function countStart(draft: Draft, look: Runnable, attempt: string): WaveRecord {
  const wave = openWaveOf(draft)!;
  const last = look.record.last === undefined ? undefined : read(draft, 'runs', look.record.last);
  const again = last?.wave === wave.id && last.lock.hash === look.lock.hash;
  const starts = (wave.starts[look.key] ?? 0) + (again ? 0 : 1);
  const counted: WaveRecord = {
    ...wave,
    runs: [...wave.runs, attempt],
    starts: { ...wave.starts, [look.key]: starts },
    ...(starts > startsInAWave && wave.cut === undefined ? { cut: metaOf(draft).cursor } : {}),
  };
  write(draft, 'waves', wave.id, counted);
  return counted;
}

function runOf(
  draft: Draft,
  look: Runnable,
  {
    runKey,
    attempt,
    products,
    wave,
  }: {
    readonly runKey: string;
    readonly attempt: string;
    readonly products: readonly TicketProduct[];
    readonly wave: WaveRecord;
  },
): RunRecord {
  const { index, name, row, lock, record } = look;
  const because = becauseOf(draft, look);
  const pins = Object.fromEntries(Object.entries(lock.nodes).map(([key, { integrity }]) => [key, integrity]));
  return {
    attempt,
    runKey,
    index,
    task: name,
    taskVersion: row.version,
    wave: wave.id,
    cause: causeOf(record, because) ?? wave.cause,
    because,
    state: 'waiting',
    stale: false,
    lock: { hash: lock.hash, task: lock.task, direct: lock.direct, pins },
    products,
    ...(record.last === undefined ? {} : { previous: record.last }),
    submittedAt: draft.at,
  };
}

/** The run that the task has its result from; in a child, where it has none of its own, the one it inherits. */
function lastResult(draft: Draft, { index, name }: Runnable): RunRecord | undefined {
  const places = [...nearnessOf(draft.projection, index).keys()];
  const attempt = places
    .map((place) => read(draft, 'tasks', taskKey(place, name))?.success?.attempt)
    .find((one) => one !== undefined);
  return attempt === undefined ? undefined : read(draft, 'runs', attempt);
}

/** What the task reads now that its last result was not made from. */
function becauseOf(draft: Draft, look: Runnable): Because[] {
  const { record, lock } = look;
  const from = lastResult(draft, look)?.lock;
  const before: Readonly<Record<string, string>> = {
    ...from?.direct,
    ...(from === undefined ? {} : { [from.task.name]: from.task.version }),
  };
  const now: Readonly<Record<string, string>> = { ...lock.direct, [lock.task.name]: lock.task.version };
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  return names
    .filter((name) => before[name] !== now[name])
    .map((name) => {
      const seq = changeOf(record, name, now[name])?.seq;
      return {
        name,
        ...(before[name] === undefined ? {} : { from: before[name] }),
        ...(now[name] === undefined ? {} : { to: now[name] }),
        ...(seq === undefined ? {} : { seq }),
      };
    });
}

const changeOf = (
  { woken }: TaskRecord,
  name: string,
  version: string | undefined,
): (Cause & { is: 'change' }) | undefined =>
  woken.findLast(
    (cause): cause is Cause & { is: 'change' } =>
      cause.is === 'change' && cause.name === name && cause.version === version,
  );

/** The newest change that brought an input; else the newest that woke the task. */
function causeOf(record: TaskRecord, because: readonly Because[]): Cause | undefined {
  const { woken } = record;
  const brought = because.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  const newest = Math.max(...brought);
  return woken.findLast((cause) => cause.is === 'change' && cause.seq === newest) ?? woken.at(-1);
}
