/**
 * Proves that the state is whole: every version has its tarball and the feed tells of it, every tarball has a
 * version, every version is signed, and with `readData` every byte is the one that was published.
 *
 * Works on files and tables alone, so it runs beside a server and without one. Repairing moves away or forgets
 * only what nobody can be missing; what is lost is said, and comes back from a backup or by publishing it again.
 */
import { contentFindings, mirrorFindings, type Content } from './fsck-contents.ts';
import type { Contents } from '../blobs/blobs.ts';
import type { Finding, FsckOptions, FsckReport } from '@pipl/registry-client';
import { feedFindings, tagFindings } from './fsck-rows.ts';
import { signatureFindings } from './fsck-signatures.ts';
import { usualGrace } from './gc.ts';
import type { Database } from '../state/tables.ts';
import { alone } from './upkeep.ts';

export interface FsckPlace {
  readonly db: Database;
  readonly blobs: Contents;
  /** PROJ/system/keys */
  readonly keys: string;
  /** others may be publishing: what is young is on its way */
  readonly inUse: boolean;
  readonly now: () => Date;
  /** after a change of the feed */
  readonly rang?: () => void;
}

const shownFindings = 1000;

export const fsck = (place: FsckPlace, options: FsckOptions = {}): Promise<FsckReport> =>
  alone(place.db, () => check(place, options));

async function check(place: FsckPlace, options: FsckOptions): Promise<FsckReport> {
  const { readData = false } = options;
  const arrived = await arrivedFindings(place, options);
  const content: Content = await contentFindings(place, options);
  const mirrored = await mirrorFindings(place, options, content.wrong);
  const tags = await tagFindings(place, options);
  const feed = await feedFindings(place.db);
  const findings = [
    ...arrived,
    ...content.findings,
    ...(await signatureFindings(place.db, place.keys)),
    ...mirrored.findings,
    ...(await leftFindings(place, options)),
    ...tags.findings,
    ...feed.findings,
  ];
  return {
    ok: findings.every(({ done }) => done !== undefined),
    readData,
    checked: {
      versions: content.versions,
      mirrored: mirrored.mirrored,
      tags: tags.tags,
      changes: feed.changes,
      files: content.files,
      bytes: content.bytes,
    },
    findings: findings.slice(0, shownFindings),
  };
}

/** Not damage: the database has it, and the next start brings it back by itself. */
async function arrivedFindings({ blobs }: FsckPlace, { repair = false }: FsckOptions): Promise<Finding[]> {
  const written = repair ? await blobs.arrivals?.settle() : undefined;
  return (written ?? []).map((integrity) => ({
    problem: 'content-torn',
    subject: blobs.where(integrity),
    why: 'The machine stopped before it was on disk; the database still had it.',
    done: 'wrote it again',
  }));
}

async function leftFindings(
  { blobs, inUse }: FsckPlace,
  { repair = false }: FsckOptions,
): Promise<Finding[]> {
  const old = (await blobs.leftovers()).filter(({ touched }) => !inUse || Date.now() - touched >= usualGrace);
  const findings: Finding[] = [];
  for (const { where, setAside } of old) {
    const done = repair ? { done: `moved to ${await setAside()}` } : {};
    findings.push({
      problem: 'left-behind',
      subject: where,
      why: 'A process ended while it wrote it.',
      ...done,
    });
  }
  return findings;
}
