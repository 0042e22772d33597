/**
 * Promotion: versions of one index become versions of another. The same bytes, no copy, all or nothing.
 *
 * Who asks needs the right to promote into the target. A handler may do it for somebody who has not, when the
 * target's owner granted it to this handler of the source index, and only with what that somebody may publish at
 * the source: neither gets more than both have. The gate holds either way, and runs promote nothing.
 */
import { piplError, versionTaken, type IndexName, type Origin, type PiplError } from '@pipl/packl';
import type { PromoteRequest, PromoteResult } from '@pipl/registry-client';
import { appendChanges } from '../feed/feed.ts';
import { copyRow } from './copy-row.ts';
import { readRights } from '../people/groups.ts';
import { indexIn, noIndex } from './indexes.ts';
import { mustBePerson, notYours, type Principal } from '../people/principal.ts';
import { handlerMayPromote, mayPromoteInto, mayPublishTo, mayRead, type Rights } from '../people/rights.ts';
import { readRows, rowOf, type StoredRow } from '../reading/rows.ts';
import type { Store } from '../state/store.ts';
import type { Queries } from '../state/tables.ts';
import { refuseNames } from '../people/token-limits.ts';
import { gateStateOf, shownRow } from './verdicts.ts';

export interface Promotion extends PromoteRequest {
  readonly into: IndexName;
  /** the handler of the source index that asks, for whoever the principal is; never from a request */
  readonly handler?: string;
}

type Wanted = PromoteRequest['packls'][number];

interface Work {
  readonly into: IndexName;
  readonly by: string;
  readonly principal: Principal;
  readonly rights: Rights;
  readonly handler: string | undefined;
  readonly at: string;
  readonly keys: Store['keys'];
}

const severalContents = ({ name, version }: Wanted, rows: readonly StoredRow[]): PiplError =>
  piplError('conflict', 'PIPL_SEVERAL_SOURCES', {
    what: `It is not clear which ${name}@${version} is meant.`,
    why: `${rows.map(({ index }) => index).join(', ')} have different contents under that version.`,
    hint: 'Say from which index: `--from owner/name`.',
  });

/** The version that is meant, where it stands. @throws PIPL_NO_VERSION PIPL_SEVERAL_SOURCES PIPL_PROMOTE_CHANGED */
async function sourceOf(
  tx: Queries,
  { into, rights, principal, handler }: Work,
  wanted: Wanted,
): Promise<StoredRow> {
  const { name, version, from, integrity } = wanted;
  let source: StoredRow;
  if (from === undefined) {
    const rows = (await readRows(tx, { name, version })).filter(
      (row) => row.withdrawn !== true && row.index !== into && mayRead(rights, principal, row.index),
    );
    const usable = integrity === undefined ? rows : rows.filter((row) => row.integrity === integrity);
    const fitting =
      handler === undefined
        ? usable
        : usable.filter(({ index }) => handlerMayPromote(rights, { handler, from: index, into }));
    if (new Set(fitting.map((row) => row.integrity)).size > 1) throw severalContents(wanted, fitting);
    const [first] = fitting;
    source = first ?? (await shownRow(tx, { rights, principal, subject: { index: into, name, version } }));
  } else {
    source = await shownRow(tx, { rights, principal, subject: { index: from, name, version } });
  }
  if (integrity === undefined || integrity === source.integrity) return source;
  throw piplError('conflict', 'PIPL_PROMOTE_CHANGED', {
    what: `${name}@${version} in ${source.index} is not what was to be promoted.`,
    why: `It has the integrity ${source.integrity} now, not ${integrity.slice(0, 120)}.`,
    hint: 'Look at it again, then promote what is there.',
  });
}

/** @throws PIPL_DENIED PIPL_NO_INDEX */
function refuseWithoutRight(
  { into, by, principal, rights, handler }: Work,
  { index, name }: StoredRow,
): void {
  refuseNames(principal.is === 'user' ? principal.limits : undefined, { index: into, names: [name] });
  if (handler === undefined) {
    if (mayPromoteInto(rights, by, into)) return;
    if (!mayRead(rights, principal, into)) throw noIndex(into);
    throw notYours(`${by} may not promote into ${into}.`, 'Its owner has not given them the right.');
  }
  if (!handlerMayPromote(rights, { handler, from: index, into })) {
    throw notYours(
      `The handler ${handler} of ${index} may not promote into ${into}.`,
      `The owner of ${into} has not granted it ${handler}@${index}.`,
    );
  }
  if (mayPublishTo(rights, by, index)) return;
  throw notYours(
    `The handler ${handler} promotes nothing for ${by}.`,
    `It acts for people with what they may do themselves, and ${by} may not publish to ${index}.`,
  );
}

async function refuseClosedGate(tx: Queries, { into, rights }: Work, row: StoredRow): Promise<void> {
  const { open, missing } = await gateStateOf(tx, { rights, into, row });
  if (open) return;
  throw piplError('invalid', 'PIPL_GATE_CLOSED', {
    what: `${row.name}@${row.version} does not get into ${into} yet.`,
    why: missing.join(' '),
    hint: `\`pipl approve ${row.name}@${row.version} -m …\` approves; checks are run by the handlers of ${row.index}.`,
    problems: missing,
  });
}

/** @returns whether the target has this content already @throws PIPL_VERSION_TAKEN */
async function isThere(
  tx: Queries,
  into: IndexName,
  { name, version, integrity }: StoredRow,
): Promise<boolean> {
  const [there] = await readRows(tx, { indexes: [into], name, version });
  if (there === undefined) return false;
  if (there.integrity === integrity && there.withdrawn !== true) return true;
  throw versionTaken(`${name}@${version}`, into);
}

const wouldPromote = ({ name, version, integrity, index: from, seq }: StoredRow) => ({
  name,
  version,
  integrity,
  from,
  seq,
});

async function write(
  tx: Queries,
  work: Work,
  sources: readonly StoredRow[],
): Promise<PromoteResult['promoted']> {
  const { into, by, at, handler } = work;
  const promoted = [];
  for (const source of sources) {
    const { index, name, version, integrity } = source;
    const origin: Origin = {
      index,
      seq: source.seq,
      integrity,
      by: source.publishedBy,
      ...(handler === undefined ? {} : { handler }),
    };
    const [seq = 0] = await appendChanges(tx, at, [
      { index: into, op: 'promote', name, version, integrity, by, origin },
    ]);
    await copyRow(tx, work, { source, seq });
    promoted.push({ name, version, integrity, from: index, seq });
  }
  return promoted;
}

function refuseMirror({ mirror }: { mirror?: string }, into: IndexName): void {
  if (mirror === undefined) return;
  throw piplError('denied', 'PIPL_MIRROR', {
    what: `Nothing can be promoted into ${into}.`,
    why: `It mirrors ${mirror}.`,
    hint: 'Promote into an index that inherits from it.',
  });
}

/** One list of what is to be written, each checked by itself and then all together by the guard. */
async function checkedSources(tx: Queries, work: Work, wanted: readonly Wanted[]) {
  const already: { name: string; version: string }[] = [];
  const sources = new Map<string, StoredRow>();
  for (const one of wanted) {
    const source = await sourceOf(tx, work, one);
    refuseWithoutRight(work, source);
    if (source.index === work.into || (await isThere(tx, work.into, source))) {
      already.push({ name: source.name, version: source.version });
      continue;
    }
    await refuseClosedGate(tx, work, source);
    sources.set(`${source.name}@${source.version}`, source);
  }
  return { already, sources: [...sources.values()] };
}

/**
 * @throws PIPL_GATE_CLOSED PIPL_VERSION_TAKEN PIPL_NO_VERSION PIPL_SEVERAL_SOURCES PIPL_PROMOTE_CHANGED PIPL_MIRROR
 *   PIPL_NO_INDEX PIPL_LOGIN_NEEDED PIPL_DENIED and what the guard refuses
 */
export async function promote(
  store: Store,
  { into, packls, handler, dryRun = false }: Promotion,
  principal: Principal,
): Promise<PromoteResult> {
  const by = mustBePerson(principal, `promote into ${into}`);
  const result = await store.db.transaction().execute(async (tx) => {
    const rights = await readRights(tx, store);
    const work: Work = {
      into,
      by,
      principal,
      rights,
      handler,
      at: store.now().toISOString(),
      keys: store.keys,
    };
    const target = indexIn(rights.indexes, into);
    if (!mayRead(rights, principal, into) && !mayPromoteInto(rights, by, into) && handler === undefined) {
      throw noIndex(into);
    }
    refuseMirror(target, into);
    const { already, sources } = await checkedSources(tx, work, packls);
    if (sources.length > 0) {
      const rows = sources.map((source) => ({ ...rowOf(source), index: into }));
      await store.guard?.check(tx, { index: into, principal, rows });
    }
    const promoted = dryRun ? sources.map(wouldPromote) : await write(tx, work, sources);
    const { seq: head } = await tx.selectFrom('registry_head').select('seq').executeTakeFirstOrThrow();
    return { promoted, already, seq: dryRun ? head : (promoted.at(-1)?.seq ?? head) };
  });
  store.rang();
  return result;
}
