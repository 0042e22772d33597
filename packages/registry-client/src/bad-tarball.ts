/** The one refusal for a tarball that cannot be taken. */
import { piplError, type PiplError } from '@pipl/packl';

export const badTarball = (why: string, cause?: unknown): PiplError =>
  piplError('invalid', 'PIPL_TARBALL', {
    what: 'The tarball cannot be taken.',
    why,
    hint: 'Pack it again with `pipl packl publish`, `pnpm pack` or `npm pack`.',
    ...(cause === undefined ? {} : { cause }),
  });
