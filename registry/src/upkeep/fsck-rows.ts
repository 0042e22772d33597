/** The tables against each other: tags and the versions they name, the feed and what it tells of. */
import type { IndexName } from '@pipl/packl';
import { appendChanges } from '../feed/feed.ts';
import type { FsckPlace } from './fsck.ts';
import type { Finding, FsckOptions } from '@pipl/registry-client';
import { lineage, readIndexes } from '../indexes/indexes.ts';
import { readTags } from '../reading/rows.ts';
import type { Database } from '../state/tables.ts';

const page = 5000;
const shownInARow = 20;

export async function tagFindings(
  { db, now, rang }: FsckPlace,
  { repair = false }: FsckOptions,
): Promise<{ findings: Finding[]; tags: number }> {
  const indexes = await readIndexes(db);
  const rows = await db
    .selectFrom('registry_versions')
    .select(['index_name', 'name', 'version'])
    .where('withdrawn', '=', 0)
    .execute();
  const shown = new Set(rows.map((row) => `${row.index_name} ${row.name}@${row.version}`));
  const tags = await readTags(db);
  const dangling = tags.filter(({ index, name, version }) => {
    const order = indexes.has(index) ? lineage(indexes, index) : [];
    return !order.some((one) => shown.has(`${one.name} ${name}@${version}`));
  });
  const findings: Finding[] = [];
  for (const { index, name, version, tag } of dangling) {
    if (repair) await removeTag(db, { index, name, version, tag, at: now().toISOString() });
    findings.push({
      problem: 'tag-dangling',
      subject: `${name}@${tag} in ${index}`,
      why: `It names ${version}, which ${index} does not show.`,
      ...(repair ? { done: 'removed the tag' } : {}),
    });
  }
  if (repair && dangling.length > 0) rang?.();
  return { findings, tags: tags.length };
}

interface Tag {
  readonly index: IndexName;
  readonly name: string;
  readonly version: string;
  readonly tag: string;
  readonly at: string;
}

const removeTag = (db: Database, { index, name, version, tag, at }: Tag) =>
  db.transaction().execute(async (tx) => {
    await tx
      .deleteFrom('registry_tags')
      .where('index_name', '=', index)
      .where('name', '=', name)
      .where('tag', '=', tag)
      .execute();
    await appendChanges(tx, at, [{ index, op: 'untag', name, version, tag, by: 'root' }]);
  });

/** Whoever read to `n` has seen all up to `n`: that holds only while none is missing. */
export async function feedFindings(db: Database): Promise<{ findings: Finding[]; changes: number }> {
  const { seq: head } = await db.selectFrom('registry_head').select('seq').executeTakeFirstOrThrow();
  const findings: Finding[] = [];
  let changes = 0;
  for (let last = 0; ;) {
    const seqs = await db
      .selectFrom('registry_changes')
      .select('seq')
      .where('seq', '>', last)
      .orderBy('seq')
      .limit(page)
      .execute();
    for (const { seq } of seqs) {
      if (seq !== last + 1) findings.push(gap(last + 1, seq - 1));
      last = seq;
    }
    changes += seqs.length;
    if (seqs.length === page) continue;
    // A change after the head was asked for is no gap: look only at what the head promised.
    if (last < head) findings.push(gap(last + 1, head));
    return { findings: [...findings.slice(0, shownInARow), ...(await untold(db, head))], changes };
  }
}

const gap = (from: number, to: number): Finding => ({
  problem: 'feed-gap',
  subject: from === to ? `change ${from}` : `changes ${from} to ${to}`,
  why: 'The feed does not have them: whoever follows it has missed something.',
});

/** Versions of which the change that brought them does not tell. */
async function untold(db: Database, head: number): Promise<Finding[]> {
  const rows = await db
    .selectFrom('registry_versions as row')
    .leftJoin('registry_changes as change', 'change.seq', 'row.seq')
    .select(['row.index_name', 'row.name', 'row.version', 'row.seq'])
    .where('row.seq', '<=', head)
    .where(({ eb, or }) =>
      or([
        eb('change.name', 'is distinct from', eb.ref('row.name')),
        eb('change.version', 'is distinct from', eb.ref('row.version')),
        eb('change.index_name', 'is distinct from', eb.ref('row.index_name')),
        eb('change.integrity', 'is distinct from', eb.ref('row.integrity')),
      ]),
    )
    .limit(shownInARow)
    .execute();
  return rows.map((row) => ({
    problem: 'feed-differs',
    subject: `${row.name}@${row.version} in ${row.index_name}`,
    why: `Change ${row.seq} tells of something else, or is not there.`,
  }));
}
