/** Handlers, their handlings and their runs as the HTTP API tells them. Pure, but for what the engine sees right now. */
import type { Engine } from '@pipl/engine';
import { handlerName, type Handler, type IndexName } from '@pipl/packl';
import type { HandlerView, HandlingsAsk, HandlingView, IndexView, RunView } from '@pipl/registry-client';
import { checksOf } from './settle.ts';
import { handlerCursor, openDraft } from './state.ts';
import type { HandlersAtWork } from './shell.ts';
import { isOver, type HandlerRun, type Handling, type HandlerState } from './types.ts';

export type MayRead = (index: IndexName) => boolean;

export interface Told {
  readonly state: HandlerState;
  readonly index: IndexName;
  readonly handler: Handler;
  readonly indexes: readonly IndexView[];
  /** may who asks change it? */
  readonly whole: boolean;
}

export function viewHandler({ state, index, handler, indexes, whole }: Told): HandlerView {
  const name = handlerName(handler);
  const into = handler.kind === 'qa' ? (handler.promoteTo as IndexName | undefined) : undefined;
  const grants = indexes.find((one) => one.name === into)?.handlers ?? [];
  const mine = [...state.records.handlings.values()].filter(
    (one) => one.index === index && one.handler === name && one.trial !== true,
  );
  const count = (...words: Handling['stands']['is'][]) =>
    mine.filter(({ stands }) => words.includes(stands.is)).length;
  return {
    index,
    name,
    kind: handler.kind,
    ...(into === undefined
      ? {}
      : { promoteTo: into, granted: grants.some((one) => one.handler === name && one.from === index) }),
    ...(whole ? { entry: handler } : {}),
    running: count('running', 'judging', 'promoting'),
    held: count('held', 'refused'),
    dead: count('dead'),
  };
}

export function viewHandling(state: HandlerState, handling: Handling): HandlingView {
  const { id, index, handler, kind, change, stands, promoteTo, trial, parts, begunAt, endedAt } = handling;
  const { seq, op, name, version, by } = change;
  const draft = openDraft(state, '');
  return {
    id,
    index,
    handler,
    kind,
    seq,
    op,
    name,
    version,
    by,
    state: stands.is,
    ...('reason' in stands ? { reason: stands.reason } : {}),
    ...(stands.is === 'superseded' ? { reason: `${stands.by} is newer.` } : {}),
    ...(stands.is === 'held' ? { missing: stands.missing } : {}),
    ...(stands.is === 'promoted' ? { promoted: stands.seq } : {}),
    ...(promoteTo === undefined ? {} : { promoteTo }),
    ...(trial === undefined ? {} : { trial }),
    runs: parts.map(({ ticket }) => ticket.attempt),
    checks: checksOf(draft, handling),
    begunAt,
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

/** Newest first. */
export function findHandlings(state: HandlerState, mayRead: MayRead, ask: HandlingsAsk): HandlingView[] {
  const wanted = [...state.records.handlings.values()].filter(
    ({ index, handler, change, stands }) =>
      mayRead(index) &&
      (ask.index === undefined || index === ask.index) &&
      (ask.handler === undefined || handler === ask.handler) &&
      (ask.name === undefined || change.name === ask.name) &&
      (ask.version === undefined || change.version === ask.version) &&
      (ask.state === undefined || stands.is === ask.state),
  );
  return wanted
    .toReversed()
    .slice(0, ask.limit ?? 100)
    .map((handling) => viewHandling(state, handling));
}

export async function viewHandlerRun(run: HandlerRun, engine: Engine): Promise<RunView> {
  const seen = await engine.observe(run.attempt);
  const { startedAt = run.startedAt, firstActionAt, progress, message } = seen;
  const { attempt, runKey, name, version, index, seq, submittedAt, endedAt, reason, purpose, handler } = run;
  return {
    attempt,
    runKey,
    task: name,
    taskVersion: version,
    index,
    wave: 0,
    cause: { seq, name, version },
    because: [],
    state: run.state === 'waiting' && seen.is === 'running' ? 'running' : run.state,
    ...(purpose === 'process' ? {} : { purpose }),
    handler,
    submittedAt,
    ...(progress === undefined ? {} : { progress }),
    ...(message === undefined ? {} : { message }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(firstActionAt === undefined ? {} : { firstActionAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(reason === undefined ? {} : { reason }),
    products: [],
  };
}

export interface RunsAsked {
  readonly here: HandlersAtWork | undefined;
  readonly engine: Engine;
  readonly asked: { readonly query: URLSearchParams; readonly mayRead: MayRead };
}

/** The runs that handlers made, among those of waves: in the order in which these are told. */
export async function withHandlerRuns(
  found: readonly RunView[],
  { here, engine, asked: { query, mayRead } }: RunsAsked,
): Promise<readonly RunView[]> {
  const [task, wave, change] = [query.get('task'), query.get('wave'), query.get('change')];
  if (here === undefined || wave !== null) return found;
  const wanted = [...here.state.records.handler_runs.values()].filter(
    (run) =>
      mayRead(run.index) &&
      (task === null || run.name === task) &&
      (change === null || run.seq === Number(change)),
  );
  if (wanted.length === 0) return found;
  const limit = Number(query.get('limit') ?? 100);
  const state = query.get('state');
  const views = await Promise.all(wanted.slice(-limit).map((run) => viewHandlerRun(run, engine)));
  const mine = views.filter((run) => state === null || run.state === state);
  const sorted = [...found, ...mine].toSorted((a, b) => a.submittedAt.localeCompare(b.submittedAt));
  return (change === null ? sorted.toReversed() : sorted).slice(0, limit);
}

/** The last change that every handler has come to rest after; what waits for people is at rest. */
export function handlersSettled(here: HandlersAtWork | undefined): number {
  if (here === undefined) return Infinity;
  const { state, declared } = here;
  const busy = [...state.records.handlings.values()].filter(
    (handling) => !isOver(handling) && handling.stands.is !== 'held' && handling.stands.is !== 'refused',
  );
  const open = busy.map(({ change }) => change.seq - 1);
  return Math.min(declared.length === 0 ? Infinity : handlerCursor(state), ...open);
}

interface WhyAsked {
  readonly here: HandlersAtWork | undefined;
  readonly query: URLSearchParams;
  readonly mayRead: MayRead;
}

/** With what handlers found of the subject, `name` or `name@version`. */
export function withHandlers<Reason extends { readonly lines: readonly string[] }>(
  reason: Reason,
  { here, query, mayRead }: WhyAsked,
): Reason {
  const subject = query.get('subject');
  const told = [...(here?.state.records.handlings.values() ?? [])].filter(
    ({ change: { name, version }, index, trial }) =>
      trial !== true && mayRead(index) && (subject === name || subject === `${name}@${version}`),
  );
  if (here === undefined || told.length === 0) return reason;
  return { ...reason, lines: [...reason.lines, ...told.slice(-3).map((one) => handlingSentence(here, one))] };
}

export const handlingSentence = ({ state }: HandlersAtWork, handling: Handling): string =>
  sentenceOf(viewHandling(state, handling));

function sentenceOf({ handler, index, name, version, seq, checks, ...rest }: HandlingView): string {
  const failed = checks.filter(({ passed }) => !passed).length;
  const found = checks.length === 0 ? '' : `: ${checks.length - failed} of ${checks.length} check(s) passed`;
  return `${handler} of ${index} took ${name}@${version} up (change ${seq})${found}; ${endOf(rest)}.`;
}

function endOf({ state, promoteTo, promoted, reason, missing = [] }: Partial<HandlingView>): string {
  switch (state) {
    case 'promoted':
      return `promoted to ${promoteTo} in change ${promoted}`;
    case 'held':
      return `${promoteTo} does not take it yet: ${missing.join(' ').replace(/\.$/, '')}`;
    case 'running':
      return 'it is under way';
    default:
      return `${state}${reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`}`;
  }
}
