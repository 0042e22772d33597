/**
 * The runs of a handling. A part has one attempt under way; the task's own failures and those of the machinery are
 * counted apart: the first are tried again as often as the handler says, the second a few times with a growing
 * wait, then somebody has to look.
 */
import type { QaReport, RunState, Ticket } from '@pipl/packl';
import { settleHandling } from './settle.ts';
import { handlingsOf, read, write, type Draft } from './state.ts';
import { isOver, type HandlerRun, type Handling, type Part } from './types.ts';

const lossesBeforeGivingUp = 5;
/** seconds before the second and later attempts; the first loss costs no wait */
const backOff = [0, 2, 8, 32];

/** A gate must not open because a report was lost. */
const unreported = 'It ended well, but its report is not there: nobody knows what was checked.';

interface Found {
  readonly handling: Handling;
  readonly at: number;
  readonly part: Part;
  readonly run: HandlerRun;
}

/** The part whose attempt this is, while it is under way. */
function partOf(draft: Draft, attempt: string): Found | undefined {
  const run = read(draft, 'handler_runs', attempt);
  if (run === undefined || (run.state !== 'waiting' && run.state !== 'running')) return undefined;
  const handling = read(draft, 'handlings', run.handling);
  const at = handling?.parts.findIndex(({ ticket }) => ticket.attempt === attempt) ?? -1;
  const part = handling?.parts[at];
  return handling === undefined || part === undefined ? undefined : { handling, at, part, run };
}

export const withPart = (handling: Handling, at: number, part: Part): Handling => ({
  ...handling,
  parts: handling.parts.map((one, place) => (place === at ? part : one)),
});

export function startPart(draft: Draft, attempt: string): void {
  const found = partOf(draft, attempt);
  if (found?.part.is !== 'waiting') return;
  const { handling, at, part, run } = found;
  write(draft, 'handler_runs', attempt, { ...run, state: 'running', startedAt: draft.at });
  write(draft, 'handlings', handling.id, withPart(handling, at, { ...part, is: 'running' }));
}

/** An end is final: whoever comes second is not heard. */
export function endPart(
  draft: Draft,
  { attempt, end, report }: { readonly attempt: string; readonly end: RunState; readonly report?: QaReport },
): void {
  const found = partOf(draft, attempt);
  if (found === undefined) return;
  switch (end.is) {
    case 'succeeded':
      if (found.handling.kind === 'qa' && report === undefined)
        return close(draft, found, { state: 'failed', reason: unreported });
      return close(draft, found, { state: 'succeeded', report });
    case 'failed':
      return close(draft, found, { state: 'failed', reason: end.reason, report });
    case 'lost':
      return close(draft, found, { state: 'lost', reason: end.reason });
    case 'canceled':
    case 'taken-back':
      return close(draft, found, { state: 'canceled', reason: 'cancelled' });
    case 'unknown':
    case 'waiting':
    case 'running':
      return;
  }
}

interface End {
  readonly state: Exclude<HandlerRun['state'], 'waiting' | 'running'>;
  readonly reason?: string;
  readonly report?: QaReport | undefined;
}

function close(draft: Draft, { handling, at, part, run }: Found, { state, reason, report }: End): void {
  const { attempt } = run;
  const why = reason === undefined ? {} : { reason };
  write(draft, 'handler_runs', attempt, { ...run, state, endedAt: draft.at, ...why });
  if (report !== undefined) write(draft, 'handler_reports', attempt, report);
  draft.effects.push({ do: 'revoke', attempt });
  const after = withPart(handling, at, { ...partAfter(draft, handling, { part, state }), ...why });
  if (isOver(handling)) return write(draft, 'handlings', handling.id, after);
  settleHandling(draft, after);
  tryAgain(draft);
}

function partAfter(
  { at }: Draft,
  { retries, kind }: Handling,
  { part, state }: { readonly part: Part; readonly state: End['state'] },
): Part {
  const { failed, lost, notBefore: _, ...rest } = part;
  switch (state) {
    case 'succeeded':
      return { ...rest, failed, lost, is: 'passed' };
    case 'failed':
      return failed < retries
        ? { ...rest, failed: failed + 1, lost, is: 'backing-off', notBefore: at }
        : { ...rest, failed: failed + 1, lost, is: kind === 'qa' ? 'failed' : 'dead' };
    case 'lost': {
      if (lost + 1 >= lossesBeforeGivingUp) return { ...rest, failed, lost: lost + 1, is: 'dead' };
      const notBefore = new Date(Date.parse(at) + (backOff[lost] ?? 0) * 1000).toISOString();
      return { ...rest, failed, lost: lost + 1, is: 'backing-off', notBefore };
    }
    case 'canceled':
      return { ...rest, failed, lost, is: 'dead' };
  }
}

/** Submits what has waited long enough; with `which`, that one part. */
export function tryAgain(draft: Draft, which?: { readonly id: string; readonly part: number }): void {
  for (const { id, parts, stands } of handlingsOf(draft)) {
    if (stands.is !== 'running' || (which !== undefined && which.id !== id)) continue;
    for (const [at, part] of parts.entries()) {
      const isDue = part.is === 'backing-off' && (part.notBefore ?? '') <= draft.at;
      if (which === undefined ? isDue : which.part === at) submit(draft, { id, at });
    }
  }
}

function submit(draft: Draft, { id, at }: { readonly id: string; readonly at: number }): void {
  const handling = read(draft, 'handlings', id)!;
  const { notBefore: _, reason: __, ...part } = handling.parts[at]!;
  const ticket: Ticket = { ...part.ticket, attempt: freeAttempt(draft, part.ticket.runKey) };
  const { task, purpose, index, runKey, attempt } = ticket;
  write(draft, 'handler_runs', attempt, {
    attempt,
    handling: id,
    purpose,
    index,
    name: task.name,
    version: task.version,
    handler: handling.handler,
    runKey,
    seq: handling.change.seq,
    state: 'waiting',
    submittedAt: draft.at,
  });
  write(draft, 'handlings', id, withPart(handling, at, { ...part, ticket, is: 'waiting' }));
  draft.effects.push({ do: 'submit', ticket });
}

function freeAttempt(draft: Draft, runKey: string): string {
  for (let n = 1; ; n += 1) {
    if (read(draft, 'handler_runs', `${runKey}.${n}`) === undefined) return `${runKey}.${n}`;
  }
}
