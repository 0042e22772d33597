/** What the end of an action means for the run, in words that name the step. Pure. */
import type { ActionStatus } from '@pipl/openjd-sessions';
import { piplError } from '@pipl/packl';
import { RunEnded } from './ending.ts';

export interface FailedAction {
  readonly step: string;
  /** `entering X`, `frame=1-8`; undefined for a step without points */
  readonly where: string | undefined;
  readonly status: ActionStatus;
  /** what it printed last */
  readonly lines: readonly string[];
  /** the step runs the checks of the task */
  readonly isCheck: boolean;
}

export function actionFailure({ step, where, status, lines, isCheck }: FailedAction): RunEnded {
  const { state, exitCode, failMessage } = status;
  const place = `${step}${where === undefined ? '' : ` (${where})`}`;
  const how =
    state === 'TIMEOUT'
      ? 'it ran longer than its timeout'
      : exitCode === undefined
        ? 'it could not be started'
        : exitCode < 0
          ? `signal ${-exitCode} ended it`
          : `exit code ${exitCode}`;
  return new RunEnded(
    'failed',
    piplError('taskFailed', isCheck ? 'PIPL_CHECK_FAILED' : 'PIPL_ACTION_FAILED', {
      what: isCheck ? `A check failed (step ${place}).` : `The step ${place} failed: ${how}.`,
      why: failMessage ?? lines.at(-1) ?? 'It printed nothing.',
      hint: 'The log of the run has everything it printed: `pipl runs` lists runs, `pipl logs` shows one.',
      problems: lines,
    }),
    { step, ...(where === undefined ? {} : { where }) },
  );
}
