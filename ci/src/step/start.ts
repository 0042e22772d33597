/**
 * A run begins: its lock is pinned, its products' versions are reserved, and why it runs is remembered.
 */
import { inputsOf, pinPrevious, reserve, runKeyOf, taskOf } from '@pipl/packl';
import type { MadeElsewhere, RunLock, TaskField, Ticket, TicketInput, TicketProduct } from '@pipl/packl';
import { metaOf, openWaveOf, read, recordOf, write } from './draft.ts';
import type { Draft } from './draft.ts';
import type { Look } from './look.ts';
import { paceOf } from './pause.ts';
import type { Because, Cause, RunRecord, TaskRecord, WaveRecord } from './types.ts';
import { taskKey, versionKey } from './types.ts';
import { madeElsewhere } from './reference.ts';
import { isAgain, replacedOf, waitsSince } from './supersede.ts';
import { nearnessOf, shownIn } from './shown.ts';

/** In one wave, a task is started on so many different inputs before the wave is cut. */
const startsInAWave = 3;

/** A task whose inputs are all there, and the lock that says so. */
export interface Runnable extends Look {
  readonly lock: RunLock;
  /** undefined for a task that does not ask for its own last products */
  readonly previous: readonly TicketInput[] | undefined;
  readonly runKey: string;
}

export function runnableOf(draft: Draft, look: Look, lock: RunLock): Runnable {
  const { integrity: taskIntegrity, manifest } = look.row;
  const field = taskOf(manifest)!;
  const previous = previousOf(draft, look, field);
  const { parameters } = field;
  const parts = { purpose: 'process', taskIntegrity, lockHash: lock.hash, parameters } as const;
  return {
    ...look,
    lock,
    previous,
    runKey: runKeyOf(draft.rules.previousInKey ? { ...parts, previous } : parts),
  };
}

function previousOf(draft: Draft, look: Look, field: TaskField): TicketInput[] | undefined {
  const last = draft.rules.pinPrevious ? undefined : read(draft, 'tasks', look.key)?.last;
  const before = last === undefined ? undefined : read(draft, 'runs', last)?.builtOn;
  return before === undefined ? pinPrevious(shownIn(draft, look.index).view, field) : [...before];
}

export function startRun(draft: Draft, look: Runnable): void {
  const field = taskOf(look.row.manifest)!;
  const { runKey } = look;
  let n = 1;
  while (read(draft, 'runs', `${runKey}.${n}`) !== undefined) n += 1;
  const attempt = `${runKey}.${n}`;
  const before = lastResult(draft, look)?.lock;
  const reference = madeElsewhere(draft, look);
  const products = reserveProducts(draft, look, { attempt, field, before, reference });
  const isRerun = read(draft, 'tasks', look.key)?.again === look.lock.hash;
  const replaced = replacedOf(draft, recordOf(draft, look));
  if (replaced !== undefined) write(draft, 'runs', replaced.attempt, { ...replaced, replacedBy: attempt });
  const ticket = {
    ...ticketOf(look, { attempt, field, products, isRerun, reference }),
    ...waitsSince(replaced),
  };
  const { wave, inWave } = countStart(draft, look);
  const run = runOf(draft, look, { attempt, products, wave, before, reference });
  write(draft, 'runs', attempt, run);
  write(draft, 'tickets', attempt, ticket);
  const { tries, rested: _, ...record } = recordOf(draft, look);
  write(draft, 'tasks', look.key, {
    ...record,
    inWave,
    pace: paceOf(draft, record.pace),
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
  {
    attempt,
    field,
    before,
    reference,
  }: {
    readonly attempt: string;
    readonly field: TaskField;
    readonly before: RunRecord['lock'] | undefined;
    readonly reference: MadeElsewhere | undefined;
  },
): TicketProduct[] {
  const next = (name: string): string =>
    reserve({
      used: usedVersions(draft, name),
      ...(before === undefined ? {} : { before }),
      now: look.lock,
    });
  return Object.entries(field.products).map(([slot, name]) => {
    const made = reference?.products.find((one) => one.name === name);
    const version = made?.version ?? next(name);
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
  const { projection, records, lens } = draft;
  const used: string[] = [];
  for (const { version } of projection.rows.get(name)?.values() ?? []) used.push(version);
  for (const one of records.held.values())
    if (one.table === 'rows' && one.after?.name === name) used.push(one.after.version);
  for (const key of lens.tallies.reserved.get(name) ?? []) used.push(records.reservations.get(key)!.version);
  return used;
}

function ticketOf(
  { index, row, lock, runKey, previous }: Runnable,
  {
    attempt,
    field,
    products,
    isRerun,
    reference,
  }: {
    readonly attempt: string;
    readonly field: TaskField;
    readonly products: readonly TicketProduct[];
    /** somebody asked for it: what is recorded of earlier runs does not count */
    readonly isRerun: boolean;
    readonly reference: MadeElsewhere | undefined;
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
    ...(previous === undefined ? {} : { previous }),
    products,
    ...(reference === undefined ? {} : { reference }),
    codeLock: { ...lock.codeLock },
    ...(timeout === undefined ? {} : { timeout }),
    ...(isRerun ? { reuse: false } : {}),
  };
}

/** A wave in which one task starts on ever new inputs would never let those below it run. */
function countStart(
  draft: Draft,
  look: Runnable,
): { readonly wave: WaveRecord; readonly inWave: NonNullable<TaskRecord['inWave']> } {
  const wave = openWaveOf(draft)!;
  const { last: attempt, inWave } = recordOf(draft, look);
  const last = attempt === undefined ? undefined : read(draft, 'runs', attempt);
  const again = isAgain(last, { wave: wave.id, lock: look.lock.hash });
  const before = inWave?.wave === wave.id ? inWave : { wave: wave.id, starts: 0, laps: [] };
  const starts = before.starts + (again ? 0 : 1);
  if (starts > startsInAWave && wave.cut === undefined)
    write(draft, 'waves', wave.id, { ...wave, cut: metaOf(draft).cursor });
  return { wave, inWave: { ...before, starts } };
}

function runOf(
  draft: Draft,
  look: Runnable,
  {
    attempt,
    products,
    wave,
    before,
    reference,
  }: {
    readonly attempt: string;
    readonly products: readonly TicketProduct[];
    readonly wave: WaveRecord;
    readonly before: RunRecord['lock'] | undefined;
    readonly reference: MadeElsewhere | undefined;
  },
): RunRecord {
  const { index, name, row, lock, runKey, previous } = look;
  const record = recordOf(draft, look);
  const replaced = replacedOf(draft, record);
  const because = becauseOf(record, { before, now: lock, replaced });
  return {
    attempt,
    runKey,
    index,
    task: name,
    taskVersion: row.version,
    wave: wave.id,
    cause: causeOf(record, because) ?? replaced?.cause ?? wave.cause,
    because,
    state: 'waiting',
    stale: false,
    lock: { hash: lock.hash, task: lock.task, direct: lock.direct, pins: lock.pins },
    ...(previous === undefined ? {} : { builtOn: previous }),
    ...(reference === undefined ? {} : { reference: { index: reference.index, attempt: reference.attempt } }),
    products,
    ...(record.last === undefined ? {} : { previous: record.last }),
    submittedAt: draft.at,
    ...waitsSince(replaced),
  };
}

/** The run that the task has its result from; in a child, where it has none of its own, the one it inherits. */
function lastResult(draft: Draft, { key, index, name }: Runnable): RunRecord | undefined {
  for (const place of nearnessOf(draft.projection, index).keys()) {
    const attempt = read(draft, 'tasks', place === index ? key : taskKey(place, name))?.success?.attempt;
    if (attempt !== undefined) return read(draft, 'runs', attempt);
  }
  return undefined;
}

/** What the task reads now that its last result was not made from. */
function becauseOf(
  record: TaskRecord,
  {
    before,
    now,
    replaced,
  }: {
    readonly before: RunRecord['lock'] | undefined;
    readonly now: Pick<RunLock, 'task' | 'direct'>;
    readonly replaced: RunRecord | undefined;
  },
): Because[] {
  const names = [now.task.name];
  for (const name in now.direct) names.push(name);
  for (const name in before?.direct) if (now.direct[name] === undefined) names.push(name);
  const others = names.filter((name) => versionIn(before, name) !== versionIn(now, name));
  if (others.length > 1) others.sort();
  return others.map((name) => {
    const [from, to] = [versionIn(before, name), versionIn(now, name)];
    // What woke it before the attempt that this one replaces woke this one too.
    const known = replaced?.because.find((one) => one.name === name && one.to === to);
    const seq = changeOf(record, name, to)?.seq ?? known?.seq;
    return {
      name,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(seq === undefined ? {} : { seq }),
    };
  });
}

function versionIn(lock: Pick<RunLock, 'task' | 'direct'> | undefined, name: string): string | undefined {
  if (lock === undefined) return undefined;
  if (lock.task.name === name) return lock.task.version;
  return Object.hasOwn(lock.direct, name) ? lock.direct[name] : undefined;
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
