/** What can go wrong with stored content, in words. */
import { type PiplError, piplError } from '@pipl/packl';

export const contentMissing = (digest: string, root: string): PiplError =>
  piplError('notFound', 'PIPL_ASSET_MISSING', {
    what: `The asset store has no content ${digest}.`,
    why: `Nothing with this digest was added to the store at ${root}, or it was removed.`,
    hint: 'Run the task that made it again, or copy the content from a store that has it.',
  });

export const contentCorrupt = (digest: string, problems: readonly string[]): PiplError =>
  piplError('invalid', 'PIPL_ASSET_CORRUPT', {
    what: `The content stored as ${digest} is damaged.`,
    why: problems.join('; '),
    hint: 'Add the original again: damaged content is replaced. To change an asset, check it out with the mode "edit".',
    problems,
  });

export const notStorable = (path: string, why: string): PiplError =>
  piplError('invalid', 'PIPL_ASSET_NOT_STORABLE', {
    what: `${path} cannot be stored as an asset.`,
    why,
    hint: 'An asset is a file, a folder of files, or a sequence of files with the frame number before the extension.',
  });

export const badReference = (what: string, why: string): PiplError =>
  piplError('invalid', 'PIPL_ASSET_REFERENCE', {
    what,
    why,
    hint: 'Look at the product that names the asset: `pipl packl show` prints its references.',
  });

export const inTheWay = (path: string): PiplError =>
  piplError('conflict', 'PIPL_ASSET_IN_THE_WAY', {
    what: `${path} exists already.`,
    why: 'A checkout never writes over a file.',
    hint: 'Move it away, or check out somewhere else.',
  });

export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
