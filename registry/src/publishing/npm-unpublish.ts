/**
 * `npm unpublish`: in a volatile index it withdraws, which leaves a tombstone and a change in the feed; in a
 * stable one it is refused, with what to do instead. npm asks in three ways: the whole packl, the document with a
 * version left out, and then the tarball of that version.
 */
import { packlName, piplError, type PiplError } from '@pipl/packl';
import { withdraw } from './amend.ts';
import { trailOf } from '../people/audit.ts';
import { bodyOf } from '../body.ts';
import { answerJson, largestDocument, readJson } from '../http.ts';
import { indexIn, readIndexes } from '../indexes/indexes.ts';
import { indexRights } from '../people/npm-people.ts';
import type { NpmParts, NpmRequest } from './npm-writes.ts';
import { versionInFile } from '../reading/packument.ts';
import { readRows, type StoredRow } from '../reading/rows.ts';
import { refuseOperation } from '../people/token-limits.ts';

const noUnpublish = (index: string, name: string): PiplError =>
  piplError('denied', 'PIPL_NO_UNPUBLISH', {
    what: `Nothing is unpublished from ${index}: it is a stable index.`,
    why: 'What others have built on must stay what it was.',
    hint: `Hide a version with \`pipl packl withdraw ${name}@VERSION\`, or warn with \`npm deprecate\`.`,
  });

/** @throws PIPL_NO_UNPUBLISH PIPL_NO_PACKL PIPL_TOKEN_LIMITS and what the rights refuse */
async function withdrawAll(
  { store }: NpmParts,
  { index, principal, request }: NpmRequest,
  { name, which }: { name: string; which: (row: StoredRow) => boolean },
): Promise<void> {
  if (principal.is === 'user') refuseOperation(principal.limits, 'withdraw');
  if (!indexIn(await readIndexes(store.db), index).volatile) throw noUnpublish(index, name);
  const rows = await readRows(store.db, { indexes: [index], name });
  if (rows.length === 0) {
    throw piplError('notFound', 'PIPL_NO_PACKL', {
      what: `${index} has no ${name} of its own.`,
      why: 'It stands in a base, or nowhere.',
      hint: 'Unpublish it in the index it was published to.',
    });
  }
  const going = rows.filter((row) => row.withdrawn !== true && which(row));
  trailOf(request).subject = `${index} ${going.map(({ version }) => `${name}@${version}`).join(' ')}`;
  for (const { version } of going) await withdraw(store, { index, name, version }, undefined, principal);
}

/** @param path decoded, below the index @returns false when the request is none of these */
export async function answerUnpublish(parts: NpmParts, asked: NpmRequest, path: string): Promise<boolean> {
  const { method = 'GET' } = asked.request;
  const [, subject] = /^\/(.+)\/-rev\/[^/]+$/.exec(path) ?? [];
  if (subject === undefined || (method !== 'PUT' && method !== 'DELETE')) return false;
  const [name = '', file] = subject.split('/-/');
  packlName(name);
  if (method === 'DELETE') {
    const version = file === undefined ? undefined : versionInFile(name, file.split('/').at(-1) ?? '');
    const which = (row: StoredRow) => file === undefined || row.version === version;
    await withdrawAll(parts, asked, { name, which });
  } else {
    const document = bodyOf(await readJson(asked.request, largestDocument));
    if (document['versions'] === undefined) throw indexRights();
    const kept = bodyOf(document['versions']);
    await withdrawAll(parts, asked, { name, which: ({ version }) => kept[version] === undefined });
  }
  answerJson(asked.response, { ok: true, success: true }, 201);
  return true;
}
