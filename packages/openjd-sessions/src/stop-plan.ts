/**
 * When a running action dies. Pure: times in, times out.
 *
 * The first reason to stop is the one that is reported; later requests may only
 * bring the end closer.
 */

export type StopReason = 'CANCELED' | 'FAILED' | 'TIMEOUT';

/** How an action wants to be told. `periodSeconds` lie between SIGTERM and SIGKILL. */
export type StopMethod =
  | { readonly mode: 'TERMINATE' }
  | { readonly mode: 'NOTIFY'; readonly periodSeconds: number };

export interface Stop {
  readonly reason: StopReason;
  /** Milliseconds on the clock of `now`; SIGKILL follows. */
  readonly killAt: number;
}

export interface StopRequest {
  readonly reason: StopReason;
  /** 0 turns a notification into an immediate kill. */
  readonly timeLimitSeconds?: number | undefined;
}

/** The stop that holds after `request`. */
export function planStop(
  request: StopRequest,
  { method, now, current }: { method: StopMethod; now: number; current: Stop | undefined },
): Stop {
  const period = method.mode === 'TERMINATE' ? 0 : method.periodSeconds;
  const seconds = Math.max(0, Math.min(period, request.timeLimitSeconds ?? period));
  const killAt = now + seconds * 1000;
  return current
    ? { ...current, killAt: Math.min(current.killAt, killAt) }
    : { reason: request.reason, killAt };
}
