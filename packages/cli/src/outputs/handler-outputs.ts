/** What the commands about handlers and gates print. */
import { Handler } from '@pipl/packl';
import { z } from 'zod';
import { count, flag, gate, grant, seq, text, when } from './words.ts';

export const handler = z.object({
  index: text,
  name: text,
  kind: text,
  promoteTo: text.optional(),
  granted: flag.optional(),
  entry: Handler.optional().describe('as .pipl says it'),
  running: count,
  held: count,
  dead: count,
});

const check = z.object({
  check: text,
  of: text.describe('name@version'),
  passed: flag,
  seconds: z.number(),
  message: text.optional(),
  figures: z.record(text, z.union([z.number(), text])).optional(),
  log: z.array(text).optional().describe('the last lines it printed'),
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
  checks: z.array(check),
  begunAt: when,
  endedAt: when.optional(),
});

const gated = z.object({
  index: text,
  gate: gate.optional().describe('in force; absent: none'),
  written: gate.nullable().optional().describe('what .pipl says, where that is something else'),
  handlers: z.array(grant).describe('that may promote into it'),
  waiting: count.describe('versions that a handler holds because of it'),
});

export const handlerOutputs = {
  'proj gate list': z.array(gated),
  'proj gate set': gated,
  'proj gate remove': z.object({ index: text }),
  'proj handler list': z.array(handler),
  'proj handler add': z.object({ handler, granted: text.optional(), restart: flag }),
  'proj handler remove': z.object({ index: text, name: text, revoked: z.array(text), restart: flag }),
  'proj handler test': handling,
  'proj handler log': z.array(handling),
  'proj handler retry': handling,
};
