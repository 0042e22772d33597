/** What the commands print that resolve, compare and rebuild. */
import { z } from 'zod';
import { flag, manifest, path, seq, spec, text, textBy } from './words.ts';

const side = z.object({ is: z.enum(['run', 'version']), label: text });
const difference = z.object({ name: text, left: text.optional(), right: text.optional() });

export const explainOutputs = {
  resolve: spec.extend({
    index: text,
    seq,
    integrity: text,
    manifest,
    lock: z
      .object({ hash: text, direct: textBy, pins: textBy.describe('name@version → integrity') })
      .optional()
      .describe('absent while something is missing'),
    inputs: z.array(spec.extend({ slot: text, integrity: text })).optional(),
    codeLock: z
      .object({ hash: text, dependencies: textBy, lockfile: text.describe('pnpm-lock.yaml') })
      .optional(),
    products: textBy.optional(),
    missing: z.array(z.object({ name: text, range: text, from: text })).optional(),
  }),
  diff: z.object({
    left: side,
    right: side,
    differences: z.record(text, z.array(difference)),
    unknown: z.array(text).describe('parts that one of the two does not know'),
  }),
  'run reproduce': z.object({
    attempt: text,
    task: text,
    folder: path,
    inputs: textBy,
    outputs: textBy,
    failedAt: z.object({ step: text, where: text.optional() }).optional(),
    sameJob: flag.optional(),
    made: z.array(
      z.object({
        product: text,
        asset: text,
        is: z.enum(['equal', 'differs', 'not recorded']),
        before: text.optional(),
        now: text,
        files: z.array(z.object({ path: text, is: z.enum(['differs', 'missing', 'new']) })),
      }),
    ),
  }),
};
