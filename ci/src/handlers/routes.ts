/**
 * What the server answers about handlers and gates, and about the runs of handlers: in front of the reactor's own routes, to which
 * everything else is handed on. Reading is for whoever may read the index; `.pipl` belongs to root.
 */
import type { Engine } from '@pipl/engine';
import { Handler, handlerName, indexName, packlName, piplError, type IndexName } from '@pipl/packl';
import type { ExtraRoutes, Registry } from '@pipl/registry';
import type { HandlingsAsk, HandlingState } from '@pipl/registry-client';
import { z } from 'zod';
import { readProject } from '../project-file.ts';
import { noRun } from '../run-folder.ts';
import { readLogFor } from '../routes.ts';
import { denied, isOwner, needRoot, needUser, noIndex, type Asked } from './asker.ts';
import { declaredIn } from './begin.ts';
import { listGates, removeGate, setGate } from './gate-routes.ts';
import { addHandler, removeHandler } from './settings.ts';
import type { HandlersAtWork } from './shell.ts';
import { findHandlings, handlingSentence, viewHandler, viewHandlerRun, viewHandling } from './views.ts';
import { readsBody } from '../read-body.ts';

export interface HandlerRoutes {
  /** undefined while another process reacts */
  readonly handlers: () => HandlersAtWork | undefined;
  readonly engine: () => Engine;
  readonly registry: () => Registry;
  readonly elsewhere: (...asked: Parameters<ExtraRoutes>) => Promise<void>;
  /** folder of the project */
  readonly project: string;
  readonly runsDir: string;
  readonly closing: AbortSignal;
  /** everything else */
  readonly next: ExtraRoutes;
}

type Route = (here: HandlersAtWork, asked: Asked, ...parts: string[]) => Promise<unknown>;

export function handlerRoutes(parts: HandlerRoutes): ExtraRoutes {
  const table: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
    ['GET', /^\/handlers$/, (here, asked) => list(parts, here, asked)],
    ['POST', /^\/handlers$/, (here, asked) => add(parts, here, asked)],
    ['POST', /^\/handlers\/remove$/, (here, asked) => remove(parts, here, asked)],
    ['POST', /^\/handlers\/test$/, (here, asked) => tryOut(parts, here, asked)],
    ['GET', /^\/gates$/, (here, asked) => listGates(parts, here, asked)],
    ['POST', /^\/gates$/, async (here, asked) => ({ gate: await setGate(parts, here, asked) })],
    ['POST', /^\/gates\/remove$/, (_here, asked) => removeGate(parts, asked)],
    [
      'GET',
      /^\/handlings$/,
      async (here, { query, mayRead }) => ({ handlings: findHandlings(here.state, mayRead, askIn(query)) }),
    ],
    ['GET', /^\/handlings\/([^/]+)$/, async (here, asked, id) => handlingOf(here, asked, id!)],
    [
      'POST',
      /^\/handlings\/([^/]+)\/retry$/,
      async (here, asked, id) => {
        needUser(asked);
        handlingOf(here, asked, id!);
        await here.retry(id!);
        return handlingOf(here, asked, id!);
      },
    ],
  ];
  return async (request, response, asked) => {
    const answer = async (body: unknown) => {
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.end(JSON.stringify(body));
      return true;
    };
    for (const [method, path, route] of table) {
      const match = request.method === method ? path.exec(asked.path) : null;
      if (match === null) continue;
      const here = parts.handlers();
      if (here !== undefined)
        return answer(await route(here, asked, ...match.slice(1).map(decodeURIComponent)));
      await parts.elsewhere(request, response, asked);
      return true;
    }
    const run = await aboutRun(parts, request.method ?? 'GET', asked);
    return run === undefined ? parts.next(request, response, asked) : answer(run);
  };
}

/** Undefined when it is about no run of a handler. */
async function aboutRun(parts: HandlerRoutes, method: string, asked: Asked): Promise<unknown> {
  const isWhy = asked.path === '/why';
  const found = /^\/runs\/([^/]+)(?:\/(\w+))?$/.exec(asked.path);
  const attempt = isWhy ? (asked.query.get('subject') ?? '') : decodeURIComponent(found?.[1] ?? '');
  const word = isWhy ? 'why' : (found?.[2] ?? '');
  const here = parts.handlers();
  const run = here?.state.records.handler_runs.get(attempt);
  if (here === undefined || run === undefined) return undefined;
  if (!asked.mayRead(run.index)) throw noRun(attempt);
  switch (`${method} ${word}`) {
    case 'GET ':
      return viewHandlerRun(run, parts.engine());
    case 'GET why': {
      const handling = here.state.records.handlings.get(run.handling);
      const lines = handling === undefined ? [] : [handlingSentence(here, handling)];
      return { lines, data: { is: 'handling', ...run } };
    }
    case 'GET report':
      return here.state.records.handler_reports.get(run.attempt) ?? { checks: [] };
    case 'GET log':
      return readLogFor({
        ...parts,
        query: asked.query,
        attempt: run.attempt,
        over: run.endedAt !== undefined,
      });
    case 'POST cancel':
      needUser(asked);
      await here.take({ is: 'cancel', attempt: run.attempt, at: new Date().toISOString() });
      return {};
    default:
      return undefined;
  }
}

async function list({ registry, project }: HandlerRoutes, here: HandlersAtWork, asked: Asked) {
  const { handlers } = await readProject(project);
  const indexes = await registry().indexes();
  // Its owner sees also one whose index is not there, which else nobody would find.
  const isSeen = (index: IndexName) => asked.mayRead(index) || isOwner(asked, index);
  const seen = Object.entries(handlers).filter(([index]) => isSeen(indexName(index)));
  return {
    handlers: seen.flatMap(([text, all]) => {
      const index = indexName(text);
      const whole = isOwner(asked, index);
      return all.map((handler) => viewHandler({ state: here.state, index, handler, indexes, whole }));
    }),
  };
}

const Added = z.strictObject({ index: z.string(), handler: Handler });
const Named = z.strictObject({ index: z.string(), name: z.string() });
const Tried = z.strictObject({
  index: z.string(),
  handler: z.string(),
  name: z.string(),
  version: z.string(),
});

async function add(parts: HandlerRoutes, here: HandlersAtWork, asked: Asked) {
  needRoot(asked);
  const { index: text, handler } = read(Added, await asked.body());
  const index = indexName(text);
  const indexes = await parts.registry().indexes();
  const named = [index, ...(handler.kind === 'qa' && handler.promoteTo ? [handler.promoteTo] : [])];
  const unknown = named.find((name) => !indexes.some((view) => view.name === name));
  if (unknown !== undefined) throw noIndex(unknown);
  const handlers = await addHandler(parts.project, index, handler);
  await here.declare(declaredIn(handlers));
  const view = viewHandler({ state: here.state, index, handler, indexes, whole: true });
  return { handler: view, restart: handler.kind === 'process' };
}

async function remove(parts: HandlerRoutes, here: HandlersAtWork, asked: Asked) {
  needRoot(asked);
  const { index: text, name } = read(Named, await asked.body());
  const index = indexName(text);
  const before = (await readProject(parts.project)).handlers[index] ?? [];
  const gone = before.find((handler) => handlerName(handler) === name);
  if (gone === undefined) throw noHandler(index, name, before.map(handlerName));
  await here.declare(declaredIn(await removeHandler(parts.project, index, name)));
  return { removed: true, restart: gone.kind === 'process' };
}

async function tryOut(parts: HandlerRoutes, here: HandlersAtWork, asked: Asked) {
  const { index: text, handler, name, version } = read(Tried, await asked.body());
  const index = indexName(text);
  const by = needUser(asked);
  if (!isOwner(asked, index))
    throw denied(`${by} may not try the handlers of ${index}.`, 'It belongs to somebody else.');
  const found = here.declared.find((one) => one.index === index && one.name === handler);
  const there = here.declared.filter((one) => one.index === index).map((one) => one.name);
  if (found === undefined) throw noHandler(index, handler, there);
  const row = await parts.registry().row(index, packlName(name), version);
  if (row === undefined || row.withdrawn === true) {
    throw piplError('notFound', 'PIPL_NO_VERSION', {
      what: `There is no ${name}@${version} in ${index}.`,
      why: 'A handler is tried on a version that stands in its own index.',
      hint: `\`pipl packl show ${name}\` lists the versions.`,
    });
  }
  return handlingOf(here, asked, await here.tryOut(found, row, by));
}

function handlingOf(here: HandlersAtWork, { mayRead }: Asked, id: string) {
  const handling = here.state.records.handlings.get(id);
  if (handling !== undefined && mayRead(handling.index)) return viewHandling(here.state, handling);
  throw piplError('notFound', 'PIPL_HANDLING_UNKNOWN', {
    what: `No handler has done ${id}.`,
    why: 'It is written <seq of the change>.<handler>.',
    hint: '`pipl proj handler log` lists what handlers did.',
  });
}

function askIn(query: URLSearchParams): HandlingsAsk {
  const text = (key: string) => query.get(key) ?? undefined;
  const [index, limit] = [text('index'), text('limit')];
  const given = {
    index: index === undefined ? undefined : indexName(index),
    handler: text('handler'),
    name: text('name'),
    version: text('version'),
    state: text('state') as HandlingState | undefined,
    limit: limit === undefined ? undefined : Number(limit),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const read = readsBody({
  kind: 'invalid',
  code: 'PIPL_HANDLER_INVALID',
  what: 'This is no handler that pipl can follow.',
  hint: '`pipl proj handler add --help` has examples.',
});

const noHandler = (index: string, name: string, there: readonly string[]) =>
  piplError('notFound', 'PIPL_NO_HANDLER', {
    what: `${index} has no handler ${name}.`,
    why: there.length === 0 ? 'It has none.' : `It has ${there.join(', ')}.`,
    hint: '`pipl proj handler list` lists them.',
  });
