/** What a handling comes to when its runs have ended: what is told about the version, and where it goes then. */
import type { CheckResult } from '@pipl/packl';
import { read, write, type Draft } from './state.ts';
import { isOver, type Handling, type Stands, type ToTell } from './types.ts';

/** Reported under the name of the handler, not each by its own. */
const own = new Set(['installs', 'resolves', 'runs']);
const longestMessage = 500;

export function stand(draft: Draft, handling: Handling, stands: Stands): void {
  const after: Handling = { ...handling, stands };
  write(draft, 'handlings', handling.id, isOver(after) ? { ...after, endedAt: draft.at } : after);
}

/** @param problem there is nothing that could be run */
export function settleHandling(draft: Draft, handling: Handling, problem?: string): void {
  const { stands, kind, trial } = handling;
  if (stands.is === 'judging') return settleJudged(draft, handling, stands);
  const open = handling.parts.some(({ is }) => is === 'waiting' || is === 'running' || is === 'backing-off');
  if (open) return write(draft, 'handlings', handling.id, handling);
  const dead = handling.parts.find(({ is }) => is === 'dead');
  if (dead !== undefined) return giveUp(draft, handling, dead.reason ?? 'It was lost.');
  if (kind !== 'qa') {
    return problem === undefined ? stand(draft, handling, { is: 'done' }) : giveUp(draft, handling, problem);
  }
  const checks = checksOf(draft, handling, problem);
  const passed = checks.every((check) => check.passed);
  if (trial === true) return finish(draft, handling, { passed, told: [overall(handling, checks)] });
  const told = toTell(handling, checks);
  stand(draft, handling, { is: 'judging', passed, told });
  const judging = read(draft, 'handlings', handling.id)!;
  for (const verdict of told) draft.effects.push({ do: 'judge', handling: judging, verdict });
}

function giveUp(draft: Draft, handling: Handling, reason: string): void {
  endRuns(draft, handling);
  const after = read(draft, 'handlings', handling.id) ?? handling;
  const canceled = after.parts.some((part) => part.is === 'dead' && part.reason === 'cancelled');
  stand(draft, after, canceled ? { is: 'canceled' } : { is: 'dead', reason });
}

function settleJudged(draft: Draft, handling: Handling, judged: Stands & { readonly is: 'judging' }): void {
  if (judged.told.length > 0) return write(draft, 'handlings', handling.id, handling);
  const { passed } = judged;
  finish(draft, handling, { passed, told: [overall(handling, checksOf(draft, handling))] });
}

function finish(
  draft: Draft,
  handling: Handling,
  { passed, told: [verdict] }: { readonly passed: boolean; readonly told: readonly [ToTell] },
): void {
  if (!passed) return stand(draft, handling, { is: 'failed', reason: verdict.message ?? 'A check failed.' });
  if (handling.promoteTo === undefined || handling.trial === true)
    return stand(draft, handling, { is: 'passed' });
  promote(draft, handling);
}

export function promote(draft: Draft, handling: Handling): void {
  const into = handling.promoteTo;
  if (into === undefined) return;
  stand(draft, handling, { is: 'promoting' });
  draft.effects.push({ do: 'promote', handling: read(draft, 'handlings', handling.id)!, into });
}

/** Stops what still runs for it. */
export function endRuns(draft: Draft, handling: Handling): void {
  for (const { ticket } of handling.parts) {
    const run = read(draft, 'handler_runs', ticket.attempt);
    if (run === undefined || (run.state !== 'waiting' && run.state !== 'running')) continue;
    const { attempt } = run;
    write(draft, 'handler_runs', attempt, { ...run, state: 'canceled', endedAt: draft.at });
    draft.effects.push({ do: 'cancel', attempt }, { do: 'revoke', attempt });
  }
}

/** Everything that was checked; a run that left no report failed before it had anything to say. */
export function checksOf(draft: Draft, { id, parts }: Handling, problem?: string): CheckResult[] {
  const unresolved = read(draft, 'handler_reports', id)?.checks ?? [];
  if (problem !== undefined || parts.length === 0) return [...unresolved];
  return parts.flatMap(({ of, ticket, is, reason }) => {
    const report = read(draft, 'handler_reports', ticket.attempt);
    if (report !== undefined) return report.checks;
    const failed = { check: 'runs', of, passed: false, seconds: 0, message: reason ?? 'It failed.' };
    return is === 'failed' || is === 'dead' ? [failed] : [];
  });
}

const subjectOf = ({ change }: Handling): string => `${change.name}@${change.version}`;

/**
 * The whole first, under the name of the handler: no gate that asks for any check is open in between. The packl's own
 * follow as `qa/frames`: whoever writes a packl names its checks, and must not speak for another handler.
 */
function toTell(handling: Handling, checks: readonly CheckResult[]): ToTell[] {
  const whole = overall(handling, checks);
  const run = handling.parts[0]?.ticket.attempt;
  const named = checks.filter(({ check, of }) => of === subjectOf(handling) && !own.has(check));
  return [
    whole,
    ...named.map(({ check, passed, message }): ToTell => ({
      check: `${handling.handler}/${check}`,
      result: passed ? 'passed' : 'failed',
      ...(message === undefined ? {} : { message: message.slice(0, longestMessage) }),
      ...(run === undefined ? {} : { run }),
    })),
  ];
}

function overall(handling: Handling, checks: readonly CheckResult[]): ToTell {
  const run = handling.parts[0]?.ticket.attempt;
  const failed = checks.filter(({ passed }) => !passed);
  const subject = subjectOf(handling);
  const lines = failed.map(
    ({ check, of, message }) =>
      `${check}${of === subject ? '' : ` of ${of}`}${message === undefined ? '' : ` (${message})`}`,
  );
  const message =
    failed.length === 0
      ? `${checks.length} check(s) passed.`
      : `${failed.length} of ${checks.length} check(s) failed: ${lines.join('; ')}`;
  return {
    check: handling.handler,
    result: failed.length === 0 ? 'passed' : 'failed',
    message: message.slice(0, longestMessage),
    ...(run === undefined ? {} : { run }),
  };
}
