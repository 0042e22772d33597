/**
 * What a handled index shows, kept up to date change by change: its view, the index of its tasks, and who makes what.
 */
import { openLiveView, openTaskIndex, resolveTask, taskOf } from '@pipl/packl';
import type { IndexName, LiveView, Resolution, Row, TagRow, TaskIndex, Wish } from '@pipl/packl';
import type { Projection } from './projection.ts';
import { byName, isTask, nearnessOf, productsOf } from './shown.ts';
import type { Nearness, Shown } from './shown.ts';
import type { ProjectionWrite } from './types.ts';
import { taskKey } from './types.ts';

/** What a change did to a place: names of its tasks. */
export interface Stir {
  /** that came, went, read something else than before, or still miss something */
  readonly inputs: ReadonlySet<string>;
  /** whose current row is another, whatever it reads */
  readonly row: string | undefined;
  /** products that others make than before */
  readonly products: readonly string[];
}

const nobody: ReadonlySet<string> = new Set();
const nothing: readonly string[] = [];
export const calm: Stir = { inputs: nobody, row: undefined, products: nothing };

export class Place implements Shown {
  readonly index: IndexName;
  readonly view: LiveView;
  readonly nearness: Nearness;
  private readonly taskIndex: TaskIndex;
  /** each task's row as of the last change */
  private readonly rows = new Map<string, Row>();
  /** task → its key: put together anew, a key is hashed anew whenever something is looked up by it */
  private readonly keys = new Map<string, string>();
  /** names of which the index of tasks was not told yet */
  private readonly behind = new Set<string>();
  private readonly makersOf = new Map<string, readonly string[]>();
  /** packl → the keys of its askers, since the index of tasks was told of something */
  private readonly asked = new Map<string, readonly string[]>();

  constructor(projection: Projection, index: IndexName) {
    this.index = index;
    this.nearness = nearnessOf(projection, index);
    this.view = openLiveView(index, projection.indexes);
    for (const rows of projection.rows.values()) for (const row of rows.values()) this.view.put(row);
    for (const tags of projection.tags.values()) for (const tag of tags.values()) this.view.setTag(tag);
    this.taskIndex = openTaskIndex(this.view);
    for (const row of this.taskIndex.tasks()) this.renew(row.name);
  }

  keyOf(name: string): string {
    const known = this.keys.get(name);
    if (known !== undefined) return known;
    const key = taskKey(this.index, name);
    this.keys.set(name, key);
    return key;
  }

  task(name: string): Row | undefined {
    return this.taskIndex.task(name);
  }

  tasks(): readonly Row[] {
    return [...this.rows.values()].toSorted(byName);
  }

  makers(product: string): readonly string[] {
    return this.makersOf.get(product) ?? nothing;
  }

  /** The products that a task makes; now and then one twice. */
  made(name: string): readonly string[] {
    const task = this.taskIndex.task(name);
    return task === undefined ? nothing : Object.values(taskOf(task.manifest)!.products);
  }

  resolve(task: Row): Resolution {
    const isCurrent = this.taskIndex.task(task.name) === task;
    return (isCurrent ? this.taskIndex.resolve(task.name) : undefined) ?? resolveTask(this.view, task);
  }

  /** Everything that a task reads, itself first; of one that misses something, as far as it goes. */
  closure(name: string): readonly Row[] {
    return this.taskIndex.closure(name);
  }

  /** What each packl of the closure asks for. */
  wishes(name: string): readonly (readonly Wish[])[] {
    return this.taskIndex.wishes(name);
  }

  isMissing(name: string): boolean {
    return this.taskIndex.isMissing(name);
  }

  /** The tasks that ask for the name, or read what asks for it. */
  askers(name: string): Iterable<string> {
    return this.taskIndex.askers(name);
  }

  /** The same, by their keys. */
  askerKeys(name: string): readonly string[] {
    const known = this.asked.get(name);
    if (known !== undefined) return known;
    const keys = Array.from(this.taskIndex.askers(name), (task) => this.keyOf(task));
    this.asked.set(name, keys);
    return keys;
  }

  /** A row or a tag changed. @param name whose; @param before the row or tag that was there */
  show(write: ProjectionWrite & { readonly table: 'rows' | 'tags' }, before: ProjectionWrite['value']): Stir {
    const told = write.value ?? before;
    if (told === undefined || !('index' in told) || !this.nearness.has(told.index)) return calm;
    const { name } = told;
    if (this.asked.size > 0) this.asked.clear();
    const inputs = this.taskIndex.changed(name, this.put(write, told));
    const isSame = this.rows.get(name) === this.taskIndex.task(name);
    return isSame
      ? { inputs, row: undefined, products: nothing }
      : { inputs, row: name, products: this.renew(name) };
  }

  /** The same, of one of many writes: until {@link catchUp}, tasks that read the name are told as they were. */
  showLater(
    write: ProjectionWrite & { readonly table: 'rows' | 'tags' },
    before: ProjectionWrite['value'],
  ): void {
    const told = write.value ?? before;
    if (told === undefined || !('index' in told) || !this.nearness.has(told.index)) return;
    this.put(write, told);
    this.behind.add(told.name);
  }

  /**
   * @param only these names, whatever else was shown
   * @returns what the inputs of tasks are otherwise, and each name whose row is another
   */
  catchUp(only: Iterable<string> = [...this.behind]): readonly Stir[] {
    const names = new Set<string>();
    for (const name of only) if (this.behind.delete(name)) names.add(name);
    if (names.size === 0) return [];
    if (this.asked.size > 0) this.asked.clear();
    const stirs: Stir[] = [{ inputs: this.taskIndex.changedAll(names), row: undefined, products: nothing }];
    for (const name of names)
      if (this.rows.get(name) !== this.taskIndex.task(name))
        stirs.push({ inputs: nobody, row: name, products: this.renew(name) });
    return stirs;
  }

  /** @returns the version that came, if that is all that happened */
  private put(
    write: ProjectionWrite & { readonly table: 'rows' | 'tags' },
    told: Row | TagRow,
  ): Row | undefined {
    if (write.table === 'rows') {
      if (write.value === undefined) this.view.remove(told as Row);
      else if (this.view.put(write.value)) return write.value;
    } else if (write.value === undefined)
      this.view.clearTag(told as { index: IndexName; name: string; tag: string });
    else this.view.setTag(write.value);
    return undefined;
  }

  /** @returns products whose makers are others now */
  private renew(name: string): readonly string[] {
    const before = this.rows.get(name);
    const now = this.taskIndex.task(name);
    if (isTask(now)) this.rows.set(name, now);
    else this.rows.delete(name);
    if (before?.manifest === now?.manifest) return nothing;
    const made = before === undefined ? [] : productsOf(before);
    const makes = now === undefined ? [] : productsOf(now);
    const left = made.filter((product) => !makes.includes(product));
    const joined = makes.filter((product) => !made.includes(product));
    for (const product of left) {
      const makers = this.makers(product).filter((one) => one !== name);
      if (makers.length === 0) this.makersOf.delete(product);
      else this.makersOf.set(product, makers);
    }
    for (const product of joined) this.makersOf.set(product, [...this.makers(product), name].toSorted());
    return [...left, ...joined];
  }
}
