/** What somebody sent, if it is what a route can follow; otherwise they are told every problem of it. */
import { piplError, problemsIn } from '@pipl/packl';
import type { z } from 'zod';

export interface Refusal {
  readonly kind: 'invalid' | 'usage';
  readonly code: `PIPL_${string}`;
  readonly what: string;
  readonly hint: string;
  /** how the whole is called where a problem is of no part of it */
  readonly whole?: string;
}

/** @throws PiplError as the refusal says */
export const readsBody =
  ({ kind, code, what, hint, whole = 'the request' }: Refusal) =>
  <Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> => {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const problems = problemsIn(parsed.error, whole);
    throw piplError(kind, code, { what, why: problems.join('; '), hint, problems });
  };
