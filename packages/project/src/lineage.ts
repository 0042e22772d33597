/** What made a version, what was made of it: asked of the server. The subject may be a file: its content counts. */
import { stat } from 'node:fs/promises';
import { contentDigestOf } from '@pipl/assets';
import { piplError, type IndexName } from '@pipl/packl';
import type { Lineage, LineageDirection, RegistryClient } from '@pipl/registry-client';

/** A path that is there: `./x`, `/x`, or a name that no packl with a scope could have. */
export async function isContentPath(subject: string, absolute: string): Promise<boolean> {
  if (subject.startsWith('@')) return false;
  const found = await stat(absolute).catch(() => undefined);
  return found !== undefined || /^(?:\.{0,2}\/|~)/.test(subject);
}

export interface AskLineage {
  readonly direction: LineageDirection;
  /** `name`, `name@version` or `sha256:…` */
  readonly subject: string;
  /** a file or folder instead of the subject */
  readonly path?: string | undefined;
  readonly index?: IndexName | undefined;
  readonly code?: boolean | undefined;
}

/** @throws PIPL_NO_VERSION PIPL_UNKNOWN_CONTENT (exit 3) */
export async function lineageOf(
  client: RegistryClient,
  { direction, subject, path, index, code }: AskLineage,
): Promise<Lineage> {
  const digest = path === undefined ? undefined : (await contentDigestOf(path)).digest;
  const found = await client.lineage({
    direction,
    subject: digest ?? subject,
    ...(index === undefined ? {} : { index }),
    ...(code === true ? { code: true } : {}),
  });
  if (found.roots.length > 0) return found;
  throw piplError('notFound', 'PIPL_UNKNOWN_CONTENT', {
    what: `${path ?? subject} is nothing that this project made.`,
    why: `No version that you may read holds ${digest ?? subject}.`,
    hint: 'One byte is enough to make it unknown: compare it with a fresh checkout.',
  });
}
