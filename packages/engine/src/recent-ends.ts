/**
 * How the last runs ended, as it was read before others were told: they ask next, and an end is final. The folders
 * of the attempts are the truth; what is forgotten here is read there again.
 */
import type { Observation } from './engine.ts';

export interface RecentEnds {
  note(attempt: string, end: Observation): void;
  of(attempt: string): Observation | undefined;
}

const most = 100;

export function recentEnds(): RecentEnds {
  /** oldest first */
  const ends = new Map<string, Observation>();
  return {
    note(attempt, end) {
      if (ends.size >= most) ends.delete(ends.keys().next().value!);
      ends.set(attempt, end);
    },
    of: (attempt) => ends.get(attempt),
  };
}
