/** Shapes that several commands print: versions, indexes, runs, dependencies, errors. */
import { z } from 'zod';

export const when = z.iso.datetime().describe('UTC');
export const text = z.string();
export const count = z.number().int().nonnegative();
export const flag = z.boolean();
export const seq = count.describe('of a change of the feed');
export const path = z.string().describe('absolute');
export const textBy = z.record(z.string(), z.string());

export const spec = z.object({ name: text, version: text });
/** A manifest is npm's: any key may stand in it. */
export const manifest = z
  .looseObject({
    name: text,
    version: text,
    pipl: z.looseObject({ kind: text }).optional().describe('as package.schema.json of @pipl/pipe has it'),
  })
  .describe('a package.json: any key may stand in it');

export const errorKinds = [
  'usage',
  'notFound',
  'conflict',
  'auth',
  'denied',
  'invalid',
  'unreachable',
  'taskFailed',
  'timeout',
  'unresolvable',
] as const;

export const error = z.object({
  code: z
    .string()
    .regex(/^PIPL_[A-Z_]+$/)
    .describe('stable'),
  kind: z.enum(errorKinds).describe('decides the exit status'),
  message: text.describe('what'),
  why: text.optional(),
  hint: text.optional().describe('what to do'),
  problems: z.array(text).optional(),
});

/** What a command says that is only tried. */
export const trial = z.object({
  dryRun: z.literal(true),
  would: text.describe('the first write; nothing was written'),
});

/** The document of `--json` around the data of a command. */
export const success = <T extends z.ZodType>(data: T) =>
  z.object({ ok: z.literal(true), data, warnings: z.array(text) });
export const failure = z.object({ ok: z.literal(false), error });

export const grant = z.object({ handler: text, from: text });
const rights = {
  read: z.array(text).optional(),
  publish: z.array(text).optional(),
  promote: z.array(text).optional(),
  handlers: z.array(grant).optional(),
};
export const gate = z.object({
  checks: z.union([z.literal(true), z.array(text)]).optional(),
  approval: z.array(text).optional(),
  approvals: count.optional(),
  self: z.literal(true).optional().describe("one's own approval counts"),
});
export const index = z.object({
  name: text,
  bases: z.array(text),
  volatile: flag,
  mirror: text.optional(),
  allow: z.array(text).optional(),
  largestDocument: count.describe('bytes').optional(),
  near: flag.optional(),
  gate: gate.optional(),
  retention: z.object({ keep: count.optional(), days: count.optional() }).optional(),
  ...rights,
});

export const operation = z.object({
  op: z.enum(['add', 'replace', 'remove']),
  path: text.describe('JSON Pointer'),
  value: z.json().optional(),
});

export const asset = z.object({
  type: text,
  kind: z.enum(['file', 'folder', 'sequence']),
  digest: text,
  size: count.describe('bytes'),
  basename: text,
  frames: z.array(z.number().int()).optional(),
  files: count.optional(),
});

export const because = z.object({
  name: text,
  from: text.optional(),
  to: text.optional(),
  range: text.optional(),
  seq: seq.optional().describe('of the change that brought it'),
});
export const cause = z.object({ seq, name: text, version: text }).describe('seq 0: a retry');
export const pin = spec.extend({ integrity: text });

export const finding = z.object({ problem: text, subject: text, why: text, done: text.optional() });
export const fsck = z.object({
  ok: flag,
  readData: flag,
  checked: z.record(text, count),
  findings: z.array(finding),
});
