/** What the commands about handlers print. */
import { z } from 'zod';
import { count, flag, seq, text, when } from './words.ts';

export const handler = z.object({
  index: text,
  name: text,
  kind: text,
  promoteTo: text.optional(),
  granted: flag.optional(),
  entry: z.looseObject({ kind: text }).optional().describe('as .pipl says it'),
  running: count,
  held: count,
  dead: count,
});

const handling = z.object({
  id: text,
  index: text,
  handler: text,
  kind: text,
  seq,
  op: text,
  name: text,
  version: text,
  by: text,
  state: z.enum([
    'running',
    'judging',
    'promoting',
    'held',
    'refused',
    'promoted',
    'passed',
    'failed',
    'done',
    'superseded',
    'gone',
    'canceled',
    'dead',
  ]),
  reason: text.optional(),
  promoteTo: text.optional(),
  missing: z.array(text).optional(),
  promoted: seq.optional(),
  trial: z.literal(true).optional(),
  runs: z.array(text),
  checks: z.array(z.looseObject({})),
  begunAt: when,
  endedAt: when.optional(),
});

export const handlerOutputs = {
  'proj handler list': z.array(handler),
  'proj handler add': z.object({ handler, granted: text.optional(), restart: flag }),
  'proj handler remove': z.object({ index: text, name: text, revoked: z.array(text), restart: flag }),
  'proj handler test': handling,
  'proj handler log': z.array(handling),
  'proj handler retry': handling,
};
