/**
 * The wave that would follow: played forward by the very step that decides, and then taken back.
 *
 * Every run is taken to succeed and to make something new, unless the asker says otherwise; it takes as long as the
 * last runs of its task took. Nothing of a plan can differ from what then happens but what nobody can know: the
 * content of what is yet to be made, and how long it takes.
 */
import semver from 'semver';
import { productOf, taskOf } from '@pipl/packl';
import type { Change, IndexName, Row, RunOutcome, Ticket } from '@pipl/packl';
import type { Plan, PlannedRun } from '@pipl/registry-client';
import { rowYetToBeMade } from './ahead-products.ts';
import { askedFor, assumedOf, plannedRun } from './ahead-runs.ts';
import type { About } from './ahead-runs.ts';
import { timesOf } from './ahead-times.ts';
import type { Times } from './ahead-times.ts';
import { statusLine } from './explain-task.ts';
import type { Effect, Input, RunRecord, State } from './types.ts';
import { taskKey, versionKey } from './types.ts';
import { currentIn, shownIn } from './shown.ts';
import { tryOut } from './trial.ts';
import type { Trial } from './trial.ts';

export interface AheadAsk {
  readonly index: IndexName;
  /** what comes, in this order; each row stands in the index that it comes into */
  readonly arrivals?: readonly { readonly op: 'publish' | 'promote'; readonly row: Row }[];
  /** tasks that run again and make something new */
  readonly again?: readonly string[];
  readonly unchanged?: readonly string[];
  readonly fails?: readonly string[];
  /** ISO 8601, UTC */
  readonly at: string;
  /** runs at once */
  readonly concurrency: number;
  /** where the runs of an index run */
  readonly engineOf: (index: IndexName) => string;
}

interface Playing {
  readonly ask: AheadAsk;
  readonly times: Times;
  readonly trial: Pick<Trial, 'live' | 'takeTogether'>;
  readonly state: State;
  seq: number;
  /** milliseconds since 1970 */
  now: number;
  readonly waiting: Ticket[];
  readonly running: { readonly ticket: Ticket; readonly end: number }[];
  readonly runs: Map<string, PlannedRun>;
  /** when a tick was asked for */
  wake: number | undefined;
}

/** A play that does not come to rest is a bug of the step: better an unfinished plan than none. */
const mostStepsPerTask = 20;

export const planAhead = (state: State, ask: AheadAsk): Plan => tryOut(state, (trial) => play(trial, ask));

/** What {@link planAhead} does in a trial, whoever takes it back. */
export function play(trial: Pick<Trial, 'live' | 'takeTogether'>, ask: AheadAsk): Plan {
  const playing = begin(trial, ask);
  const first = playing.seq;
  const underWay = trial.live.records.tickets.size;
  for (const { op, row } of ask.arrivals ?? []) arrive(playing, row, { op: opOf(playing, op, row) });
  for (const name of ask.again ?? []) runAgain(playing, name);
  const most = 1000 + mostStepsPerTask * trial.live.records.tasks.size;
  for (let steps = 0; steps < most && moveOn(playing); steps += 1);
  return planOf(playing, { underWay, first });
}

function begin(trial: Playing['trial'], ask: AheadAsk): Playing {
  const { live: state } = trial;
  const now = Date.parse(ask.at);
  const playing: Playing = {
    ask,
    times: timesOf(state),
    trial,
    state,
    seq: state.records.meta.get('reactor')?.cursor ?? 0,
    now,
    waiting: [],
    running: [],
    runs: new Map(),
    wake: undefined,
  };
  for (const [attempt, ticket] of state.records.tickets) {
    const run = state.records.runs.get(attempt);
    if (run?.startedAt === undefined) playing.waiting.push(ticket);
    else {
      const took = (playing.times.of(run.task) ?? 0) * 1000;
      playing.running.push({ ticket, end: Math.max(now, Date.parse(run.startedAt) + took) });
    }
  }
  return playing;
}

const opOf = ({ state }: Playing, op: 'publish' | 'promote', row: Row): Change['op'] => {
  const there = state.projection.rows.get(row.name)?.has(versionKey(row.index, row.name, row.version));
  return op === 'publish' && there === true ? 'overwrite' : op;
};

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

function take(playing: Playing, input: Input): void {
  for (const effect of playing.trial.takeTogether(input)) follow(playing, effect);
}

function follow(playing: Playing, effect: Effect): void {
  switch (effect.do) {
    case 'submit':
      playing.waiting.push(effect.ticket);
      playing.runs.set(
        effect.ticket.attempt,
        plannedRun(playing.state, effect.ticket, about(playing, effect.ticket.task.name)),
      );
      return;
    case 'cancel':
      forget(playing, effect.attempt);
      return;
    case 'wake':
      playing.wake = Date.parse(effect.at);
      return;
    case 'revoke':
      return;
  }
}

function forget({ waiting, running }: Playing, attempt: string): void {
  for (const list of [waiting, running] as const) {
    const at = list.findIndex((one) => ('ticket' in one ? one.ticket : one).attempt === attempt);
    if (at >= 0) list.splice(at, 1);
  }
}

interface Told {
  readonly op: Change['op'];
  readonly run?: string;
  readonly outcome?: RunOutcome;
}

function arrive(playing: Playing, row: Row, told: Told): void {
  const { index, name, version, integrity } = row;
  const by = told.run === undefined ? '' : `run:${told.run}`;
  const change = {
    seq: (playing.seq += 1),
    index,
    name,
    version,
    integrity,
    by,
    at: iso(playing.now),
    ...told,
  };
  take(playing, { is: 'change', change, row, at: change.at });
}

/** One thing that happens next. @returns false when nothing will */
function moveOn(playing: Playing): boolean {
  const { waiting, running, ask } = playing;
  while (waiting.length > 0 && running.length < ask.concurrency) {
    const ticket = waiting.shift()!;
    start(playing, ticket);
  }
  const next = running.reduce<(typeof running)[number] | undefined>(
    (soonest, one) => (soonest === undefined || one.end < soonest.end ? one : soonest),
    undefined,
  );
  if (next !== undefined) {
    playing.now = Math.max(playing.now, next.end);
    running.splice(running.indexOf(next), 1);
    end(playing, next.ticket);
    return true;
  }
  if (playing.wake === undefined) return false;
  playing.now = Math.max(playing.now, playing.wake);
  playing.wake = undefined;
  take(playing, { is: 'tick', at: iso(playing.now) });
  return true;
}

function start(playing: Playing, ticket: Ticket): void {
  const { runs, times, now, ask } = playing;
  const planned = runs.get(ticket.attempt);
  if (planned !== undefined) {
    runs.set(ticket.attempt, { ...planned, starts: (now - Date.parse(ask.at)) / 1000 });
  }
  playing.running.push({ ticket, end: now + (times.of(ticket.task.name) ?? 0) * 1000 });
}

function end(playing: Playing, ticket: Ticket): void {
  const { attempt, index, task } = ticket;
  const at = iso(playing.now);
  const assumed = assumedOf(playing.ask, task.name);
  if (assumed === 'failed') {
    take(playing, { is: 'run-ended', attempt, end: { is: 'failed', reason: 'assumed' }, at });
    return;
  }
  const published: { name: string; version: string }[] = [];
  const unchanged: { name: string; version: string }[] = [];
  for (const product of ticket.products) {
    const there = currentIn(shownIn(playing.state, index), product.name);
    if (assumed === 'unchanged' && there !== undefined) {
      unchanged.push({ name: product.name, version: there.version });
      continue;
    }
    published.push({ name: product.name, version: product.version });
    arrive(playing, rowYetToBeMade(ticket, product, there), { op: 'publish', run: attempt });
  }
  const done = { index, name: task.name, version: task.version, by: `run:${attempt}`, run: attempt, at };
  const outcome = { published, unchanged };
  take(playing, { is: 'change', change: { ...done, seq: (playing.seq += 1), op: 'run', outcome }, at });
}

const about = ({ ask, times }: Playing, task: string): About => ({
  index: ask.index,
  engineOf: ask.engineOf,
  seconds: times.of(task),
  assumed: assumedOf(ask, task),
});

/** Tries again what failed; of what rests it is assumed that another run brings something new. */
function runAgain(playing: Playing, name: string): void {
  const { index } = playing.ask;
  const before = playing.runs.size;
  take(playing, { is: 'retry', task: name, index, at: iso(playing.now) });
  const row = currentIn(shownIn(playing.state, index), name);
  const field = row === undefined ? undefined : taskOf(row.manifest);
  if (row === undefined || field === undefined || playing.runs.size > before) return;
  playing.runs.set(`again:${name}`, askedFor(playing.state, row, about(playing, name)));
  playing.now += (playing.times.of(name) ?? 0) * 1000;
  for (const product of Object.values(field.products)) {
    const there = currentIn(shownIn(playing.state, index), product);
    if (there === undefined || productOf(there.manifest) === undefined) continue;
    const version = semver.inc(there.version, 'patch') ?? there.version;
    const made = { attempt: `again:${name}`, index, task: row, codeLock: { dependencies: {} } };
    arrive(playing, rowYetToBeMade(made, { name: product, version }, there), { op: 'publish' });
  }
}

function planOf(playing: Playing, { underWay, first }: { underWay: number; first: number }): Plan {
  const { ask } = playing;
  const all = [...playing.runs.values()];
  return {
    index: ask.index,
    after: first,
    arrivals: (ask.arrivals ?? []).map(({ row: { name, version } }) => ({ name, version })),
    runs: all,
    stays: staysOf(playing, first),
    seconds: Math.max(0, (playing.now - Date.parse(ask.at)) / 1000),
    firstRuns: all.filter(({ seconds }) => seconds === undefined).length,
    underWay,
  };
}

/** Tasks that a change of the play woke and that it left without a run, by name. */
function staysOf({ state, runs }: Playing, first: number): Plan['stays'] {
  const ran = new Set([...runs.values()].map(({ index, task }) => taskKey(index, task)));
  const woken = [...state.records.woken.values()].flatMap(({ seq, woke }) => (seq > first ? woke : []));
  return [...new Set(woken)].toSorted().flatMap((key) => {
    const record = ran.has(key) ? undefined : state.records.tasks.get(key);
    const line = record === undefined ? undefined : statusLine(state, record, lastOf(state, record.last));
    return record === undefined || line === undefined ? [] : [{ task: record.name, line }];
  });
}

const lastOf = ({ records }: State, attempt: string | undefined): RunRecord | undefined =>
  attempt === undefined ? undefined : records.runs.get(attempt);
