/**
 * One input, one decision about what handlers do. Pure: no clock, no input or output; the same state and input
 * always give the same decision. Whoever asks commits the writes, then applies them, then does the effects.
 *
 * What the registry does for a handler (a verdict, a promotion) is true when it stands in the feed: until then it
 * is asked for again at each start. So a crash between the two repeats nothing: the feed is read to its head first.
 */
import type { Change, RunState } from '@pipl/packl';
import { hear, supersede } from './hear.ts';
import { endPart, startPart, tryAgain } from './parts.ts';
import { endRuns, promote, settleHandling, stand } from './settle.ts';
import { handlerMeta, handlingsOf, openDraft, read, write, writesOf, type Draft } from './state.ts';
import {
  grantText,
  isOver,
  type HandlerDecision,
  type HandlerEffect,
  type HandlerInput,
  type Handling,
  type HandlerState,
  type Plan,
} from './types.ts';

/** handlings; and as many are forgotten at once */
const mostKept = 1000;
const together = 100;

export function decideHandlers(state: HandlerState, input: HandlerInput): HandlerDecision {
  const draft = openDraft(state, input.at);
  take(draft, input);
  return { writes: writesOf(draft), effects: effectsOf(draft) };
}

function take(draft: Draft, input: HandlerInput): void {
  switch (input.is) {
    case 'declared':
      return takeDeclared(draft, input);
    case 'change':
      return takeChange(draft, input);
    case 'trial':
      return begin(draft, input.change, input.plan, trialId(draft, input.change, input.plan));
    case 'run-started':
      return startPart(draft, input.attempt);
    case 'run-ended':
      return endPart(draft, input);
    case 'not-told':
      return takeRefusal(draft, input);
    case 'promoted':
      return on(draft, input.id, (handling) => stand(draft, handling, { is: 'promoted', seq: input.seq }));
    case 'gate-closed':
      return on(draft, input.id, (handling) =>
        stand(draft, handling, { is: 'held', missing: input.missing }),
      );
    case 'not-promoted':
      return takeRefusal(draft, input);
    case 'retry':
      return takeRetry(draft, input);
    case 'cancel':
      return takeCancel(draft, input.attempt);
    case 'tick':
      return tryAgain(draft);
    case 'started':
      return takeStarted(draft, input);
  }
}

function on(draft: Draft, id: string, work: (handling: Handling) => void): void {
  const handling = read(draft, 'handlings', id);
  if (handling !== undefined && !isOver(handling)) work(handling);
}

/** Who is new hears of what comes from now on; with nobody before, what was published meanwhile is passed over. */
function takeDeclared(draft: Draft, { handlers, head }: HandlerInput & { readonly is: 'declared' }): void {
  const { cursor, since } = handlerMeta(draft.base);
  const now = handlers.map(grantText);
  const isIdle = Object.keys(since).length === 0 && handlingsOf(draft).every(isOver);
  write(draft, 'handler_meta', 'handlers', {
    cursor: isIdle ? Math.max(cursor, head) : cursor,
    since: Object.fromEntries(now.map((one) => [one, since[one] ?? head])),
  });
}

/** Reacting twice equals reacting once: a change that is not newer than the cursor is passed over. */
function takeChange(draft: Draft, { change, plans }: HandlerInput & { readonly is: 'change' }): void {
  const meta = handlerMeta(draft.base);
  if (change.seq <= meta.cursor) return;
  write(draft, 'handler_meta', 'handlers', { ...meta, cursor: change.seq });
  for (const handling of handlingsOf(draft)) if (!isOver(handling)) hear(draft, handling, change);
  for (const plan of plans) {
    if (change.seq <= (meta.since[grantText(plan.declared)] ?? Infinity)) continue;
    supersede(draft, change, plan);
    begin(draft, change, plan, `${change.seq}.${plan.declared.name}`);
  }
}

function trialId(draft: Draft, { seq }: Change, { declared }: Plan): string {
  for (let n = 1; ; n += 1) {
    const id = `${seq}.${declared.name}.${n}`;
    if (read(draft, 'handlings', id) === undefined) return id;
  }
}

function begin(draft: Draft, change: Change, { declared, parts, problem }: Plan, id: string): void {
  const { handler, index, name } = declared;
  const { seq, op, version, integrity, by, at } = change;
  const isTrial = id !== `${seq}.${name}`;
  const handling: Handling = {
    id,
    index,
    handler: name,
    kind: handler.kind,
    change: {
      seq,
      op,
      name: change.name,
      version,
      by,
      at,
      ...(integrity === undefined ? {} : { integrity }),
    },
    ...(handler.kind === 'qa' && handler.promoteTo !== undefined
      ? { promoteTo: handler.promoteTo as Handling['index'] }
      : {}),
    retries: handler.retries ?? 0,
    ...(isTrial ? { trial: true as const } : {}),
    parts: [],
    stands: { is: 'running' },
    begunAt: draft.at,
  };
  if (problem !== undefined) {
    const { change: subject } = handling;
    const unresolved = {
      of: `${subject.name}@${subject.version}`,
      check: 'resolves',
      passed: false,
      seconds: 0,
      message: problem,
    };
    write(draft, 'handler_reports', id, { checks: [unresolved] });
    return settleHandling(draft, handling, problem);
  }
  forget(draft);
  write(draft, 'handlings', id, handling);
  for (const part of parts) submitPart(draft, id, part);
}

/** The past has an end: the oldest that are over go, what was given up stays until somebody has looked. */
function forget(draft: Draft): void {
  if (draft.base.records.handlings.size < mostKept + together) return;
  const over = [...handlingsOf(draft)].filter((one) => isOver(one) && one.stands.is !== 'dead');
  const old = new Set(over.slice(0, together).map(({ id }) => id));
  for (const id of old) {
    write(draft, 'handlings', id, undefined);
    write(draft, 'handler_reports', id, undefined);
  }
  for (const { attempt, handling } of draft.base.records.handler_runs.values()) {
    if (!old.has(handling)) continue;
    write(draft, 'handler_runs', attempt, undefined);
    write(draft, 'handler_reports', attempt, undefined);
  }
}

function submitPart(draft: Draft, id: string, { of, ticket }: Plan['parts'][number]): void {
  const handling = read(draft, 'handlings', id)!;
  const part = { of, ticket, is: 'waiting' as const, failed: 0, lost: 0 };
  write(draft, 'handlings', id, { ...handling, parts: [...handling.parts, part] });
  tryAgain(draft, { id, part: handling.parts.length });
}

/** The registry says no. What only a person can mend waits for them; what can never be is over. */
function takeRefusal(
  draft: Draft,
  { id, is, code, reason }: HandlerInput & { readonly is: 'not-told' | 'not-promoted' },
): void {
  on(draft, id, (handling) => {
    if (code === 'PIPL_NO_VERSION' || code === 'PIPL_PROMOTE_CHANGED') {
      stand(draft, handling, { is: 'gone', reason });
    } else if (is === 'not-promoted' && code !== 'PIPL_VERSION_TAKEN') {
      stand(draft, handling, { is: 'refused', code, reason });
    } else stand(draft, handling, { is: 'dead', reason });
  });
}

/** Somebody has it tried again: its runs if they were given up, its plan if it has none, its promotion otherwise. */
function takeRetry(draft: Draft, { id, plan }: HandlerInput & { readonly is: 'retry' }): void {
  const handling = read(draft, 'handlings', id);
  if (handling === undefined) return;
  const { stands, parts, index, change } = handling;
  if (stands.is === 'held' || stands.is === 'refused') return promote(draft, handling);
  if (stands.is !== 'dead' && stands.is !== 'failed' && stands.is !== 'canceled') return;
  if (parts.length === 0) {
    if (plan === undefined) return;
    write(draft, 'handler_reports', id, undefined);
    return begin(draft, { ...change, index }, plan, id);
  }
  const { endedAt: _, ...open } = handling;
  const again = parts.map((part) =>
    part.is === 'passed'
      ? part
      : { ...part, is: 'backing-off' as const, failed: 0, lost: 0, notBefore: draft.at },
  );
  if (again.every(({ is }) => is === 'passed')) return promote(draft, open);
  write(draft, 'handlings', id, { ...open, parts: again, stands: { is: 'running' } });
  tryAgain(draft);
}

function takeCancel(draft: Draft, attempt: string): void {
  const run = read(draft, 'handler_runs', attempt);
  if (run === undefined || (run.state !== 'waiting' && run.state !== 'running')) return;
  on(draft, run.handling, (handling) => {
    endRuns(draft, handling);
    stand(draft, handling, { is: 'canceled' });
  });
}

/** What was decided before the crash and perhaps not done is asked for again; what ended meanwhile is taken. */
function takeStarted(draft: Draft, { attempts }: HandlerInput & { readonly is: 'started' }): void {
  for (const [attempt, { end, report }] of Object.entries(attempts)) {
    const run = read(draft, 'handler_runs', attempt);
    const goesOn = end.is === 'waiting' || end.is === 'running';
    if (goesOn && run !== undefined && run.state === 'canceled') {
      draft.effects.push({ do: 'cancel', attempt }, { do: 'revoke', attempt });
    } else if (end.is === 'running') startPart(draft, attempt);
    else if (isEnd(end)) endPart(draft, { attempt, end, ...(report === undefined ? {} : { report }) });
  }
  for (const { id } of handlingsOf(draft)) on(draft, id, (handling) => askAgain(draft, handling, attempts));
}

const isEnd = ({ is }: RunState): boolean => is !== 'unknown' && is !== 'waiting' && is !== 'running';

function askAgain(
  draft: Draft,
  handling: Handling,
  attempts: (HandlerInput & { readonly is: 'started' })['attempts'],
): void {
  const { stands, parts } = handling;
  switch (stands.is) {
    case 'running':
      for (const { is, ticket } of parts) {
        const known = attempts[ticket.attempt];
        const isOpen = is === 'waiting' || is === 'running';
        if (isOpen && known?.end.is === 'unknown') draft.effects.push({ do: 'submit', ticket });
      }
      return;
    case 'judging':
      // What this very decision has come to is asked for already.
      if (draft.effects.some((effect) => effect.do === 'judge' && effect.handling.id === handling.id)) return;
      for (const verdict of stands.told) draft.effects.push({ do: 'judge', handling, verdict });
      return;
    case 'promoting':
    case 'held':
    case 'refused':
      return promote(draft, handling);
    case 'promoted':
    case 'passed':
    case 'failed':
    case 'done':
    case 'superseded':
    case 'gone':
    case 'canceled':
    case 'dead':
      return;
  }
}

/** Submits last: what is stopped makes room. Once each, and a wake-up while somebody waits for the time to come. */
function effectsOf(draft: Draft): HandlerEffect[] {
  const waits = handlingsOf(draft).flatMap(({ parts, stands }) =>
    stands.is === 'running'
      ? parts.flatMap(({ is, notBefore }) => (is === 'backing-off' ? (notBefore ?? []) : []))
      : [],
  );
  const [earliest] = [...waits].toSorted();
  const unique = [...new Map(draft.effects.map((effect) => [keyOf(effect), effect])).values()];
  const submits = unique.filter((effect) => effect.do === 'submit');
  return [
    ...unique.filter((effect) => effect.do !== 'submit'),
    ...submits,
    ...(earliest === undefined ? [] : [{ do: 'wake' as const, at: earliest }]),
  ];
}

function keyOf(effect: HandlerEffect): string {
  switch (effect.do) {
    case 'submit':
      return `submit ${effect.ticket.attempt}`;
    case 'cancel':
    case 'revoke':
      return `${effect.do} ${effect.attempt}`;
    case 'judge':
      return `judge ${effect.handling.id} ${effect.verdict.check}`;
    case 'promote':
      return `promote ${effect.handling.id}`;
    case 'wake':
      return 'wake';
  }
}
