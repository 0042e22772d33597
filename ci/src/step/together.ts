/**
 * Many steps of a play, settled together where that comes to the same.
 *
 * Most of what a run publishes starts nobody: who reads it still waits for another run. To look at such a task, with
 * its lock, after each of its inputs would be as much work as all the rest of a plan. So a task that is *held* is
 * put off until who holds it ends: another run that will bring something it asks for in its own manifest, or a task
 * of that kind that is held itself. Nothing but the end of that run can let it start, whatever its inputs are
 * meanwhile. All else is settled at once, and what was put off is settled before the play is over.
 *
 * What is left out are statuses on the way: causes that are told of a task are those of when it was looked at.
 */
import { productOf } from '@pipl/packl';
import type { Change, Row } from '@pipl/packl';
import { settleInTrial, stepInTrial, stepLaterInTrial } from './decide.ts';
import type { TrialStep } from './decide.ts';
import type { ChangeInput } from './feed.ts';
import { admits, asksOf } from './flow.ts';
import type { Place } from './place.ts';
import type { Live } from './state.ts';
import { isUnderWay } from './under-way.ts';
import type { Input } from './types.ts';
import { taskKey, taskOfKey, versionKey } from './types.ts';

/** How far up a chain of waiting tasks somebody is looked for who runs. */
const farthest = 20;

/** A task that is looked at later. */
interface PutOff {
  /** the attempt that holds it */
  holder: string | undefined;
  /** what came that it may read */
  readonly names: string[];
}

export class Together {
  private readonly live: Live;
  private readonly putOff = new Map<string, PutOff>();
  /** attempt → the tasks it holds */
  private readonly holds = new Map<string, string[]>();
  /** the last change that was put off */
  private last: ChangeInput | undefined;
  /** nothing is dirty but what was put off */
  private isSettled: boolean;

  constructor(live: Live) {
    this.live = live;
    const { dirty, stale, suspects } = live.lens;
    this.isSettled = dirty.size + stale.size + suspects.size === 0;
  }

  /** @returns one step or two */
  take(input: Input): readonly TrialStep[] {
    const { live, last } = this;
    if (this.isSettled && input.is === 'change' && (this.isProduct(input) || this.isResult(input))) {
      this.last = input;
      return [stepLaterInTrial(live, input, () => this.isDue(input))];
    }
    this.isSettled = true;
    const before: TrialStep[] = [];
    if (this.putOff.size > 0 && last !== undefined) {
      this.freeAll();
      before.push(settleInTrial(live, last));
    }
    return [...before, stepInTrial(live, input)];
  }

  /** A run publishes what it reserved, and nothing goes on that looks at more than who reads it. */
  private isProduct({ change: { op, index, name, version, run }, row }: ChangeInput): boolean {
    const { records, lens } = this.live;
    if (run === undefined || op !== 'publish' || row === undefined || !this.isOrdinary()) return false;
    const isReserved = records.reservations.get(versionKey(index, name, version))?.attempt === run;
    const isTask = lens.places.values().some((place) => place.task(name) !== undefined);
    return isReserved && !isTask && productOf(row.manifest) !== undefined;
  }

  /** A run ends that has the inputs its task has now: the task is at rest. */
  private isResult({ change: { op, run: attempt } }: ChangeInput): boolean {
    const { records, lens } = this.live;
    const run = attempt === undefined ? undefined : records.runs.get(attempt);
    if (op !== 'run' || run === undefined || !isUnderWay(run) || !this.isOrdinary()) return false;
    const key = taskKey(run.index, run.task);
    const task = records.tasks.get(key);
    return task?.attempt === attempt && task?.lock === run.lock.hash && !lens.stale.has(key);
  }

  private isOrdinary(): boolean {
    const { records, lens } = this.live;
    const { wave } = records.meta.get('reactor') ?? {};
    const open = wave === undefined ? undefined : records.waves.get(wave);
    if (open === undefined || open.cut !== undefined) return false;
    return records.held.size + lens.tallies.backingOff.size + lens.suspects.size === 0;
  }

  /** The change was taken: may it start somebody? Whoever it may start is dirty then. */
  private isDue({ change }: ChangeInput): boolean {
    const freed: string[] = [];
    let isDue = false;
    if (change.op === 'publish') this.came(change, freed);
    else isDue = this.ended(change.run!, freed);
    if (this.live.lens.tallies.underWay.size === 0) this.freeAll();
    else this.free(freed);
    return isDue || freed.length > 0;
  }

  private came({ index, name, run }: Change, freed: string[]): void {
    for (const key of this.live.lens.askersOf(index, name)) {
      const known = this.putOff.get(key);
      const one = known ?? { holder: this.hold(key, run), names: [] };
      one.names.push(name);
      if (known !== undefined) continue;
      this.putOff.set(key, one);
      if (one.holder === undefined) freed.push(key);
    }
  }

  /** @returns is there something to settle, whoever was freed? */
  private ended(attempt: string, freed: string[]): boolean {
    const { lens, records } = this.live;
    for (const key of this.holds.get(attempt) ?? []) {
      const one = this.putOff.get(key);
      if (one?.holder !== attempt) continue;
      one.holder = this.hold(key, attempt);
      if (one.holder === undefined) freed.push(key);
    }
    this.holds.delete(attempt);
    if (lens.tallies.underWay.size === 0) return true;
    const { index, task } = records.runs.get(attempt)!;
    const readers = lens.readersOf(taskKey(index, task));
    return readers.some(
      (key) => !this.putOff.has(key) && holderOf(this.live, key, { but: attempt }) === undefined,
    );
  }

  private hold(key: string, but: string | undefined): string | undefined {
    const { live, putOff } = this;
    const holder = holderOf(live, key, { but, putOff });
    if (holder === undefined) return undefined;
    const held = this.holds.get(holder);
    if (held === undefined) this.holds.set(holder, [key]);
    else held.push(key);
    return holder;
  }

  private free(freed: readonly string[]): void {
    if (freed.length === 0) return;
    const { lens } = this.live;
    const names = new Set<string>();
    for (const key of freed) {
      for (const name of this.putOff.get(key)!.names) names.add(name);
      this.putOff.delete(key);
    }
    lens.catchUp(names);
    for (const key of lens.dirty) if (this.putOff.has(key)) lens.dirty.delete(key);
    for (const key of freed) lens.dirty.add(key);
  }

  private freeAll(): void {
    const { lens } = this.live;
    lens.catchUp();
    for (const key of this.putOff.keys()) lens.dirty.add(key);
    this.putOff.clear();
    this.holds.clear();
  }
}

interface Asked {
  /** rather not this one: it ends first */
  readonly but: string | undefined;
  readonly putOff?: ReadonlyMap<string, PutOff>;
  readonly seen?: Set<string>;
}

/** The attempt without whose end a task cannot start, if there is one that is easily seen. */
function holderOf(live: Live, key: string, asked: Asked): string | undefined {
  const { lens, records } = live;
  const { index, name: task } = taskOfKey(key);
  const place = lens.places.get(index);
  const row = place?.task(task);
  if (place === undefined || row === undefined || mayBeInherited(lens, place, row)) return undefined;
  if (records.tasks.get(key)?.attempt !== undefined) return undefined;
  let holder: string | undefined;
  for (const { name, range } of asksOf(row.manifest).toReversed()) {
    for (const maker of place.makers(name)) {
      const found = holderThrough(live, { ...asked, key: place.keyOf(maker), name, range });
      if (found !== undefined && found !== asked.but) return found;
      holder ??= found;
    }
  }
  return holder;
}

function holderThrough(
  live: Live,
  {
    key,
    name,
    range,
    ...asked
  }: Asked & { readonly key: string; readonly name: string; readonly range: string },
): string | undefined {
  const { records } = live;
  const feeder = records.tasks.get(key);
  const attempt = feeder?.attempt;
  if (attempt !== undefined) {
    const { products } = records.runs.get(attempt)!;
    return products.some((one) => one.name === name && admits(range, one.version)) ? attempt : undefined;
  }
  const known = asked.putOff?.get(key)?.holder;
  const { seen = new Set<string>() } = asked;
  if (known !== undefined || feeder?.status.is !== 'waiting' || seen.has(key) || seen.size > farthest)
    return known;
  seen.add(key);
  return holderOf(live, key, { ...asked, seen });
}

/** Then it may stand below what runs elsewhere. */
const mayBeInherited = ({ places }: Live['lens'], place: Place, { index }: Row): boolean =>
  index !== place.index && place.nearness.keys().some((one) => one !== place.index && places.has(one));
