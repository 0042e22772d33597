/** What operators stop: a task, everything of an index, or everything. */
import type { IndexName } from '@pipl/packl';

/** Neither: the whole project. A task without an index: in every index. */
export interface Paused {
  readonly task?: string;
  readonly index?: IndexName;
}

export interface Pause extends Paused {
  /** a user's name, or `pipl`: the storm breaker */
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
}
