/** Tidies what runs left, folders and known points: when the server begins to react, then every hour, and when somebody asks. */
import { piplError } from '@pipl/packl';
import type { ExtraRoutes } from '@pipl/registry';
import type { Kysely } from 'kysely';
import { forgetPoints, type Forgetting } from './provenance/points-forgotten.ts';
import { heldBy } from './provenance/points.ts';
import type { Contents } from './provenance/contents.ts';
import type { Reactor } from './reactor.ts';
import type { Keep } from './run-settings.ts';
import { tidyRuns, type Tidied as TidiedFolders } from './run-retention.ts';
import type { CiTables } from './tables.ts';

export interface Tidied extends TidiedFolders {
  /** known points that no run vouches for any more */
  readonly points: number;
}

export interface Tidying {
  /** One at a time. @throws the errors of the file system */
  tidy(options?: { readonly dryRun?: boolean }): Promise<Tidied>;
  close(): Promise<void>;
}

export interface TidyingParts {
  readonly runsDir: string;
  readonly keep: Keep;
  readonly reactor: () => Pick<Reactor, 'state'> | undefined;
  /** of known points */
  readonly db: Kysely<CiTables>;
  readonly contents: Pick<Contents, 'files'>;
  /** milliseconds between two looks; default an hour */
  readonly every?: number;
}

const hour = 60 * 60 * 1000;

export function beginTidying({ every = hour, ...parts }: TidyingParts): Tidying {
  const { runsDir, keep, reactor } = parts;
  let working: Promise<unknown> = Promise.resolve();
  const isUnderWay = (attempt: string): boolean => {
    const state = reactor()?.state;
    if (state === undefined) return true;
    const run = state.records.runs.get(attempt)?.state;
    return run === 'waiting' || run === 'running' || state.records.tickets.has(attempt);
  };
  const holds: Forgetting['holds'] = async (point) => {
    const state = reactor()?.state;
    return state === undefined || heldBy(state, parts.contents)(point);
  };
  const tidy: Tidying['tidy'] = ({ dryRun = false } = {}) => {
    const mine = working.then(async () => {
      const folders = await tidyRuns({ runsDir, keep, isUnderWay, now: Date.now(), dryRun });
      return { ...folders, points: await forgetPoints(parts.db, { isUnderWay, holds, dryRun }) };
    });
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
