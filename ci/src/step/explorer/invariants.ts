/**
 * What must hold after every single input, whatever happened before. Told by other means than the step's own
 * where that is affordable.
 */
import { compareVersions, pinPrevious, taskOf } from '@pipl/packl';
import type { Row } from '@pipl/packl';
import { isUnderWay, pinsOf } from '../under-way.ts';
import type { Advance } from '../decide.ts';
import { pauseOf } from '../pause.ts';
import { currentIn, shownIn } from '../shown.ts';
import type { Live } from '../state.ts';
import type { ReservationRecord, RunRecord, TaskRecord } from '../types.ts';
import { taskKey, versionKey } from '../types.ts';
import { hashIn, troubleAbove } from './above.ts';

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
    else if (write.table === 'tasks') {
      const { before, value } = write;
      checkTask(state, value!);
      const { status, success } = value!;
      if (status.is === 'clean' && status.known && success !== before?.success) checkKnown(state, value!);
    } else
      isTaken ||= write.table === 'indexes' || (write.table === 'rows' && write.value?.withdrawn === true);
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
  for (const pin of pinsOf(run)) {
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
    hashIn(state, run.index, run.task) !== run.lock.hash,
    `${run.task} starts with inputs that are not those it resolves to`,
  );
  const paused = pauseOf(state, { index: run.index, name: run.task });
  deny(paused !== undefined, `${run.task} starts though ${paused?.by} paused it`);
  const trouble = troubleAbove(state, run);
  deny(trouble !== undefined, `${run.task} starts though ${trouble}`);
  checkOwnBefore(state, run);
  if (run.reference !== undefined) checkReference(state, run);
  else if (state.lens.places.size > 1) checkNotMade(state, run);
}

/** What has waited begins: would it start now, too? */
export function checkBegun(state: Live, run: RunRecord): void {
  const { task, index, superseding, lock } = run;
  const isRight = superseding === undefined && hashIn(state, index, task) === lock.hash;
  deny(!isRight, `${task} begins though it was to be taken back`);
  const trouble = run.reference === undefined ? troubleAbove(state, run) : undefined;
  deny(trouble !== undefined, `${task} begins though ${trouble}`);
}

/** A task that asks for its own last products reads what is there when it starts, and no key is used for another. */
function checkOwnBefore(state: Live, run: RunRecord): void {
  const shown = shownIn(state, run.index);
  const now = pinPrevious(shown.view, taskOf(shown.task(run.task)!.manifest)!);
  deny(
    JSON.stringify(now) !== JSON.stringify(run.builtOn),
    `${run.task} starts with what it made before: ${JSON.stringify(run.builtOn)}, not ${JSON.stringify(now)}`,
  );
  const first = state.records.runs.get(`${run.runKey}.1`)!;
  const bytes = ({ builtOn }: RunRecord) => JSON.stringify(builtOn?.map(({ integrity }) => integrity));
  deny(bytes(first) !== bytes(run), `${run.attempt} has the key of a run with other products before it`);
}

/** What a run of the same key published elsewhere, and what would be picked here, is not made again. */
function checkNotMade(state: Live, run: RunRecord): void {
  const others = othersOfKey(state, run);
  if (others.some((other) => triedToShow(run, other))) return;
  for (const other of others) {
    const { published = [], unchanged = [] } = other.outcome ?? {};
    if (other.index === run.index || published.length === 0 || unchanged.length > 0) continue;
    deny(
      published.every((made) => isFit(state, run, { index: other.index, ...made })),
      `${run.task} runs in ${run.index} though ${other.attempt} has made the same elsewhere`,
    );
  }
}

const othersOfKey = ({ records }: Live, run: RunRecord): RunRecord[] =>
  [...records.runs.values()].filter((one) => one.runKey === run.runKey && one !== run);

const triedToShow = (run: RunRecord, { index, reference }: RunRecord): boolean =>
  index === run.index && reference !== undefined;

/** What is shown is what a run of the key made, once, and becomes what is picked. */
function checkReference(state: Live, run: RunRecord): void {
  const others = othersOfKey(state, run);
  const again = others.find((other) => triedToShow(run, other));
  deny(again !== undefined, `${run.task} is shown by reference again, after ${again?.attempt}`);
  const { index, attempt, products } = state.records.tickets.get(run.attempt)!.reference!;
  deny(!others.some((other) => other.attempt === attempt), `${attempt} is not of the key of ${run.attempt}`);
  for (const { name, version } of run.products) {
    const made = products.find((one) => one.name === name && one.version === version);
    const isRight = made !== undefined && isFit(state, run, { ...made, index });
    deny(!isRight, `${run.task} shows ${name}@${version} of ${index}, which is not to be shown`);
  }
}

function isFit(
  { records, projection, lens }: Live,
  run: RunRecord,
  { index, name, version, integrity }: Pick<Row, 'index' | 'name' | 'version'> & { integrity?: string },
): boolean {
  const rows = projection.rows.get(name);
  const there = rows?.get(versionKey(index, name, version));
  const isWhole =
    there !== undefined &&
    there.integrity === integrity &&
    there.withdrawn !== true &&
    there.deprecated === undefined;
  const key = versionKey(run.index, name, version);
  const reserved = records.reservations.get(key);
  const isUsed =
    rows?.has(key) === true ||
    records.held.has(`rows ${key}`) ||
    (reserved !== undefined && reserved.attempt !== run.attempt);
  const now = currentIn(lens.places.get(run.index)!, name);
  return isWhole && !isUsed && (now === undefined || compareVersions(version, now.version) > 0);
}

/** A result that is taken as known is what whoever asks gets: the same bytes, or the same content. */
function checkKnown(state: Live, { index, name, success }: TaskRecord): void {
  const { outcome } = state.records.runs.get(success!.attempt)!;
  for (const made of outcome?.published ?? []) {
    const rows = state.projection.rows.get(made.name);
    const row = rows?.values().find(({ integrity }) => integrity === made.integrity);
    const now = currentIn(state.lens.places.get(index)!, made.name);
    const isThere = now !== undefined && row !== undefined && contentOf(now) === contentOf(row);
    deny(!isThere, `${name} counts as made, but ${made.name}@${now?.version} is not what it made`);
  }
}

const contentOf = ({ integrity, manifest }: Row): string =>
  manifest.pipl?.kind === 'product' ? JSON.stringify(manifest.pipl) : integrity;
