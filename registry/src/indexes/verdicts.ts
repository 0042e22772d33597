/**
 * What checks and people say about a version: a row, and a change in the feed. Whether it opens a gate is
 * `gate.ts`'s business; here only everything that it asks for is read.
 */
import { piplError, type IndexName, type PiplError, type Verdict } from '@pipl/packl';
import type { Gate, GateState, VerdictView } from '@pipl/registry-client';
import { textIn, type Body } from '../body.ts';
import { appendChanges } from '../feed/feed.ts';
import { evaluateGate } from './gate.ts';
import { currentRights } from '../people/fast-rights.ts';
import { readRights } from '../people/groups.ts';
import { mustBePerson, notYours, type Principal } from '../people/principal.ts';
import {
  handlerMayPromote,
  includes,
  mayAdministerIndex,
  mayPromoteInto,
  mayPublishTo,
  mayRead,
  readableLineage,
  type Rights,
} from '../people/rights.ts';
import { nearestRows, readRows, type StoredRow } from '../reading/rows.ts';
import type { Store } from '../state/store.ts';
import type { Queries, Tables } from '../state/tables.ts';

export interface Judgement {
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
  readonly verdict: Verdict;
  readonly message?: string;
  /** of what was looked at: in a volatile index the version may have other content by now */
  readonly integrity?: string;
}

type Subject = Pick<Judgement, 'index' | 'name' | 'version'>;

const badVerdict = (why: string): PiplError =>
  piplError('usage', 'PIPL_VERDICT', {
    what: 'This is no verdict.',
    why,
    hint: 'Send {"verdict": {"kind": "approval", "result": "approved"}}, "retake", or a check with its name and "passed" or "failed".',
  });

const checkName = /^[A-Za-z0-9][\w .:/-]{0,99}$/;

/** From a request: it never speaks for a handler. @throws PIPL_VERDICT */
export function verdictIn(given: Body): Verdict {
  const verdict = given['verdict'];
  if (typeof verdict !== 'object' || verdict === null) throw badVerdict('"verdict" must be an object.');
  const { kind, result, check } = verdict as Record<string, unknown>;
  if (kind === 'approval' && (result === 'approved' || result === 'retake')) return { kind, result };
  if (kind !== 'check') throw badVerdict('Its kind must be "check" or "approval", with a result that fits.');
  const name = textIn({ check }, 'check');
  if (!checkName.test(name)) throw badVerdict(`"${name.slice(0, 100)}" is no name of a check.`);
  if (result !== 'passed' && result !== 'failed') throw badVerdict('A check has "passed" or "failed".');
  return { kind, check: name, result };
}

const viewOf = (line: Tables['registry_verdicts']): VerdictView => ({
  seq: line.seq,
  index: line.index_name,
  name: line.name,
  version: line.version,
  integrity: line.integrity,
  verdict:
    line.kind === 'approval'
      ? { kind: 'approval', result: line.result === 'approved' ? 'approved' : 'retake' }
      : {
          kind: 'check',
          check: line.check_name ?? '',
          result: line.result === 'passed' ? 'passed' : 'failed',
          ...(line.handler === null ? {} : { handler: line.handler }),
          ...(line.run === null ? {} : { run: line.run }),
        },
  by: line.by_whom,
  at: line.at,
  ...(line.message === null ? {} : { message: line.message }),
});

/** Everything that was said about this content under this name, oldest first. */
async function verdictsOn(
  db: Queries,
  { name, version, integrity }: { name: string; version: string; integrity: string },
): Promise<VerdictView[]> {
  const lines = await db
    .selectFrom('registry_verdicts')
    .selectAll()
    .where('name', '=', name)
    .where('version', '=', version)
    .where('integrity', '=', integrity)
    .orderBy('seq')
    .execute();
  return lines.map(viewOf);
}

/** The live version that an index shows to this asker. @throws PIPL_NO_VERSION PIPL_NO_INDEX */
export async function shownRow(
  db: Queries,
  { rights, principal, subject }: { rights: Rights; principal: Principal; subject: Subject },
): Promise<StoredRow> {
  const { index, name, version } = subject;
  const order = readableLineage(rights, principal, index);
  const [row] = nearestRows(order, await readRows(db, { name, version }));
  if (row !== undefined && row.withdrawn !== true) return row;
  throw piplError('notFound', 'PIPL_NO_VERSION', {
    what: `There is no ${name}@${version} in ${index}.`,
    why: 'Neither the index nor a base of it that you may read has it, or it was withdrawn.',
    hint: `\`pipl packl show ${name}\` lists the versions and where they are.`,
  });
}

const otherContent = ({ name, version, index }: StoredRow): PiplError =>
  piplError('notFound', 'PIPL_NO_VERSION', {
    what: `${name}@${version} in ${index} is not what was looked at.`,
    why: 'It was published again with other content.',
    hint: 'Look at what is there now.',
  });

const approves = (rights: Rights, gate: Gate, into: IndexName) => (user: string) =>
  gate.approval === undefined
    ? mayPromoteInto(rights, user, into)
    : includes(rights.groups, gate.approval, user) ||
      gate.approval.some((group) => rights.groups.get(group)?.has(user) === true);

const trusts =
  (rights: Rights, into: IndexName) =>
  ({ verdict, index, by }: VerdictView): boolean => {
    if (verdict.kind !== 'check') return false;
    const { handler } = verdict;
    return handler === undefined
      ? mayAdministerIndex(by, into)
      : handlerMayPromote(rights, { handler, from: index, into });
  };

/** What a gated index says to this version now; open when it has no gate. */
export async function gateStateOf(
  db: Queries,
  { rights, into, row }: { rights: Rights; into: IndexName; row: StoredRow },
): Promise<GateState> {
  const gate = rights.indexes.get(into)?.gate;
  if (gate === undefined) return { open: true, missing: [] };
  const judges = {
    trusts: trusts(rights, into),
    approves: approves(rights, gate, into),
    publisher: row.publishedBy,
  };
  return evaluateGate(gate, await verdictsOn(db, row), judges);
}

/** Every gate that the asker may see and that the version has not passed yet. */
async function gatesBefore(
  tx: Queries,
  { rights, principal, row }: { rights: Rights; principal: Principal; row: StoredRow },
): Promise<Record<string, GateState>> {
  const there = new Set(
    (await readRows(tx, { name: row.name, version: row.version })).map(({ index }) => index),
  );
  const states: Record<string, GateState> = {};
  for (const [into, { gate }] of rights.indexes) {
    if (gate === undefined || there.has(into) || !mayRead(rights, principal, into)) continue;
    states[into] = await gateStateOf(tx, { rights, into, row });
  }
  return states;
}

async function write(
  tx: Queries,
  {
    row,
    by,
    at,
    verdict,
    message,
  }: { row: StoredRow; by: string; at: string } & Pick<Judgement, 'verdict' | 'message'>,
): Promise<number> {
  const { index, name, version, integrity } = row;
  const told = message === undefined ? {} : { message };
  const [seq = 0] = await appendChanges(tx, at, [
    { index, op: 'verdict', name, version, integrity, by, verdict, ...told },
  ]);
  const isCheck = verdict.kind === 'check';
  await tx
    .insertInto('registry_verdicts')
    .values({
      seq,
      index_name: index,
      name,
      version,
      integrity,
      kind: verdict.kind,
      check_name: isCheck ? verdict.check : null,
      result: verdict.result,
      by_whom: by,
      handler: isCheck ? (verdict.handler ?? null) : null,
      run: isCheck ? (verdict.run ?? null) : null,
      message: message ?? null,
      at,
    })
    .execute();
  return seq;
}

/**
 * Records a verdict on the version that the index shows. Approving and asking for a retake is for everybody who
 * may read it, reporting a check for who may publish there: whether it counts is the gate's question.
 * @returns its seq, and what every gate before the version says now
 * @throws PIPL_NO_VERSION PIPL_NO_INDEX PIPL_LOGIN_NEEDED PIPL_DENIED
 */
export async function judge(
  store: Store,
  { verdict, message, integrity, ...subject }: Judgement,
  principal: Principal,
): Promise<{ seq: number; gates: Record<string, GateState> }> {
  const by = mustBePerson(principal, 'judge a version');
  const result = await store.db.transaction().execute(async (tx) => {
    const rights = await readRights(tx, store);
    const row = await shownRow(tx, { rights, principal, subject });
    if (integrity !== undefined && integrity !== row.integrity) throw otherContent(row);
    if (verdict.kind === 'check' && !mayPublishTo(rights, by, row.index)) {
      throw notYours(
        `${by} may not report checks in ${row.index}.`,
        'Only who may publish there reports checks.',
      );
    }
    const at = store.now().toISOString();
    const told = message === undefined ? {} : { message };
    const seq = await write(tx, { row, by, at, verdict, ...told });
    return { seq, gates: await gatesBefore(tx, { rights, principal, row }) };
  });
  store.rang();
  return result;
}

/** What was said about the version that the index shows, and where its reader may read. */
export async function readVerdicts(
  store: Store,
  subject: Subject,
  principal: Principal,
): Promise<VerdictView[]> {
  const rights = await currentRights(store.db, store);
  const row = await shownRow(store.db, { rights, principal, subject });
  return (await verdictsOn(store.db, row)).filter(({ index }) => mayRead(rights, principal, index));
}
