/** Rows against files: is every tarball there, is it the one that was published, and does somebody need it? */
import type { Contents, Found, Named } from '../blobs/blobs.ts';
import type { FsckPlace } from './fsck.ts';
import { digestsOf, namedInside } from './fsck-files.ts';
import type { Finding, FsckOptions } from '@pipl/registry-client';
import { neededIn, usualGrace } from './gc.ts';
import type { Database } from '../state/tables.ts';

/** What another mirror has of it is as wrong. */
const publishedIn =
  (db: Database): Named =>
  async (integrities, queries = db) => {
    const rows = await queries
      .selectFrom('registry_versions')
      .select('integrity')
      .where('integrity', 'in', integrities)
      .execute();
    return new Set(rows.map(({ integrity }) => integrity));
  };

export interface Content {
  readonly findings: Finding[];
  readonly versions: number;
  readonly files: number;
  readonly bytes: number;
  /** what has other bytes than its name says */
  readonly wrong: ReadonlySet<string>;
}

interface Version {
  readonly subject: string;
  readonly named: string;
  readonly integrity: string;
  readonly shasum: string;
  readonly needed: boolean;
}

async function versionsIn(db: Database): Promise<Version[]> {
  const rows = await db
    .selectFrom('registry_versions as version')
    .leftJoin('registry_indexes as index', 'index.name', 'version.index_name')
    .select([
      'version.index_name',
      'version.name',
      'version.version',
      'version.integrity',
      'version.shasum',
      'version.withdrawn',
      'index.volatile',
    ])
    .execute();
  return rows.map((row) => ({
    subject: `${row.name}@${row.version} in ${row.index_name}`,
    named: `${row.name}@${row.version}`,
    integrity: row.integrity,
    shasum: row.shasum,
    needed: row.withdrawn === 0 || row.volatile !== 1,
  }));
}

const mirroredIn = (db: Database) => db.selectFrom('registry_mirrored').selectAll().execute();

/** What was published, against what is there. */
export async function contentFindings(place: FsckPlace, options: FsckOptions): Promise<Content> {
  const { db, blobs } = place;
  // Files before rows: what comes in meanwhile is a file first.
  const files = new Map<string, Found>();
  for await (const { integrity, ...found } of blobs.list()) files.set(integrity, found);
  const versions = await versionsIn(db);
  const mirrored = new Set((await mirroredIn(db)).map(({ integrity }) => integrity));
  // Whatever their files are: the next start writes them from it.
  const inDatabase = (await blobs.arrivals?.integrities()) ?? new Set();
  const byContent = Map.groupBy(versions, ({ integrity }) => integrity);
  const findings: Finding[] = [];
  const wrong = new Set<string>();
  let bytes = 0;

  for (const [integrity, own] of byContent) {
    // It may have come in after the files were listed.
    if (files.has(integrity) || inDatabase.has(integrity)) continue;
    if ((await blobs.stat(integrity)) !== undefined) continue;
    for (const { subject, needed } of own) {
      if (needed) findings.push(missing(subject, blobs.where(integrity)));
    }
  }
  for (const [integrity, { size, touched }] of files) {
    const own = byContent.get(integrity) ?? [];
    if (own.length === 0 && !mirrored.has(integrity)) {
      const isYoung = place.inUse && Date.now() - touched < usualGrace;
      if (!isYoung) findings.push(...(await unnamed(place, integrity, options)));
      continue;
    }
    if (options.readData !== true || inDatabase.has(integrity)) continue;
    bytes += size;
    const found = await read(blobs, { integrity, own });
    if (found.wrong) wrong.add(integrity);
    findings.push(...found.findings);
  }
  return { findings, versions: versions.length, files: files.size, bytes, wrong };
}

const missing = (subject: string, file: string): Finding => ({
  problem: 'content-missing',
  subject,
  why: `${file} is not there: nobody can install this version. A backup has it, or publish the same files again.`,
});

async function unnamed(
  { db, blobs }: FsckPlace,
  integrity: string,
  { repair = false }: FsckOptions,
): Promise<Finding[]> {
  const finding = {
    problem: 'content-unnamed',
    subject: blobs.where(integrity),
    why: 'No version and no mirror names it.',
  } as const;
  if (!repair) return [finding];
  const to = await blobs.setAside(integrity, neededIn(db));
  // Meanwhile somebody needs it, or it has gone.
  return to === undefined ? [] : [{ ...finding, done: `moved to ${to}` }];
}

async function read(
  blobs: Contents,
  { integrity, own }: { integrity: string; own: readonly Version[] },
): Promise<{ wrong: boolean; findings: Finding[] }> {
  const digests = await digestsOf(blobs, integrity);
  if (digests === undefined) return { wrong: false, findings: [] };
  if (digests.integrity !== integrity) {
    const why = `${blobs.where(integrity)} has changed since it was published. A backup has it as it was.`;
    return { wrong: true, findings: own.map(({ subject }) => ({ problem: 'content-wrong', subject, why })) };
  }
  const inside = own.length === 0 ? undefined : await namedInside(blobs, integrity);
  return {
    wrong: false,
    findings: own.flatMap(({ subject, named, shasum }): Finding[] => {
      if (shasum !== digests.shasum) {
        return [
          { problem: 'row-wrong', subject, why: `Its sha1 is ${digests.shasum}, the row says ${shasum}.` },
        ];
      }
      if (inside === undefined || inside === named) return [];
      return [{ problem: 'row-wrong', subject, why: `The tarball holds ${inside}.` }];
    }),
  };
}

/** A mirror's files can be fetched again: forgetting them is enough. */
export async function mirrorFindings(
  { db, blobs }: FsckPlace,
  { repair = false }: FsckOptions,
  wrong: ReadonlySet<string>,
): Promise<{ findings: Finding[]; mirrored: number }> {
  const rows = await mirroredIn(db);
  const findings: Finding[] = [];
  const published = new Set((await versionsIn(db)).map(({ integrity }) => integrity));
  for (const { index_name: index, name, file, integrity } of rows) {
    const isWrong = wrong.has(integrity);
    if (!isWrong && (await blobs.stat(integrity)) !== undefined) continue;
    if (repair) {
      await db
        .deleteFrom('registry_mirrored')
        .where('index_name', '=', index)
        .where('name', '=', name)
        .where('file', '=', file)
        .execute();
      // Where a version needs it too, it stays for whoever mends that one.
      if (isWrong && !published.has(integrity)) await blobs.setAside(integrity, publishedIn(db));
    }
    findings.push({
      problem: isWrong ? 'mirrored-wrong' : 'mirrored-missing',
      subject: `${file} of ${name} in ${index}`,
      why: isWrong ? 'It has changed since it was fetched.' : 'It is not there any longer.',
      ...(repair ? { done: 'forgot it: it is fetched again when somebody asks for it' } : {}),
    });
  }
  return { findings, mirrored: rows.length };
}
