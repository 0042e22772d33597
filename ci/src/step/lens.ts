/**
 * What follows from a state, kept beside it so that a decision looks only at what its input may have changed: what
 * each handled index shows, what the records count up to, answers that still hold, and whom to look at again.
 *
 * Everything here can be made again from the state (`load` does), and whatever is told twice is only looked at
 * twice: forgetting is always safe, remembering never.
 */
import type { IndexName, Resolution } from '@pipl/packl';
import { inThisOrder } from './in-this-order.ts';
import { Place } from './place.ts';
import type { Stir } from './place.ts';
import { project } from './projection.ts';
import { Scheduled } from './scheduled.ts';
import type { Projection } from './projection.ts';
import { Tallies } from './tallies.ts';
import type { Feeder, Verdict } from './flow.ts';
import { taskOfKey } from './types.ts';
import type { ProjectionWrite, Records, RecordTable, RecordWrite, TaskRecord } from './types.ts';

/** Answers about one task; each holds until it is forgotten. */
interface Answers {
  resolution: Resolution | undefined;
  /** who makes what it reads */
  feeders: readonly Feeder[] | undefined;
  /** what stands above it */
  verdict: Verdict | undefined;
}

const noAnswers: Answers = { resolution: undefined, feeders: undefined, verdict: undefined };
const nobody: ReadonlyMap<string, Answers> = new Map();

/** A version of the rules of resolving and waiting: with another, every task is looked at again once. */
const rulesVersion = 2;

export class Lens {
  readonly records: Records;
  readonly projection: Projection;
  readonly tallies: Tallies;
  places: ReadonlyMap<IndexName, Place>;
  readonly scheduled = new Scheduled();
  /** tasks to look at again, by key */
  readonly dirty = new Set<string>();
  /** those of which the record may not say any more what their inputs are */
  readonly stale = new Set<string>();
  /** attempts that may read something that is gone */
  readonly suspects = new Set<string>();
  private answers = new Map<string, Answers>();
  /** during a trial, the answers of before it: it adds its own, and forgets those instead */
  private under = nobody;
  /** during a trial: tables of which something was deleted, and in which order their records stood */
  private orders: Map<RecordTable, readonly string[]> | undefined;
  /** index → the handled indexes that inherit it */
  private heirs = new Map<IndexName, readonly Place[]>();
  /** index → the handled indexes that it inherits */
  private bases = new Map<IndexName, readonly Place[]>();

  constructor(records: Records, projection: Projection) {
    this.records = records;
    this.projection = projection;
    this.tallies = new Tallies(records, projection.handlers);
    this.places = this.openPlaces();
    this.doubt();
  }

  /** The handlers and rules that statuses are judged by now. */
  get judged(): string {
    return `${rulesVersion} ${this.projection.handlers.join(' ')}`;
  }

  /** Changes what the registry shows. @returns the write that takes it back */
  show(write: ProjectionWrite): ProjectionWrite {
    const back = project(this.projection, write);
    if (write.table === 'indexes') {
      this.places = this.openPlaces();
      this.doubtAll();
    } else for (const place of this.places.values()) this.stir(place, place.show(write, back.value));
    return back;
  }

  /** The same of a row or a tag, of which nobody is told before {@link catchUp}. */
  showLater(write: ProjectionWrite & { readonly table: 'rows' | 'tags' }): ProjectionWrite {
    const back = project(this.projection, write);
    for (const place of this.places.values()) place.showLater(write, back.value);
    return back;
  }

  /** @param names of what was shown, all of it when left out */
  catchUp(names?: Iterable<string>): void {
    for (const place of this.places.values()) for (const stir of place.catchUp(names)) this.stir(place, stir);
  }

  /** Takes writes back, the newest first; what the registry then shows is looked at once, at the end. */
  takeBack(writes: Iterable<ProjectionWrite | RecordWrite>): void {
    for (const write of writes) {
      if (write.table === 'rows' || write.table === 'tags') this.showLater(write);
      else if (write.table === 'indexes') this.show(write);
      else this.put(write);
    }
    this.catchUp();
  }

  /**
   * Begins what will be taken back, all of it.
   * @returns takes it back, with these writes: then nothing is in doubt that was not before
   */
  beginTrial(): (writes: Iterable<ProjectionWrite | RecordWrite>) => void {
    const { answers, under } = this;
    if (under !== nobody) throw new Error('A trial within a trial cannot be taken back by itself.');
    const doubts = [this.dirty, this.stale, this.suspects].map((set) => ({ set, before: [...set] }));
    this.under = answers;
    this.answers = new Map();
    const orders = (this.orders = new Map<RecordTable, readonly string[]>());
    return (writes) => {
      this.orders = undefined;
      this.takeBack(writes);
      for (const [table, keys] of orders) inThisOrder(this.records[table] as Map<string, unknown>, keys);
      this.answers = answers;
      this.under = nobody;
      for (const { set, before } of doubts) {
        set.clear();
        for (const one of before) set.add(one);
      }
    };
  }

  /** Who reads what this may have taken away? A version that came, or is another, takes nothing away. */
  suspect({ table, key, value }: ProjectionWrite): void {
    if (table !== 'rows' || (value !== undefined && value.withdrawn !== true)) return;
    const pin = key.slice(key.indexOf(' ') + 1);
    for (const attempt of this.tallies.underWay) {
      const { lock, builtOn } = this.records.runs.get(attempt)!;
      if (pin in lock.pins || builtOn?.some(({ name, version }) => `${name}@${version}` === pin) === true)
        this.suspects.add(attempt);
    }
  }

  /** Changes a record. @returns the write that takes it back */
  put(write: RecordWrite): RecordWrite {
    const { table, key, value: after } = write;
    // The one place that writes what everybody else reads.
    const map = this.records[table] as Map<string, unknown>;
    const before = map.get(key);
    if (after === undefined) {
      // What is put back comes last in a map.
      if (this.orders?.has(table) === false) this.orders.set(table, [...map.keys()]);
      map.delete(key);
    } else map.set(key, after);
    const back = { table, key, value: before } as RecordWrite;
    this.tallies.note(write, back);
    if (write.table === 'tasks') this.noteTask(key, before as TaskRecord | undefined, write.value);
    return back;
  }

  /** Forgets what may be otherwise, and looks at it again: all of what is remembered of a task. */
  doubtTask(key: string): void {
    this.dirty.add(key);
    this.stale.add(key);
    if (this.under.has(key)) this.answers.set(key, { ...noAnswers });
    else this.answers.delete(key);
  }

  of(key: string): Answers {
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const fresh: Answers = { ...(this.under.get(key) ?? noAnswers) };
    this.answers.set(key, fresh);
    return fresh;
  }

  /**
   * Forgets the verdicts on what stands below these tasks.
   * @returns the tasks whose verdict was forgotten
   */
  forgetBelow(keys: Iterable<string>): Set<string> {
    const forgotten = new Set<string>();
    const waiting = [...keys];
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      for (const reader of this.readersOf(key)) {
        const known = this.answers.get(reader) ?? this.under.get(reader);
        if (known?.verdict === undefined) continue;
        this.of(reader).verdict = undefined;
        forgotten.add(reader);
        waiting.push(reader);
      }
    }
    return forgotten;
  }

  /** The tasks that read what a task makes, in its index and in its children: it is shown there too. */
  readersOf(key: string): readonly string[] {
    const { index, name } = taskOfKey(key);
    const made = this.places.get(index)?.made(name) ?? [];
    return made.length === 1
      ? this.askersOf(index, made[0]!)
      : made.flatMap((one) => this.askersOf(index, one));
  }

  /** The handled indexes that an index inherits, the nearest first. */
  basesOf(index: IndexName): readonly Place[] {
    return this.bases.get(index) ?? [];
  }

  /** The same task in the children that have made something of their own: see `look.ts`. */
  heirsOf(key: string): string[] {
    if (this.places.size === 1) return [];
    const { index, name } = taskOfKey(key);
    return (this.heirs.get(index) ?? [])
      .filter((heir) => heir.index !== index && heir.task(name) !== undefined)
      .map((heir) => heir.keyOf(name))
      .filter((heir) => this.records.tasks.get(heir)?.success !== undefined);
  }

  /** The tasks that may read a packl of this index. */
  askersOf(index: IndexName, name: string): readonly string[] {
    const heirs = this.heirs.get(index) ?? [];
    return heirs.length === 1 ? heirs[0]!.askerKeys(name) : heirs.flatMap((place) => place.askerKeys(name));
  }

  private noteTask(key: string, before: TaskRecord | undefined, after: TaskRecord | undefined): void {
    const isSame =
      before !== undefined &&
      after !== undefined &&
      before.attempt === after.attempt &&
      before.success === after.success &&
      before.failed === after.failed &&
      before.tries === after.tries &&
      before.again === after.again;
    if (!isSame) this.dirty.add(key);
    if (before?.lock !== after?.lock) this.stale.add(key);
    // Whether a child goes on with what its base has made depends on what that is.
    if (before?.success !== after?.success) for (const heir of this.heirsOf(key)) this.dirty.add(heir);
  }

  private stir(place: Place, { inputs, row, products }: Stir): void {
    if (inputs.size === 0 && row === undefined) return;
    for (const name of inputs) this.doubtIn(place, name);
    if (row !== undefined) {
      this.doubtIn(place, row);
      this.scheduled.note(place, row);
    }
    for (const product of products)
      for (const heir of this.heirs.get(place.index)!)
        for (const name of heir.askers(product)) this.doubtIn(heir, name);
  }

  /** With what the children inherit of it: whether they do depends on both. */
  private doubtIn(place: Place, name: string): void {
    this.doubtTask(place.keyOf(name));
    for (const heir of this.heirs.get(place.index) ?? [])
      if (heir !== place && heir.task(name) !== undefined) this.dirty.add(heir.keyOf(name));
  }

  private openPlaces(): ReadonlyMap<IndexName, Place> {
    const { projection } = this;
    const places = projection.handlers.map((index) => new Place(projection, index));
    const inherited = new Set(places.flatMap(({ nearness }) => [...nearness.keys()]));
    this.heirs = new Map(
      [...inherited].map((index) => [index, places.filter(({ nearness }) => nearness.has(index))]),
    );
    this.bases = new Map(
      places.map(({ index, nearness }) => [
        index,
        places
          .filter((base) => base.index !== index && nearness.has(base.index))
          .toSorted((a, b) => nearness.get(a.index)! - nearness.get(b.index)!),
      ]),
    );
    this.scheduled.renew(places);
    return new Map(places.map((place) => [place.index, place]));
  }

  /** What the records do not vouch for, and those whose verdict has to be known to see it change. */
  private doubt(): void {
    const { early } = this.projection;
    for (const [key, { index, status, attempt = '' }] of this.records.tasks) {
      const isOpen = status.is === 'waiting' || status.is === 'blocked';
      const isWaiting = this.records.runs.get(attempt)?.state === 'waiting';
      if ((isOpen || isWaiting) && this.places.has(index)) this.dirty.add(key);
    }
    const judged = this.records.meta.get('reactor')?.judged;
    if (early === 'everything' || judged !== this.judged) return this.doubtAll();
    for (const place of this.places.values()) {
      for (const name of early) {
        this.doubtIn(place, name);
        for (const asker of place.askers(name)) this.doubtIn(place, asker);
      }
    }
  }

  private doubtAll(): void {
    this.answers.clear();
    this.under = nobody;
    for (const place of this.places.values())
      for (const { name } of place.tasks()) this.doubtTask(place.keyOf(name));
    for (const [key, { index }] of this.records.tasks) if (this.places.has(index)) this.doubtTask(key);
    for (const attempt of this.tallies.underWay) this.suspects.add(attempt);
  }
}
