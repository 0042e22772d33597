/**
 * May these rows be published? Asked by the registry inside the transaction that would publish them.
 *
 * A run may publish what its ticket reserved, all of it and once, while it is the task's current attempt. People
 * may publish what no ticket has reserved and what leaves the graph sound (`declared.ts`).
 */
import { piplError } from '@pipl/packl';
import type { IndexName, PiplError, Row } from '@pipl/packl';
import { checkDeclared } from './declared.ts';
import { tryOut } from './trial.ts';
import type { Trial } from './trial.ts';
import { isUnderWay } from './under-way.ts';
import type { ChangeInput } from './feed.ts';
import { everyRule } from './rules.ts';
import type { Rules } from './rules.ts';
import { sameContent } from './same-content.ts';
import type { ReservationRecord, RunRecord, State } from './types.ts';
import { taskKey, versionKey } from './types.ts';
import { currentIn, nearnessOf, shownIn } from './shown.ts';

export interface ReleaseAsk {
  readonly index: IndexName;
  /** the attempt that releases */
  readonly run?: string;
  readonly principal:
    | { readonly is: 'anonymous' | 'user' }
    | { readonly is: 'run'; readonly attempt: string };
  readonly rows: readonly Row[];
  /** what the feed has beyond the state's cursor: it is taken into account */
  readonly unseen?: readonly ChangeInput[];
}

export interface ReleaseAnswer {
  /** what has the content that downstream would pick now: not to be published */
  readonly unchanged: readonly {
    readonly name: string;
    readonly version: string;
    readonly candidate: string;
  }[];
}

/**
 * @throws PIPL_RUN_OVER, PIPL_RUN_PRODUCTS, PIPL_RUN_TOKEN, PIPL_VERSION_RESERVED and what `checkDeclared` throws
 */
export function checkRelease(state: State, ask: ReleaseAsk, rules: Rules = everyRule): ReleaseAnswer {
  return tryOut(state, (trial) => {
    for (const input of ask.unseen ?? []) trial.take(input, rules);
    return answer(trial, ask, rules);
  });
}

function answer(trial: Trial, ask: ReleaseAsk, rules: Rules): ReleaseAnswer {
  const { live } = trial;
  const attempt = ask.principal.is === 'run' ? ask.principal.attempt : undefined;
  if (attempt !== ask.run) throw wrongToken(ask.run);
  if (attempt !== undefined) return checkRun(live, { ...ask, attempt, rules });
  for (const row of ask.rows) {
    const reserved = rules.reserve ? reservationOf(live, row) : undefined;
    if (reserved !== undefined) throw versionReserved(row, reserved);
  }
  checkDeclared(trial, ask);
  return { unchanged: [] };
}

function checkRun(
  state: State,
  { index, attempt, rows, rules }: ReleaseAsk & { readonly attempt: string; readonly rules: Rules },
): ReleaseAnswer {
  const run = state.records.runs.get(attempt);
  if (run === undefined || (rules.fence && !isCurrent(state, run))) throw runOver(attempt, run);
  const wanted = run.products.map(({ name, version }) => `${name}@${version}`).toSorted();
  const brought = rows.map(({ name, version }) => `${name}@${version}`).toSorted();
  if (index !== run.index || wanted.join(' ') !== brought.join(' '))
    throw wrongProducts(run, { index, brought, wanted });
  if (!rules.earlyCutoff) return { unchanged: [] };
  return {
    unchanged: rows.flatMap((row) => {
      const now = rules.compareWithCurrent
        ? currentIn(shownIn(state, index), row.name)
        : lastMade(state, run, row.name);
      return now !== undefined && sameContent(now, row)
        ? [{ name: row.name, version: now.version, candidate: row.version }]
        : [];
    }),
  };
}

const isCurrent = (state: State, run: RunRecord): boolean =>
  isUnderWay(run) && state.records.tasks.get(taskKey(run.index, run.task))?.attempt === run.attempt;

/** Only while the rule `compareWithCurrent` is off. */
function lastMade({ projection, records }: State, run: RunRecord, name: string): Row | undefined {
  const success = records.tasks.get(taskKey(run.index, run.task))?.success;
  const outcome = success === undefined ? undefined : records.runs.get(success.attempt)?.outcome;
  const made = [...(outcome?.published ?? []), ...(outcome?.unchanged ?? [])].find(
    (one) => one.name === name,
  );
  return projection.rows
    .get(name)
    ?.values()
    .find(({ version }) => version === made?.version);
}

/** A reservation counts where the version would be seen beside, or hide, the reserved one. */
function reservationOf(
  { records, projection }: State,
  { index, name, version }: Row,
): ReservationRecord | undefined {
  return [...nearnessOf(projection, index).keys()]
    .concat(projection.handlers.filter((handled) => nearnessOf(projection, handled).has(index)))
    .map((one) => records.reservations.get(versionKey(one, name, version)))
    .find((one) => one !== undefined);
}

const versionReserved = ({ name, version }: Row, { attempt, task }: ReservationRecord): PiplError =>
  piplError('conflict', 'PIPL_VERSION_RESERVED', {
    what: `${name}@${version} is reserved by ticket ${attempt}.`,
    why: `${task} is running and will publish that version if it makes something new.`,
    hint: `Publish the version after it, or wait: \`pipl logs -f ${attempt}\`.`,
  });

const runOver = (attempt: string, run: RunRecord | undefined): PiplError =>
  piplError('conflict', 'PIPL_RUN_OVER', {
    what: `Run ${attempt} may not publish: it is over.`,
    why:
      run === undefined
        ? 'The reactor knows no such run.'
        : `It ended as ${run.state}${run.reason === undefined ? '' : ` (${run.reason})`}.`,
    hint: `\`pipl why ${run?.task ?? attempt}\` tells what runs instead.`,
  });

const wrongProducts = (
  run: RunRecord,
  {
    index,
    brought,
    wanted,
  }: { readonly index: IndexName; readonly brought: readonly string[]; readonly wanted: readonly string[] },
): PiplError =>
  piplError('denied', 'PIPL_RUN_PRODUCTS', {
    what: `Run ${run.attempt} may not publish ${brought.join(', ') || 'nothing'} to ${index}.`,
    why: `Its ticket is for ${wanted.join(', ') || 'nothing'} in ${run.index}, all of it in one release.`,
    hint: 'Publish what the ticket names, with the versions it reserved.',
  });

const wrongToken = (run: string | undefined): PiplError =>
  piplError('denied', 'PIPL_RUN_TOKEN', {
    what:
      run === undefined
        ? 'A run must say which attempt it is.'
        : `Only run ${run} itself may publish as ${run}.`,
    why: 'The token does not belong to the attempt that the release names.',
    hint: 'Runs publish with their own token; people publish without naming a run.',
  });
