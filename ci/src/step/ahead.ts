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
import { replacedIn, standInLine, takeOut } from './ahead-line.ts';
import { opOf, rowYetToBeMade } from './ahead-products.ts';
import { askedFor, assumedOf, plannedRun } from './ahead-runs.ts';
import type { About } from './ahead-runs.ts';
import { staysOf } from './ahead-stays.ts';
import { timesOf } from './ahead-times.ts';
import type { Times } from './ahead-times.ts';
import type { Effect, Input, State } from './types.ts';
import { versionKey } from './types.ts';
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
  /** what is shown without a run */
  readonly referred: Ticket[];
  readonly running: { readonly attempt: string; readonly ticket: Ticket; readonly end: number }[];
  /** asked back by the step, which has not heard yet whether they had begun */
  readonly asked: string[];
  /** attempts that were under way before */
  readonly before: ReadonlySet<string>;
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
  const underWay = playing.before.size;
  answer(playing);
  for (const { op, row } of ask.arrivals ?? []) arrive(playing, row, { op: opOf(playing.state, op, row) });
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
    referred: [],
    running: [],
    asked: [],
    before: new Set(state.records.tickets.keys()),
    runs: new Map(),
    wake: undefined,
  };
  for (const [attempt, ticket] of state.records.tickets) {
    const run = state.records.runs.get(attempt);
    if (ticket.reference !== undefined) playing.referred.push(ticket);
    else if (run?.startedAt === undefined) {
      standInLine(state, playing.waiting, ticket);
      if (run?.superseding !== undefined) playing.asked.push(attempt);
    } else {
      const took = (playing.times.of(run.task) ?? 0) * 1000;
      playing.running.push({ attempt, ticket, end: Math.max(now, Date.parse(run.startedAt) + took) });
    }
  }
  return playing;
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

function take(playing: Playing, input: Input): void {
  for (const effect of playing.trial.takeTogether(input)) follow(playing, effect);
  answer(playing);
}

/** As the engine would: what waits is given back, what runs has begun. */
function answer(playing: Playing): void {
  const { asked, waiting, runs } = playing;
  for (let attempt = asked.shift(); attempt !== undefined; attempt = asked.shift()) {
    const at = iso(playing.now);
    const isTaken = takeOut(waiting, attempt);
    if (isTaken) runs.delete(attempt);
    if (isTaken) take(playing, { is: 'run-ended', attempt, end: { is: 'taken-back' }, at });
    else take(playing, { is: 'run-started', attempt, at });
  }
}

function follow(playing: Playing, effect: Effect): void {
  switch (effect.do) {
    case 'submit':
      return plan(playing, effect.ticket);
    case 'cancel':
      for (const list of [playing.waiting, playing.running, playing.referred]) takeOut(list, effect.attempt);
      return;
    case 'take-back':
      playing.asked.push(effect.attempt);
      return;
    case 'wake':
      playing.wake = Date.parse(effect.at);
      return;
    case 'revoke':
    case 'hold':
      return;
  }
}

function plan(playing: Playing, ticket: Ticket): void {
  const { state, waiting, referred, runs, before } = playing;
  const { attempt, task, reference } = ticket;
  if (reference === undefined) standInLine(state, waiting, ticket);
  else referred.push(ticket);
  const planned = plannedRun(state, ticket, about(playing, task.name));
  runs.set(attempt, { ...planned, ...replacedIn(state, attempt, before) });
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
  const { waiting, running, referred, ask } = playing;
  const known = referred.shift();
  if (known !== undefined) {
    showElsewhere(playing, known);
    return true;
  }
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
  playing.running.push({
    attempt: ticket.attempt,
    ticket,
    end: now + (times.of(ticket.task.name) ?? 0) * 1000,
  });
}

/** What another run made is there at once, as it is. */
function showElsewhere(playing: Playing, { attempt, index, task, reference }: Ticket): void {
  const { rows } = playing.state.projection;
  const published = reference?.products ?? [];
  for (const { name, version } of published) {
    const row = rows.get(name)?.get(versionKey(reference!.index, name, version));
    if (row !== undefined) arrive(playing, { ...row, index }, { op: 'promote', run: attempt });
  }
  const done = { index, name: task.name, version: task.version, by: `run:${attempt}`, run: attempt };
  const [at, outcome] = [iso(playing.now), { published, unchanged: [] }];
  take(playing, { is: 'change', change: { ...done, at, seq: (playing.seq += 1), op: 'run', outcome }, at });
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
    stays: staysOf(playing.state, { ran: all, first }),
    seconds: Math.max(0, (playing.now - Date.parse(ask.at)) / 1000),
    firstRuns: all.filter(({ seconds }) => seconds === undefined).length,
    underWay,
  };
}
