/** How a task and a run stand, and what keeps a task from running. */
import type { IndexName } from '@pipl/packl';

export type TaskStatus =
  /** `known`: by the result of an earlier run with the same inputs, without a run */
  | { readonly is: 'clean'; readonly known?: true }
  /** the base that it comes from runs it: the same inputs there */
  | { readonly is: 'inherited'; readonly from: IndexName }
  | { readonly is: 'running'; readonly stale: boolean }
  | { readonly is: 'waiting'; readonly for: readonly string[] }
  /** lost by the machinery, tried again after; `quiet`: it waits until its inputs have rested */
  | { readonly is: 'backing-off'; readonly until: string; readonly quiet?: true }
  | { readonly is: 'blocked'; readonly by: readonly Blocker[] }
  | { readonly is: 'failed'; readonly attempt: string }
  /** withdrawn */
  | { readonly is: 'gone' };

export type Blocker =
  /** nothing satisfies: `versions` are those that exist */
  | {
      readonly is: 'missing';
      readonly name: string;
      readonly range: string;
      readonly from: string;
      readonly versions: readonly string[];
    }
  | { readonly is: 'failed'; readonly task: string; readonly attempt: string }
  | { readonly is: 'blocked'; readonly task: string }
  | { readonly is: 'cycle'; readonly task: string }
  /** by whom, and why; by `pipl` when it was the storm breaker */
  | { readonly is: 'paused'; readonly task: string; readonly by: string; readonly reason?: string };

export type RunStateName =
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'unchanged'
  | 'failed'
  | 'canceled'
  | 'lost'
  /** it was taken back before it began: what it would have read is no longer right */
  | 'superseded';
