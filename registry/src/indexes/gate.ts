/**
 * Does a gate let a version through? Pure: the gate, what was said about the content, and who counts.
 *
 * A verdict is about content, so it counts wherever it was given. Of each check the latest word counts, of each
 * person the latest too. A check counts when somebody reports it whom the index trusts; an approval when its
 * giver is asked for one and did not publish the version, unless the gate says that one's own will do. Whoever is
 * asked and wants a retake closes the gate.
 */
import type { Gate, GateState, VerdictView } from '@pipl/registry-client';

export interface Judges {
  /** may this verdict of a check be believed? */
  readonly trusts: (verdict: VerdictView) => boolean;
  /** is this person's approval asked for? */
  readonly approves: (user: string) => boolean;
  /** who published the version: their own approval does not count */
  readonly publisher: string;
}

const inOrder = (verdicts: readonly VerdictView[]) => verdicts.toSorted((one, other) => one.seq - other.seq);

/** name of the check → its latest result */
function resultsOf(verdicts: readonly VerdictView[], { trusts }: Judges): Map<string, 'passed' | 'failed'> {
  const results = new Map<string, 'passed' | 'failed'>();
  for (const view of inOrder(verdicts)) {
    if (view.verdict.kind === 'check' && trusts(view)) results.set(view.verdict.check, view.verdict.result);
  }
  return results;
}

function missingChecks(checks: Gate['checks'], results: ReadonlyMap<string, 'passed' | 'failed'>): string[] {
  if (checks === undefined) return [];
  if (checks === true && results.size === 0) return ['No check has reported yet.'];
  return (checks === true ? [...results.keys()] : checks).flatMap((check) => {
    const result = results.get(check);
    if (result === 'passed') return [];
    return [
      result === 'failed' ? `The check ${check} has failed.` : `The check ${check} has not reported yet.`,
    ];
  });
}

function missingApprovals(gate: Gate, verdicts: readonly VerdictView[], judges: Judges): string[] {
  const needed = gate.approvals ?? (gate.approval === undefined ? 0 : 1);
  const latest = new Map<string, VerdictView>();
  for (const view of inOrder(verdicts)) {
    if (view.verdict.kind === 'approval' && judges.approves(view.by)) latest.set(view.by, view);
  }
  const retakes = [...latest.values()].filter(({ verdict }) => verdict.result === 'retake');
  const isCounted = (by: string) => gate.self === true || by !== judges.publisher;
  const given = [...latest.values()].filter(
    ({ verdict, by }) => verdict.result === 'approved' && isCounted(by),
  );
  return [
    ...retakes.map(
      ({ by, message }) => `${by} wants a retake${message === undefined ? '' : `: ${message}`}.`,
    ),
    ...(given.length >= needed
      ? []
      : [`${needed - given.length} more approval(s) needed, by ${whoIsAsked(gate, judges)}`]),
  ];
}

/** A gate that only its publisher could open says how that is changed: nobody else can. */
function whoIsAsked({ approval, self }: Gate, { publisher }: Judges): string {
  if (approval === undefined) return "people who may promote; one's own does not count.";
  if (self === true) return `${approval.join(', ')}.`;
  if (approval.some((one) => one !== publisher)) return `${approval.join(', ')}; one's own does not count.`;
  return `${publisher}, who published it: one's own does not count, unless .pipl says "approval": {"by": ["${publisher}"], "self": true}.`;
}

/** @param verdicts on the very content in question, of any index */
export function evaluateGate(gate: Gate, verdicts: readonly VerdictView[], judges: Judges): GateState {
  const missing = [
    ...missingChecks(gate.checks, resultsOf(verdicts, judges)),
    ...missingApprovals(gate, verdicts, judges),
  ];
  return { open: missing.length === 0, missing };
}
