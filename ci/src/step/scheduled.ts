/** Which tasks run again at times that their policy names: few of many, so they are kept beside the rest. */
import { taskOf } from '@pipl/packl';
import type { Place } from './place.ts';

export class Scheduled {
  /** by key of the task, the cron line */
  private readonly lines = new Map<string, string>();

  get size(): number {
    return this.lines.size;
  }

  [Symbol.iterator](): Iterator<[key: string, line: string]> {
    return this.lines.entries();
  }

  /** What a place shows of a task may be another row now. */
  note(place: Place, name: string): void {
    const row = place.task(name);
    const line = row === undefined ? undefined : taskOf(row.manifest)?.policy?.schedule;
    if (line !== undefined) this.lines.set(place.keyOf(name), line);
    else if (this.lines.size > 0) this.lines.delete(place.keyOf(name));
  }

  renew(places: readonly Place[]): void {
    this.lines.clear();
    for (const place of places) for (const { name } of place.tasks()) this.note(place, name);
  }
}
