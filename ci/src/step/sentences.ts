/** Runs, reasons and obstacles in plain words: the pieces that explanations are made of. */
import type { Facts } from './explain-task.ts';
import type { Blocker, Because, Cause, RunRecord, State } from './types.ts';

/** `2026-11-23 10:41 UTC`: the reader's clock is the reader's business. */
export const clock = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

export const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const ends: Readonly<Record<RunRecord['state'], string>> = {
  waiting: 'waits for a place to run',
  running: 'is running',
  succeeded: 'ran',
  unchanged: 'ran',
  failed: 'failed',
  canceled: 'was cancelled',
  lost: 'was lost by the machinery',
  superseded: 'was taken back before it began',
};

/** `@film/review ran at … (made @film/movie 1.0.7) because change 423 brought …` */
export function runSentence(state: State, run: RunRecord, facts: Facts = {}): string {
  const { task, startedAt, submittedAt, endedAt } = run;
  const at =
    run.state === 'waiting' || run.state === 'running'
      ? (startedAt ?? submittedAt)
      : (endedAt ?? submittedAt);
  const when = run.state === 'running' ? `since ${clock(at)}` : `at ${clock(at)}`;
  const reason = run.reason === undefined ? '' : `: ${run.reason}`;
  const isShown = run.reference !== undefined && run.outcome !== undefined;
  const end = isShown ? 'did not have to run' : ends[run.state];
  return `${task} ${end} ${when}${madeBy(run)} because ${becauseWords(state, run, facts)}${reason === '' ? '' : `; ticket ${run.attempt}${reason}`}.`;
}

function madeBy({ state, outcome, products, reference }: RunRecord): string {
  if (state === 'waiting' || state === 'running') {
    return products.length === 0
      ? ''
      : ` (may make ${list(products.map(({ name, version }) => `${name} ${version}`))})`;
  }
  const made = (outcome?.published ?? []).map(({ name, version }) => `${name} ${version}`);
  const same = (outcome?.unchanged ?? []).map(
    ({ name, version }) => `${name} stays at ${version}: the same content`,
  );
  const how =
    reference === undefined
      ? ''
      : `, made in ${reference.index} by ticket ${reference.attempt} and referenced here`;
  const verb = reference === undefined ? 'makes' : 'shows';
  const words = [...(made.length === 0 ? [] : [`${verb} ${list(made)}${how}`]), ...same];
  return words.length === 0 ? '' : ` (${words.join('; ')})`;
}

/** What made it run, as the end of a sentence. */
export function becauseWords(state: State, run: RunRecord, facts: Facts = {}): string {
  if (run.cause.is === 'retry') return 'somebody asked for another try';
  if (run.cause.is === 'schedule') return `its schedule names ${clock(run.cause.at)}`;
  const before = run.previous === undefined ? undefined : state.records.runs.get(run.previous);
  if (before?.state === 'lost' && before.lock.hash === run.lock.hash)
    return `the machinery lost ticket ${before.attempt}`;
  if (before?.state === 'failed' && before.lock.hash === run.lock.hash)
    return `ticket ${before.attempt} failed and its task is allowed another try`;
  if (run.because.length === 0) return `${causeWords(run.cause)} changed something deeper that it reads`;
  if (run.because.every(({ from }) => from === undefined)) return firstTime(run);
  return list(run.because.map((one) => broughtWords(state, { ...one, run, facts })));
}

const firstTime = ({ lock, cause }: RunRecord): string => {
  const inputs = Object.entries(lock.direct).map(([name, version]) => `${name} ${version}`);
  const by =
    cause.is === 'change' ? `${causeWords(cause)} completed what it reads` : 'all it reads was there';
  return `it had no result yet and ${by}: ${list(inputs)}`;
};

/** `, promoted in change 421 after checks and approval`; nothing for what was published there */
function promotedWords(
  { cause }: RunRecord,
  { name, seq }: { name: string; seq?: number | undefined },
  { gateOf }: Facts,
): string {
  if (cause.is !== 'change' || cause.op !== 'promote' || cause.name !== name) return '';
  if (seq !== undefined && seq !== cause.seq) return '';
  const gate = gateOf?.(cause.index);
  return `, promoted in change ${cause.seq}${gate === undefined ? '' : ` after ${gate}`}`;
}

interface Brought extends Because {
  readonly run: RunRecord;
  readonly facts: Facts;
}

function broughtWords(state: State, { name, from, to, seq, run, facts }: Brought): string {
  const by = seq === undefined ? causeWords(run.cause) : `change ${seq}`;
  if (to === undefined) return `${by} took away ${name}, which was ${from}`;
  const maker = to === undefined ? undefined : makerOf(state, name, to);
  const made =
    maker === undefined
      ? promotedWords(run, { name, seq }, facts)
      : `, made by ${maker.task} ${maker.taskVersion}${promotedWords(maker, { name: maker.task }, facts)}`;
  if (from === undefined) return `${by} brought ${name} ${to}${made}`;
  return `${by} brought ${name} ${from} → ${to}${made}`;
}

/** The run that published a version, if a run did. */
export const makerOf = ({ records }: State, name: string, version: string): RunRecord | undefined =>
  records.runs
    .values()
    .find(({ outcome }) => outcome?.published.some((one) => one.name === name && one.version === version));

const verbs: Readonly<Record<string, string>> = {
  publish: 'publish of',
  overwrite: 'overwrite of',
  promote: 'promotion of',
  withdraw: 'withdrawal of',
  deprecate: 'deprecation of',
  undeprecate: 'return of',
  tag: 'tag on',
  untag: 'removed tag on',
};

/** `change 423 (publish of @film/bunny 1.1.0)` */
export function causeWords(cause: Cause): string {
  if (cause.is === 'retry') return `a retry of ${cause.task}`;
  if (cause.is === 'schedule') return `the schedule of ${cause.task}`;
  if (cause.is === 'resume') return `${cause.by}, who resumed what was paused`;
  if (cause.is === 'started') return 'the start of the server';
  const { seq, op, name, version } = cause;
  return `change ${seq}${name === '' ? '' : ` (${verbs[op] ?? op} ${`${name} ${version}`.trim()})`}`;
}

/** What keeps a task from running, as a clause. */
export function blockerWords(state: State, blocker: Blocker): string {
  switch (blocker.is) {
    case 'missing': {
      const { name, range, versions, from } = blocker;
      if (range === '') return `${from} reads ${name} without depending on it`;
      const there = versions.length === 0 ? 'there is no version of it' : `there is ${list(versions)}`;
      return `${from} asks for ${name} ${range} and nothing satisfies that: ${there}`;
    }
    case 'failed': {
      const reason = state.records.runs.get(blocker.attempt)?.reason;
      return `${blocker.task} failed (ticket ${blocker.attempt}${reason === undefined ? '' : `: ${reason}`})`;
    }
    case 'blocked':
      return `${blocker.task} is blocked`;
    case 'cycle':
      return `${blocker.task} feeds itself`;
    case 'paused':
      return `${blocker.by} paused ${blocker.task}${blocker.reason === undefined ? '' : `: ${blocker.reason}`}`;
  }
}
