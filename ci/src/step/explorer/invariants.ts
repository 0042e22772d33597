/**
 * What must hold after every single input, whatever happened before. Told by other means than the step's own
 * where that is affordable: straight recursion instead of remembered answers.
 */
import { isUnderWay } from '../under-way.ts';
import type { Advance } from '../decide.ts';
import { admits } from '../flow.ts';
import { shownIn } from '../shown.ts';
import type { Live } from '../state.ts';
import type { ReservationRecord, RunRecord, TaskRecord } from '../types.ts';
import { taskKey } from '../types.ts';
import { project } from './world.ts';

export class Violation extends Error {}

const deny = (broken: boolean, what: string): void => {
  if (broken) throw new Violation(what);
};

/** What a step is looked at with. */
export interface Watch {
  readonly started: (run: RunRecord) => void;
}

/** Holds after every step: what it wrote is looked at, and what that may contradict. */
export function checkStep(state: Live, { writes }: Advance, watch: Watch): void {
  let isTaken = false;
  for (const write of writes) {
    if (write.table === 'runs') checkRun(state, { old: write.before, run: write.value! }, watch);
    else if (write.table === 'reservations' && write.value !== undefined)
      checkReservation(state, write.value);
    else if (write.table === 'tickets' && write.value !== undefined)
      needUnderWay(state, write.key, 'a ticket');
    else if (write.table === 'tasks') checkTask(state, write.value!);
    else isTaken ||= write.table === 'indexes' || (write.table === 'rows' && write.value?.withdrawn === true);
  }
  if (isTaken)
    for (const attempt of state.records.tickets.keys()) checkPins(state, state.records.runs.get(attempt)!);
}

/** Holds in every state: told of all of it, not of what a step wrote. */
export function checkState(state: Live): void {
  const { tasks, runs, tickets, reservations } = state.records;
  const underWay = [...runs.values()].filter(isUnderWay);
  deny(tickets.size !== underWay.length, 'a run has no ticket, or a ticket no run');
  for (const run of underWay) {
    const { attempt } = tasks.get(taskKey(run.index, run.task))!;
    deny(attempt !== run.attempt, `${run.attempt} is under way, and is not the attempt of ${run.task}`);
    checkPins(state, run);
  }
  for (const task of tasks.values()) checkTask(state, task);
  for (const reservation of reservations.values()) checkReservation(state, reservation);
}

function checkRun(
  state: Live,
  { old, run }: { readonly old: RunRecord | undefined; readonly run: RunRecord },
  { started }: Watch,
): void {
  const { attempt } = run;
  if (old === undefined) {
    if (isUnderWay(run)) checkStart(state, run);
    started(run);
  } else if (!isUnderWay(old)) {
    const admitted = old.outcome === undefined && run.outcome !== undefined;
    deny(old.state !== run.state && !admitted, `${attempt} ended as ${old.state}, then as ${run.state}`);
  }
  if (isUnderWay(run)) return;
  deny(state.records.tickets.has(attempt), `a ticket outlives ${attempt}`);
  for (const reservation of state.records.reservations.values())
    deny(reservation.attempt === attempt, `${reservation.name} is reserved by ${attempt}, which is over`);
}

function checkTask({ records }: Live, { name, attempt }: TaskRecord): void {
  const run = attempt === undefined ? undefined : records.runs.get(attempt);
  deny(
    attempt !== undefined && (run === undefined || !isUnderWay(run)),
    `${name} has a run that is over: ${attempt}`,
  );
}

const checkReservation = (state: Live, { name, version, attempt }: ReservationRecord): void =>
  needUnderWay(state, attempt, `a reservation of ${name}@${version}`);

function needUnderWay({ records }: Live, attempt: string, what: string): void {
  const run = records.runs.get(attempt);
  deny(run === undefined || !isUnderWay(run), `${what} is for ${attempt}, which is over`);
}

function checkPins(state: Live, run: RunRecord): void {
  const { view } = shownIn(state, run.index);
  for (const pin of Object.keys(run.lock.pins)) {
    const at = pin.indexOf('@', 1);
    const version = pin.slice(at + 1);
    const isThere = view.versions(pin.slice(0, at)).some((row) => row.version === version);
    deny(!isThere, `${run.task} goes on with ${pin}, which was withdrawn`);
  }
}

/** Nothing starts under an ancestor that is unsettled or failed; failed inputs do not start again. */
function checkStart(state: Live, run: RunRecord): void {
  checkPins(state, run);
  deny(
    hashIn(state, run.task) !== run.lock.hash,
    `${run.task} starts with inputs that are not those it resolves to`,
  );
  const trouble = troubleAbove(state, run.task, 0);
  deny(trouble !== undefined, `${run.task} starts though ${trouble}`);
}

/** What the task's inputs are, by its record: whether that is right is asked at rest, from scratch. */
export const hashIn = ({ records }: Live, task: string): string | undefined =>
  records.tasks.get(taskKey(project, task))?.lock;

function troubleAbove(state: Live, task: string, depth: number): string | undefined {
  const place = state.lens.places.get(project)!;
  if (depth > 40) return 'it feeds itself';
  for (const { manifest } of place.closure(task)) {
    for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
      for (const maker of place.makers(name)) {
        const trouble = troubleWith(state, maker, { name, range }) ?? troubleAbove(state, maker, depth + 1);
        if (trouble !== undefined) return trouble;
      }
    }
  }
  return undefined;
}

function troubleWith(
  state: Live,
  maker: string,
  { name, range }: { readonly name: string; readonly range: string },
): string | undefined {
  const record: TaskRecord | undefined = state.records.tasks.get(taskKey(project, maker));
  const hash = hashIn(state, maker);
  if (record === undefined) return `${maker} is unknown`;
  if (record.attempt !== undefined) {
    const run = state.records.runs.get(record.attempt)!;
    if (run.lock.hash !== hash) return `${maker} runs on inputs that are no longer right`;
    return run.products.some((one) => one.name === name && admits(range, one.version))
      ? `${maker} will make ${name}`
      : undefined;
  }
  if (hash === undefined) return `${maker} has no inputs`;
  if (record.success?.lock === hash) return undefined;
  return record.failed[hash] === undefined ? `${maker} is not up to date` : `${maker} failed`;
}
