/** Doing again what has a result, as the HTTP API tells it. */
import type { IndexName } from '@pipl/packl';
import type { Ask } from './request.ts';

export interface RerunView {
  /** the run that was meant */
  readonly attempt: string;
  readonly task: string;
  readonly taskVersion: string;
  readonly index: IndexName;
  /** `again`: it has a result; `retry`: it failed; `left`: it stays as it is */
  readonly is: 'again' | 'retry' | 'left';
  readonly why?: string;
}

export interface RerunAsk {
  /** runs that this change or a later one caused */
  readonly seq?: number;
  /** runs that were submitted then or later, ISO 8601 */
  readonly time?: string;
  readonly where?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export interface RerunClient {
  /** @throws PIPL_WHERE PIPL_RERUN_MANY PIPL_LOGIN_NEEDED */
  rerun(ask: RerunAsk): Promise<{ readonly runs: readonly RerunView[]; readonly started: boolean }>;
}

export const rerunMethods = (json: <T>(ask: Ask) => Promise<T>): RerunClient => ({
  rerun: (body) => json<never>({ method: 'POST', path: '/-/pipl/v1/rerun', body }),
});
