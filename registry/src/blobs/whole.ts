/** Content that must be there, because a row names it. */
import { piplError, type PiplError } from '@pipl/packl';
import type { Contents } from './blobs.ts';

export const blobMissing = (integrity: string): PiplError =>
  piplError('notFound', 'PIPL_BLOB_MISSING', {
    what: 'The content of this version is not there.',
    why: `The index knows it as ${integrity}; the store has no such file.`,
    hint: 'Whoever runs the server: `pipl fsck` says what else is missing.',
  });

/** @throws PIPL_BLOB_MISSING, what the place fails with */
export async function wholeOf(blobs: Pick<Contents, 'open'>, integrity: string): Promise<Buffer> {
  const opened = await blobs.open(integrity);
  if (opened === undefined) throw blobMissing(integrity);
  return opened.bytes();
}
