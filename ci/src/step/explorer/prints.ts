/**
 * Tells whole states apart: two worlds have the same print exactly if their reactors, registries, engines and what
 * is still to be done are the same, down to the order of the records. What a lens remembers is not part of it: it
 * follows from the rest.
 *
 * Every record is turned into JSON once, as a database would keep it; prints are made of the numbers of these texts.
 * Good for one family of worlds: numbers are forgotten with it.
 */
import type { Change } from '@pipl/packl';
import { recordTables } from '../types.ts';
import type { StoredRecord } from '../types.ts';
import type { Watched } from './watched.ts';

interface Kept {
  readonly id: number;
  readonly text: string;
  /** what is read again from the text */
  copy?: object;
}

export class Prints {
  private readonly texts = new Map<string, Kept>();
  private readonly known = new WeakMap<object, Kept>();

  /** Of the world, without its place in the schedule. @param kept of what a crash leaves of it */
  of(world: Watched, kept = this.ofKept(world)): string {
    const { engine, effects, gaveUp, starts, state } = world;
    let print = `${kept}|`;
    for (const named of state.projection.rows.values())
      for (const row of named.values()) print += `${this.kept(row).id} `;
    print += '|';
    for (const named of state.projection.tags.values())
      for (const tag of named.values()) print += `${this.kept(tag).id} `;
    print += '|';
    for (const run of engine.values()) print += `${this.kept(run.ticket).id} ${this.kept(run.state).id} `;
    print += '|';
    for (const effect of effects) print += `${this.kept(effect).id} `;
    if (starts === undefined && gaveUp.size === 0) return `${print}|${world.waited}`;
    const told = [...gaveUp].toSorted().join();
    const began = starts === undefined ? '-' : [...starts].map(String).toSorted().join();
    return `${print}|${world.waited}|${this.textOf(`${told} | ${began}`).id}`;
  }

  /** Of what a crash leaves: records and registry. */
  ofKept({ state, history }: Watched): string {
    let print = `${history}`;
    for (const table of recordTables) {
      print += '|';
      for (const value of state.records[table].values()) print += `${this.kept(value).id} `;
    }
    return print;
  }

  /** What a database gives back of the records. */
  reread({ state }: Watched): StoredRecord[] {
    return recordTables.flatMap((table) =>
      [...state.records[table]].map(([key, value]) => ({ table, key, value: this.copyOf(value) })),
    );
  }

  /** The number of a history of the registry: the one before, and what happened then. */
  historyAfter(before: number, change: Change, row: object | undefined): number {
    return this.textOf(`${before} ${JSON.stringify(change)} ${row === undefined ? '' : this.kept(row).id}`)
      .id;
  }

  private copyOf(value: object): object {
    const kept = this.kept(value);
    if (kept.copy === undefined) {
      kept.copy = JSON.parse(kept.text) as object;
      this.known.set(kept.copy, kept);
    }
    return kept.copy;
  }

  private kept(value: object): Kept {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    const kept = this.textOf(JSON.stringify(value));
    this.known.set(value, kept);
    return kept;
  }

  private textOf(text: string): Kept {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    const kept = { id: this.texts.size, text };
    this.texts.set(text, kept);
    return kept;
  }
}
