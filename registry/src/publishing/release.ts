/**
 * Publishing: several packls, all or nothing.
 *
 * Content first (durable files), then one transaction with rows, tags and changes, then the answer. What is
 * refused leaves neither a row nor a file. A run that asks again for what it released is answered as the
 * first time, so that a runner may repeat a request whose answer it never saw.
 */
import { piplError, versionTaken, type IndexName, type Row, type RunOutcome } from '@pipl/packl';
import type { ReleaseRequest, ReleaseResult } from '@pipl/registry-client';
import type { Hold } from '../blobs/blobs.ts';
import { checkedCandidate, type Candidate, type Sent } from './candidate.ts';
import { isIoError } from './disk-full.ts';
import { discardAll, wouldWrite } from './dry-run.ts';
import { appendChanges, type NewChange } from '../feed/feed.ts';
import { currentRights } from '../people/fast-rights.ts';
import { commitTogether, comingToCommit } from './group-commit.ts';
import { naming } from '../blobs/naming.ts';
import { indexIn } from '../indexes/indexes.ts';
import { mayPublish, refuseGated, signatureOf, type Principal } from '../people/principal.ts';
import { refuseLooseRanges } from '../indexes/publish-rules.ts';
import { previousRelease } from './released.ts';
import { refuseForeignProvenance, refuseUnprovenanced } from '../signing/provenance.ts';
import type { GuardAnswer, Store } from '../state/store.ts';
import { receivedTarball, type ReceivedTarball } from './stream-tarball.ts';
import type { Queries } from '../state/tables.ts';
import { readyWhile, takenBy, writeRow, type Ready } from './version-row.ts';

export interface Release extends Omit<ReleaseRequest, 'packls'> {
  readonly packls: readonly (Omit<Sent, 'tarball'> & {
    readonly tarball: ReceivedTarball | Uint8Array;
  })[];
  /** tags that the publisher asked for, other than the derived `latest` */
  readonly tags?: readonly string[];
}

interface Work {
  readonly index: IndexName;
  readonly principal: Principal;
  readonly candidates: readonly Ready[];
  readonly run: string | undefined;
  readonly tags: readonly string[];
  readonly at: string;
  readonly dryRun: boolean;
}

const rowOfCandidate = (index: IndexName, { manifest, integrity, thirdParty }: Candidate): Row => ({
  index,
  name: manifest.name,
  version: manifest.version,
  integrity,
  manifest,
  ...(thirdParty === undefined ? {} : { thirdParty }),
});

function refuseForeignRun(principal: Principal, run: string | undefined): void {
  if ((principal.is === 'run' ? principal.attempt : undefined) === run) return;
  throw piplError('denied', 'PIPL_DENIED', {
    what: 'This release names a run that did not ask for it.',
    why: 'Only the token of a run can release in its name, and it can do nothing else.',
    hint: 'Leave `run` out to publish as yourself.',
  });
}

function refuseTwice(candidates: readonly Candidate[]): void {
  const seen = new Set<string>();
  for (const { manifest } of candidates) {
    if (seen.has(manifest.name)) {
      throw piplError('invalid', 'PIPL_RELEASE', {
        what: `${manifest.name} is in this release twice.`,
        why: 'A release has one version of each packl.',
        hint: 'Publish the versions one after the other.',
      });
    }
    seen.add(manifest.name);
  }
}

/** @throws PIPL_VERSION_TAKEN; versions that a volatile index will overwrite are returned */
async function refuseTaken(tx: Queries, work: Work, isVolatile: boolean): Promise<Set<string>> {
  const overwritten = new Set<string>();
  for (const { manifest } of work.candidates) {
    const { name, version } = manifest;
    const taken = await takenBy(tx, { index: work.index, name, version });
    if (taken === undefined) continue;
    if (!isVolatile || taken.withdrawn === 1) throw versionTaken(`${name}@${version}`, work.index);
    overwritten.add(name);
  }
  return overwritten;
}

/** The task that a run belongs to, from what its products say made them. */
function taskOfRun(candidates: readonly Candidate[]): { name: string; version: string } {
  for (const { manifest } of candidates) {
    const by = manifest.pipl?.kind === 'product' ? manifest.pipl.made?.by : undefined;
    const at = by?.lastIndexOf('@') ?? -1;
    if (by !== undefined && at > 0) return { name: by.slice(0, at), version: by.slice(at + 1) };
  }
  return { name: '', version: '' };
}

async function writeAll(
  tx: Queries,
  { work, overwritten, answer }: { work: Work; overwritten: ReadonlySet<string>; answer: GuardAnswer },
): Promise<ReleaseResult> {
  const by = signatureOf(work.principal);
  const skipped = new Set(answer.unchanged.map(({ name, candidate }) => `${name}@${candidate}`));
  const published: { name: string; version: string; integrity: string; seq: number }[] = [];
  let last: number | undefined;
  const append = async (change: NewChange) => {
    const [seq] = await appendChanges(tx, work.at, [
      { ...change, ...(work.run === undefined ? {} : { run: work.run }) },
    ]);
    last = seq;
    return seq ?? 0;
  };
  for (const candidate of work.candidates) {
    const { name, version } = candidate.manifest;
    if (skipped.has(`${name}@${version}`)) continue;
    const { integrity } = candidate;
    const op = overwritten.has(name) ? 'overwrite' : 'publish';
    const seq = await append({ index: work.index, op, name, version, integrity, by });
    await writeRow(tx, { ...work, by, candidate, seq });
    for (const tag of work.tags) await append({ index: work.index, op: 'tag', name, version, tag, by });
    published.push({ name, version, integrity, seq });
  }
  const unchanged = answer.unchanged.map(({ name, version }) => ({ name, version }));
  if (work.run !== undefined) {
    const outcome: RunOutcome = {
      published: published.map(({ name, version }) => ({ name, version })),
      unchanged,
    };
    await append({ index: work.index, op: 'run', ...taskOfRun(work.candidates), by, outcome });
  }
  // Nothing was appended where nothing was new.
  last ??= (await tx.selectFrom('registry_head').select('seq').executeTakeFirstOrThrow()).seq;
  return { published, unchanged, seq: last };
}

const committer =
  (store: Store, work: Work) =>
  async (tx: Queries): Promise<ReleaseResult> => {
    const { index, principal, candidates, run } = work;
    const before = await previousRelease(tx, work);
    if (before !== undefined) return before;
    const rights = await currentRights(tx, store);
    const target = indexIn(rights.indexes, index);
    const names = candidates.map(({ manifest }) => manifest.name);
    mayPublish(principal, { index, names, rights });
    refuseGated(principal, { index, rights });
    if (target.mirror !== undefined) {
      throw piplError('denied', 'PIPL_MIRROR', {
        what: `Nothing can be published to ${index}.`,
        why: `It mirrors ${target.mirror}.`,
        hint: `Publish to an index that inherits from it, like ${store.common}.`,
      });
    }
    const overwritten = await refuseTaken(tx, work, target.volatile);
    const rows = candidates.map((candidate) => rowOfCandidate(index, candidate));
    await refuseLooseRanges(tx, { rights, index, rows });
    const question = { index, principal, rows, ...(run === undefined ? {} : { run }) };
    const answer = (await store.guard?.check(tx, question)) ?? { unchanged: [] };
    if (store.demandsProvenance && run !== undefined) refuseUnprovenanced(candidates);
    return work.dryRun ? wouldWrite(tx, candidates, answer) : writeAll(tx, { work, overwritten, answer });
  };

const isNamed = async ({ db }: Store, integrity: string): Promise<boolean> => {
  for (const table of ['registry_versions', 'registry_mirrored'] as const) {
    const found = await db
      .selectFrom(table)
      .select('integrity')
      .where('integrity', '=', integrity)
      .limit(1)
      .execute();
    if (found.length > 0) return true;
  }
  return false;
};

interface Held {
  readonly hold: Hold;
  readonly integrity: string;
}

/** Bytes of a release that may stand in the database until they are on disk: others wait for that commit, too. */
const mostTogether = 1024 * 1024;

/** At once: the disk writes several files together faster than one after the other. */
async function holdAll(store: Store, candidates: readonly Candidate[], holds: Held[]): Promise<void> {
  const bytes = candidates.map(({ content }) => (content instanceof Uint8Array ? content.length : 0));
  const confirms = bytes.reduce((sum, size) => sum + size, 0) <= mostTogether;
  const settled = await Promise.allSettled(
    candidates.map(async ({ integrity, content }) => {
      holds.push({ hold: await store.blobs.hold(integrity, content, { confirms }), integrity });
    }),
  );
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function candidatesOf(store: Store, packls: Release['packls']): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { tarball, ...sent } of packls) {
    const received = tarball instanceof Uint8Array ? await receivedTarball(store.blobs, tarball) : tarball;
    candidates.push(checkedCandidate({ ...sent, tarball: received }));
  }
  return candidates;
}

/**
 * @throws PIPL_VERSION_TAKEN, what {@link checkedCandidate} and the guard refuse, PIPL_LOGIN_NEEDED PIPL_DENIED
 *   PIPL_NO_INDEX PIPL_MIRROR
 */
export async function release(store: Store, request: Release, principal: Principal): Promise<ReleaseResult> {
  const { index, run, tags = [], dryRun = false } = request;
  refuseForeignRun(principal, run);
  const rights = await currentRights(store.db, store);
  indexIn(rights.indexes, index);
  const candidates = await candidatesOf(store, request.packls);
  refuseTwice(candidates);
  for (const candidate of candidates) refuseForeignProvenance(store.provenance, candidate);
  mayPublish(principal, {
    index,
    names: candidates.map(({ manifest }) => manifest.name),
    rights,
  });

  const holds: Held[] = [];
  const named = new Set<string>();
  const arrived = comingToCommit(store.db);
  try {
    const held = (dryRun ? discardAll(candidates) : holdAll(store, candidates, holds)).finally(arrived);
    const ready = await readyWhile(held, store.keys, candidates);
    const at = store.now().toISOString();
    const work = { index, principal, candidates: ready, run, tags, at, dryRun };
    const result = await naming(
      holds.map(({ hold }) => hold),
      committer(store, work),
      (confirmed) => commitTogether(store.db, confirmed),
    );
    if (dryRun) return result;
    for (const { integrity } of result.published) named.add(integrity);
    store.rang();
    return result;
  } catch (error) {
    // Perhaps the rows are on disk all the same: then their content must be, too. The next start looks again.
    if (isIoError(error)) for (const { integrity } of holds) named.add(integrity);
    throw error;
  } finally {
    for (const { hold, integrity } of holds) {
      await hold.settle(async () => named.has(integrity) || (await isNamed(store, integrity)));
    }
  }
}
