/** A release that is only tried: everything is checked where a real one is, and nothing of it is kept. */
import { rm } from 'node:fs/promises';
import type { ReleaseResult } from '@pipl/registry-client';
import type { GuardAnswer } from '../state/store.ts';
import type { Queries } from '../state/tables.ts';
import type { Candidate } from './candidate.ts';

/** What the release would be answered; every seq is that of the last change there is. */
export async function wouldWrite(
  tx: Queries,
  candidates: readonly Candidate[],
  answer: GuardAnswer,
): Promise<ReleaseResult> {
  const { seq } = await tx.selectFrom('registry_head').select('seq').executeTakeFirstOrThrow();
  const skipped = new Set(answer.unchanged.map(({ name, candidate }) => `${name}@${candidate}`));
  const published = candidates
    .map(({ manifest: { name, version }, integrity }) => ({ name, version, integrity, seq }))
    .filter(({ name, version }) => !skipped.has(`${name}@${version}`));
  const unchanged = answer.unchanged.map(({ name, version }) => ({ name, version }));
  return { published, unchanged, seq };
}

/** Removes what arrived and nobody will keep. */
export async function discardAll(candidates: readonly Candidate[]): Promise<void> {
  const files = candidates.flatMap(({ content }) => (content instanceof Uint8Array ? [] : [content.file]));
  await Promise.all(files.map((file) => rm(file, { force: true })));
}
