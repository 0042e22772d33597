/** Tidies what runs left: when the server begins to react, then every hour, and when somebody asks. */
import { piplError } from '@pipl/packl';
import type { ExtraRoutes } from '@pipl/registry';
import type { Reactor } from './reactor.ts';
import type { Keep } from './run-settings.ts';
import { tidyRuns, type Tidied } from './run-retention.ts';

export interface Tidying {
  /** One at a time. @throws the errors of the file system */
  tidy(options?: { readonly dryRun?: boolean }): Promise<Tidied>;
  close(): Promise<void>;
}

export interface TidyingParts {
  readonly runsDir: string;
  readonly keep: Keep;
  readonly reactor: () => Pick<Reactor, 'state'> | undefined;
  /** milliseconds between two looks; default an hour */
  readonly every?: number;
}

const hour = 60 * 60 * 1000;

export function beginTidying({ runsDir, keep, reactor, every = hour }: TidyingParts): Tidying {
  let working: Promise<unknown> = Promise.resolve();
  const isUnderWay = (attempt: string): boolean => {
    const state = reactor()?.state;
    if (state === undefined) return true;
    const run = state.records.runs.get(attempt)?.state;
    return run === 'waiting' || run === 'running' || state.records.tickets.has(attempt);
  };
  const tidy: Tidying['tidy'] = ({ dryRun = false } = {}) => {
    const mine = working.then(() => tidyRuns({ runsDir, keep, isUnderWay, now: Date.now(), dryRun }));
    working = mine.catch(() => undefined);
    return mine;
  };
  const byItself = () => {
    tidy().catch((error: unknown) => console.error('What runs left could not be tidied:', error));
  };
  const first = setTimeout(byItself, Math.min(every, 10_000)).unref();
  const timer = setInterval(byItself, every).unref();
  return {
    tidy,
    async close() {
      clearTimeout(first);
      clearInterval(timer);
      await working;
    },
  };
}

type Asked = Pick<Parameters<ExtraRoutes>[2], 'principal' | 'body'>;

/** `POST /runs/tidy` */
export const tidyRoute = (
  tidy: Tidying['tidy'],
): readonly ['POST', RegExp, (asked: Asked) => Promise<Tidied>] => [
  'POST',
  /^\/runs\/tidy$/,
  async ({ principal, body }) => {
    if (principal.is !== 'user' || principal.name !== 'root') throw refused();
    const { dryRun } = (await body()) as { dryRun?: unknown };
    return tidy({ dryRun: dryRun === true });
  },
];

const refused = () =>
  piplError('denied', 'PIPL_DENIED', {
    what: 'Only root tidies up what runs left.',
    why: 'It removes logs for good.',
    hint: 'Run `pipl login root`. The server does it every hour by itself.',
  });
