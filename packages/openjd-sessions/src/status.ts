/**
 * The words for what an action and a session are doing. Only types: who changes
 * them is `action-run.ts` and `session.ts`.
 */

/** One action: RUNNING, then exactly one of the others. */
export type ActionState = 'RUNNING' | 'CANCELED' | 'TIMEOUT' | 'FAILED' | 'SUCCESS';

/** What is known about the running, or the last, action. */
export interface ActionStatus {
  readonly state: ActionState;
  /** Percent, 0 to 100, from the last `openjd_progress`. */
  readonly progress?: number;
  /** From the last `openjd_status`. */
  readonly statusMessage?: string;
  /** From the last `openjd_fail`, or why the session failed the action itself. */
  readonly failMessage?: string;
  /** Absent when no process was started. Minus N when signal N ended the process. */
  readonly exitCode?: number;
}

/**
 * READY: anything may start. RUNNING: one action at a time. CANCELING: it was told
 * to stop. READY_ENDING: environments can only be left. ENDED: cleaned up.
 */
export type SessionState = 'READY' | 'RUNNING' | 'CANCELING' | 'READY_ENDING' | 'ENDED';
