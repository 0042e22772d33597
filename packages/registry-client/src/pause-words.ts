/** What operators stop and let go on, as the HTTP API tells it. */
import type { IndexName } from '@pipl/packl';
import type { Ask } from './request.ts';

/** Neither: the whole project. An index alone: everything that its handler runs. A task alone: in every index. */
export interface PausedView {
  readonly task?: string;
  readonly index?: IndexName;
}

export interface PauseView extends PausedView {
  /** a user's name, or `pipl`: the storm breaker, which stops what starts without end */
  readonly by: string;
  /** ISO 8601, UTC */
  readonly at: string;
  readonly reason?: string;
}

export interface PauseAsk extends PausedView {
  readonly reason?: string;
}

export interface Pauses {
  readonly pauses: readonly PauseView[];
  /** runs that run now, those of handlers too; what waits does not count */
  readonly running: number;
}

export interface PausesClient {
  pauses(): Promise<Pauses>;
  /**
   * What is paused starts no run; what runs goes on. What is paused already is said anew. The whole project is root's
   * business, an index its owner's and root's, a task every user's. @throws PIPL_LOGIN_NEEDED PIPL_DENIED
   */
  pause(what: PauseAsk): Promise<Pauses>;
  /**
   * Exactly this pause ends: what is paused by itself stays so. @throws PIPL_NOT_PAUSED PIPL_LOGIN_NEEDED PIPL_DENIED
   */
  resume(what: PausedView): Promise<Pauses & { readonly removed: readonly PauseView[] }>;
}

const path = '/-/pipl/v1/pauses';

export const pausesMethods = (json: <T>(ask: Ask) => Promise<T>): PausesClient => ({
  pauses: () => json<never>({ path }),
  pause: (body) => json<never>({ method: 'POST', path, body, repeatable: true }),
  resume: (body) => json<never>({ method: 'POST', path: `${path}/remove`, body }),
});
