/** What the commands about what made what print. */
import { z } from 'zod';
import { count, flag, text, when } from './words.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const made = z.object({
  by: text.describe('task, name@version'),
  run: text.describe('the attempt'),
  index: text,
  at: when.optional(),
  causedBy: text.optional().describe('the user whose change set it off'),
});
const proven = z.object({
  spec: text,
  integrity: text,
  keyid: text,
  statementKeyid: text.optional(),
  made: made.optional().describe('absent: a source'),
  from: z.array(z.object({ spec: text, as: text })),
});

const verifiedVersion = z.object({
  name: text,
  version: text,
  integrity: text,
  keyid: text,
  bytes: z.enum(['server', 'project', 'file']),
  offline: flag,
  firstKeys: flag,
  made: made.extend({ keyid: text }).optional(),
});
const verifiedContent = z.object({
  file: z
    .object({ kind: z.enum(['file', 'folder']), digest, size: count, files: count.optional(), path: text })
    .optional(),
  place: text.optional().describe('name@version/asset/file'),
  also: z.array(text),
  root: text,
  versions: z.array(proven).describe('the first one is the root'),
  offline: flag,
  firstKeys: flag,
});

const lineage = z.object({
  direction: z.enum(['up', 'down']),
  roots: z.array(text),
  nodes: z.array(
    z.object({
      id: text,
      name: text,
      version: text,
      integrity: text,
      kind: text.optional(),
      indexes: z.array(text),
      made: z.object({ by: text, run: text, index: text.optional(), at: when.optional() }).optional(),
      withdrawn: z.literal(true).optional(),
    }),
  ),
  edges: z
    .array(z.object({ from: text, to: text, as: z.enum(['task', 'input', 'code']) }))
    .describe('from what was made to what it was made from'),
});

export const provenanceOutputs = {
  verify: z.union([verifiedContent, verifiedVersion]),
  'lineage up': lineage,
  'lineage down': lineage,
  rerun: z.object({
    runs: z.array(
      z.object({
        attempt: text,
        task: text,
        taskVersion: text,
        index: text,
        is: z.enum(['again', 'retry', 'left']),
        why: text.optional(),
      }),
    ),
    started: flag,
  }),
};
