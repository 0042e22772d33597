/**
 * What depends on a version: who would get another one, or none, were it withdrawn. And which products were made
 * from it: they stay as they are, but somebody may want to make them again.
 */
import { buildView, pick, type Row, type View } from '@pipl/packl';
import type { Dependent } from '@pipl/registry-client';
import { compare } from 'semver';
import type { Subject } from '../publishing/amend.ts';
import { currentRights } from '../people/fast-rights.ts';
import { lineage } from './indexes.ts';
import type { Principal } from '../people/principal.ts';
import { mayRead, readableLineage, type Rights } from '../people/rights.ts';
import { readRows, readTags } from '../reading/rows.ts';
import type { Store } from '../state/store.ts';

/** The ranges by which a packl asks for a name, from all its dependencies. */
function rangesOf({ manifest }: Row, name: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  return [dependencies, optionalDependencies, peerDependencies].flatMap((asks) => asks?.[name] ?? []);
}

const madeFrom = ({ manifest: { pipl } }: Row, { name, version }: Subject): boolean =>
  pipl?.kind === 'product' && pipl.made?.inputs[name] === version;

interface Views {
  readonly before: View;
  readonly after: View;
}

function dependentOf(row: Row, subject: Subject, { before, after }: Views): Dependent[] {
  const { index, name, version } = row;
  const isSubject = (picked: Row | undefined) =>
    picked?.index === subject.index && picked.version === subject.version;
  const asking = rangesOf(row, subject.name).filter((range) => isSubject(pick(before, subject.name, range)));
  const asks = asking.map((range) => {
    const instead = pick(after, subject.name, range)?.version;
    return { index, name, version, range, ...(instead === undefined ? {} : { instead }) };
  });
  return [...asks, ...(madeFrom(row, subject) ? [{ index, name, version, made: true }] : [])];
}

/** Each dependent in the view of the index in which it stands, if the asker may read that. */
async function readDependents(
  { db }: Store,
  subject: Subject,
  { rights, principal }: { rights: Rights; principal: Principal },
): Promise<Dependent[]> {
  const { indexes } = rights;
  const below = [...indexes.keys()].filter(
    (index) =>
      mayRead(rights, principal, index) && lineage(indexes, index).some(({ name }) => name === subject.index),
  );
  const rows = await readRows(db, { name: subject.name });
  const tags = await readTags(db, { name: subject.name });
  const isGone = (row: Row) => row.index === subject.index && row.version === subject.version;
  const withdrawn = rows.map((row) => (isGone(row) ? { ...row, withdrawn: true } : row));
  const shapes = [...indexes.values()];
  const found: Dependent[] = [];
  for (const index of below) {
    const before = buildView({ index, indexes: shapes, rows, tags });
    const after = buildView({ index, indexes: shapes, rows: withdrawn, tags });
    const asking = await readRows(db, { indexes: [index], mentions: subject.name });
    const live = asking.filter((row) => row.withdrawn !== true && row.name !== subject.name);
    found.push(...live.flatMap((row) => dependentOf(row, subject, { before, after })));
  }
  return found;
}

/** Sorted by name, highest version first. @throws PIPL_NO_INDEX */
export async function dependentsOf(
  store: Store,
  subject: Subject,
  principal: Principal,
): Promise<Dependent[]> {
  const rights = await currentRights(store.db, store);
  readableLineage(rights, principal, subject.index);
  const found = await readDependents(store, subject, { rights, principal });
  return found.toSorted(
    (one, other) => one.name.localeCompare(other.name) || compare(other.version, one.version),
  );
}
