/** What would follow from something, as the HTTP API tells it: the runs of a wave that has not happened. */
import type { IndexName, Manifest, ThirdPartyLock } from '@pipl/packl';

/** One version that would come into an index. */
export interface PlanArrival {
  readonly manifest: Manifest;
  readonly integrity: string;
  readonly thirdParty?: ThirdPartyLock;
}

export interface PlanRequest {
  readonly index: IndexName;
  /** published there, in this order */
  readonly packls?: readonly PlanArrival[];
  /** `name@version` that stand in another index, promoted into this one */
  readonly promote?: readonly { readonly name: string; readonly version: string }[];
  /** tasks that run again and make something new */
  readonly tasks?: readonly string[];
  /** tasks that are assumed to make what they made before; all others make something new */
  readonly unchanged?: readonly string[];
  /** tasks that are assumed to fail */
  readonly fails?: readonly string[];
}

export interface PlannedRun {
  readonly task: string;
  readonly taskVersion: string;
  readonly index: IndexName;
  readonly engine: string;
  /** what it reads that its last result was not made from, and how it asks for it */
  readonly because: readonly {
    readonly name: string;
    readonly from?: string;
    readonly to?: string;
    readonly range?: string;
  }[];
  /** what the task itself asks for: name → version */
  readonly reads: Readonly<Record<string, string>>;
  /** reserved versions, and what is there now */
  readonly products: readonly {
    readonly name: string;
    readonly version: string;
    readonly before?: string;
  }[];
  /** absent where it reads what is yet to be made: nobody knows the content */
  readonly attempt?: string;
  /** an attempt that waits for a place now, and would be taken back */
  readonly replaces?: string;
  /** hash of the run lock; absent as `attempt` */
  readonly lock?: string;
  /** hash of the code lock */
  readonly codeLock: string;
  /** as the last runs of the task took; absent: its first run */
  readonly seconds?: number;
  /** seconds from now, first runs counted as nothing */
  readonly starts: number;
  readonly assumed: 'made' | 'unchanged' | 'failed';
}

/** In the order in which they start. */
export interface Plan {
  readonly index: IndexName;
  /** the last change that it knows of */
  readonly after: number;
  readonly arrivals: readonly { readonly name: string; readonly version: string }[];
  readonly runs: readonly PlannedRun[];
  /** tasks that resolve to something else then, and do not run */
  readonly stays: readonly { readonly task: string; readonly line: string }[];
  /** of the whole wave, first runs counted as nothing */
  readonly seconds: number;
  readonly firstRuns: number;
  /** runs that are under way already: the wave is played on from them */
  readonly underWay: number;
}
