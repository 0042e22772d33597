/**
 * What the server answers about runs, waves and reasons: the routes of `/-/pipl/v1/` that the registry does
 * not know. Reading is free; cancelling and retrying needs a user.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '@pipl/engine';
import { indexName, piplError } from '@pipl/packl';
import type { ExtraRoutes, Registry } from '@pipl/registry';
import type { Moment } from './past/moment.ts';
import { pastState } from './past/past-state.ts';
import { resolveSpec } from './past/resolve-spec.ts';
import { planFor } from './plan-route.ts';
import { provenanceRoutes, type ProvenanceParts } from './provenance/routes.ts';
import { cursorOf, type Reactor } from './reactor.ts';
import { rerunRoutes } from './rerun/routes.ts';
import type { HandlersAtWork } from './handlers/shell.ts';
import { handlersSettled, withHandlerRuns, withHandlers } from './handlers/views.ts';
import { noRun, readLog, type LogPiece } from './run-folder.ts';
import { findRuns, findWaves, viewRecord, viewRun } from './run-views.ts';
import type { RunRecords } from './run-records.ts';
import { settledThrough } from './step/index.ts';
import { refuseRetry } from './retry-refusal.ts';
import { tidyRoute, type Tidying } from './tidying.ts';
import { whyFor } from './why-route.ts';
import { visibleState, visibleVersions } from './visible-state.ts';

export interface RouteParts {
  /** undefined until the server has its state, and while another process reacts */
  readonly reactor: () => Reactor | undefined;
  readonly handlers: () => HandlersAtWork | undefined;
  readonly engine: () => Engine;
  readonly registry: () => Registry;
  /** runs at once */
  readonly concurrency: number;
  readonly runRecords: RunRecords;
  readonly tidy: Tidying['tidy'];
  /** the registry as it was @throws PIPL_AT */
  readonly moment: (at: string) => Promise<Moment>;
  /** Answers what this process cannot. */
  readonly elsewhere: (...asked: Parameters<ExtraRoutes>) => Promise<void>;
  readonly runsDir: string;
  readonly provenance: ProvenanceParts;
  /** aborts when the server closes: nobody waits for a log any longer */
  readonly closing: AbortSignal;
}

type Asked = Parameters<ExtraRoutes>[2];
type Route = (asked: Asked, reactor: Reactor, ...parts: string[]) => Promise<unknown>;

const longestWait = 30_000;

export function routes({
  reactor,
  handlers,
  engine,
  elsewhere,
  runsDir,
  closing,
  provenance,
  concurrency,
  runRecords,
  tidy,
  moment,
  registry,
}: RouteParts): ExtraRoutes {
  const table: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
    [
      'GET',
      /^\/runs$/,
      async (asked, here) => {
        const { query, mayRead } = asked;
        const state = visibleState(here.state, mayRead);
        const [task, wanted] = [query.get('task'), query.get('state')];
        const ask = {
          ...numbers(query, 'change', 'wave'),
          ...(task === null ? {} : { task }),
          ...(wanted === null ? {} : { state: wanted }),
        };
        const found = await findRuns(state, engine(), { limit: 100, ...numbers(query, 'limit'), ...ask });
        return { runs: await withHandlerRuns(found, { here: handlers(), engine: engine(), asked }) };
      },
    ],
    [
      'GET',
      /^\/runs\/([^/]+)$/,
      async (asked, here, attempt) => viewRun(runOf(asked, here, attempt!), engine()),
    ],
    [
      'GET',
      /^\/runs\/([^/]+)\/log$/,
      async (request, here, attempt) => {
        const { attempt: known, endedAt } = runOf(request, here, attempt!);
        const over = endedAt !== undefined;
        return readLogFor({ query: request.query, attempt: known, over, runsDir, closing });
      },
    ],
    [
      'GET',
      /^\/waves$/,
      async ({ query, mayRead }, { state }) => ({
        waves: findWaves(visibleState(state, mayRead), { limit: 50, ...numbers(query, 'change', 'limit') }),
        settledThrough: Math.min(settledThrough(state), handlersSettled(handlers())),
        cursor: cursorOf(state),
      }),
    ],
    [
      'GET',
      /^\/tasks$/,
      async ({ mayRead }, { state }) => ({ tasks: [...visibleState(state, mayRead).records.tasks.values()] }),
    ],
    [
      'GET',
      /^\/why$/,
      async ({ query, mayRead }, here) => {
        const now = query.get('at');
        const known = now === null ? here.state : pastState(here.state, await moment(now));
        const state = visibleVersions(known, mayRead);
        if (query.get('subject') === null) noSubject();
        const reason = await whyFor(state, query, { registry: registry(), runRecords });
        return now === null ? withHandlers(reason, { here: handlers(), query, mayRead }) : reason;
      },
    ],
    ...provenanceRoutes(provenance),
    ...rerunRoutes,
    [
      'GET',
      /^\/runs\/([^/]+)\/record$/,
      async (asked, here, attempt) =>
        viewRecord(runOf(asked, here, attempt!), { engine: engine(), runRecords }),
    ],
    [
      'GET',
      /^\/resolve$/,
      async ({ query, mayRead }, here) => {
        const at = query.get('at');
        const seen = at === null ? undefined : await moment(at);
        const state = seen === undefined ? here.state : { ...here.state, projection: seen.projection };
        const { projection } = visibleVersions(state, mayRead);
        const index = indexName(query.get('index') ?? projection.handlers[0] ?? '');
        const spec = query.get('spec') ?? noSubject();
        return resolveSpec(projection, index, { spec, seq: seen?.seq ?? cursorOf(here.state) });
      },
    ],
    [
      'POST',
      /^\/plan$/,
      async (asked, here) => {
        needUser(asked);
        return planFor(visibleVersions(here.state, asked.mayRead), await asked.body(), {
          engine: engine(),
          concurrency,
        });
      },
    ],
    tidyRoute(tidy),
    [
      'POST',
      /^\/runs\/([^/]+)\/cancel$/,
      async (asked, here, attempt) => {
        needUser(asked);
        const { attempt: known } = runOf(asked, here, attempt!);
        await here.take({ is: 'cancel', attempt: known, at: new Date().toISOString() });
        return {};
      },
    ],
    [
      'POST',
      /^\/tasks\/(.+)\/retry$/,
      async (asked, { state, take }, task) => {
        needUser(asked);
        refuseRetry(visibleState(state, asked.mayRead), task!);
        await take({ is: 'retry', task: task!, at: new Date().toISOString() });
        return {};
      },
    ],
  ];

  return async (request, response, asked) => {
    for (const [method, path, route] of table) {
      const match = request.method === method ? path.exec(asked.path) : null;
      if (match === null) continue;
      const here = reactor();
      if (here === undefined) {
        await elsewhere(request, response, asked);
        return true;
      }
      const answer = await route(asked, here, ...match.slice(1).map(decodeURIComponent));
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.end(JSON.stringify(answer));
      return true;
    }
    return false;
  };
}

/** The attempt itself, or the newest one of a task of that name. */
function runOf({ mayRead }: Asked, { state }: Reactor, name: string) {
  const { runs } = visibleState(state, mayRead).records;
  const run = runs.get(name) ?? [...runs.values()].filter(({ task }) => task === name).at(-1);
  if (run === undefined) throw noRun(name);
  return run;
}

/** A piece of the log of an attempt, as the query asks. @param over the attempt has ended */
export async function readLogFor({
  query,
  attempt,
  over,
  runsDir,
  closing,
}: {
  readonly query: URLSearchParams;
  readonly attempt: string;
  readonly over: boolean;
  readonly runsDir: string;
  readonly closing: AbortSignal;
}): Promise<LogPiece> {
  const { from, wait } = { from: 0, wait: 0, ...numbers(query, 'from', 'wait') };
  return waitForLog(() => readLog(runsDir, attempt, { from, over }), wait, closing);
}

/** @param wait seconds, if there is nothing yet */
async function waitForLog(
  read: () => Promise<LogPiece>,
  wait: number,
  closing: AbortSignal,
): Promise<LogPiece> {
  const until = Date.now() + Math.min(wait * 1000, longestWait);
  for (;;) {
    const piece = await read();
    if (piece.text !== '' || piece.ended || Date.now() >= until || closing.aborted) return piece;
    await sleep(100);
  }
}

function numbers<Name extends string>(
  query: URLSearchParams,
  ...names: Name[]
): Partial<Record<Name, number>> {
  const found: Partial<Record<Name, number>> = {};
  for (const name of names) {
    const text = query.get(name);
    if (text === null) continue;
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw piplError('usage', 'PIPL_USAGE', {
        what: `${name}=${text} is not a number.`,
        why: `${name} counts from 0.`,
        hint: `Leave ${name} out, or give a whole number.`,
      });
    }
    found[name] = value;
  }
  return found;
}

function noSubject(): never {
  throw piplError('usage', 'PIPL_USAGE', {
    what: 'The question "why" has no subject.',
    why: 'It is asked about a task, a packl, a change or a run.',
    hint: 'For example subject=@film/movie.',
  });
}

function needUser({ principal }: Asked): void {
  if (principal.is === 'user') return;
  throw piplError('auth', 'PIPL_LOGIN_NEEDED', {
    what: 'This needs a user.',
    why: 'Cancelling and retrying change what the project makes.',
    hint: 'Run `pipl login NAME`.',
  });
}

export function notYet(): never {
  throw piplError('unreachable', 'PIPL_SERVER_STARTING', {
    what: 'The server is starting.',
    why: 'The reactor is still reading what happened before.',
    hint: 'Ask again in a moment.',
  });
}
