/** What `pipl why` answers for programs, by what was asked about: the records that the sentences were made of. */
import { z } from 'zod';
import { because, count, flag, pin, seq, spec, text, textBy, when } from './words.ts';

const cause = z.discriminatedUnion('is', [
  spec.extend({ is: z.literal('change'), seq, op: text, index: text, by: text, at: when }),
  z.object({ is: z.literal('retry'), task: text, at: when }),
  z
    .object({ is: z.literal('schedule'), task: text, at: when })
    .describe('the time came that its policy names'),
  z.object({ is: z.literal('resume'), by: text, at: when }).describe('what was paused went on'),
  z.object({ is: z.literal('started'), at: when }),
]);

const superseding = z.discriminatedUnion('is', [
  z.object({ is: z.literal('changed'), cause }).describe('what it reads is something else'),
  z.object({ is: z.literal('comes'), cause }).describe('what it reads will be something else'),
  z.object({ is: z.literal('paused'), by: text, reason: text.optional() }),
]);

const run = z.object({
  attempt: text,
  runKey: text,
  index: text,
  task: text,
  taskVersion: text,
  wave: text,
  cause,
  because: z.array(because.omit({ range: true })),
  state: z.enum(['waiting', 'running', 'succeeded', 'unchanged', 'failed', 'canceled', 'lost', 'superseded']),
  stale: flag.describe('the task resolves to something else by now'),
  lock: z.object({
    hash: text,
    task: pin,
    direct: textBy,
    pins: textBy.describe('name@version → integrity'),
  }),
  products: z.array(spec.extend({ slot: text })),
  previous: text.optional().describe('the attempt before it'),
  superseding: superseding.optional().describe('why it is taken back, unless it has begun'),
  waitsSince: when.optional().describe('it took the place of one that waited since then'),
  replacedBy: text.optional().describe('the attempt that took its place'),
  submittedAt: when,
  startedAt: when.optional(),
  endedAt: when.optional(),
  reason: text.optional(),
  outcome: z
    .object({ published: z.array(spec.extend({ integrity: text.optional() })), unchanged: z.array(spec) })
    .optional(),
});

const blocker = z.discriminatedUnion('is', [
  z.object({ is: z.literal('missing'), name: text, range: text, from: text, versions: z.array(text) }),
  z.object({ is: z.literal('failed'), task: text, attempt: text }),
  z.object({ is: z.literal('blocked'), task: text }),
  z.object({ is: z.literal('cycle'), task: text }),
  z.object({ is: z.literal('paused'), task: text, by: text, reason: text.optional() }),
]);
const status = z.discriminatedUnion('is', [
  z.object({ is: z.literal('clean'), known: z.literal(true).optional() }),
  z.object({ is: z.literal('inherited'), from: text }),
  z.object({ is: z.literal('running'), stale: flag }),
  z.object({ is: z.literal('waiting'), for: z.array(text) }),
  z.object({
    is: z.literal('backing-off'),
    until: when,
    quiet: z.literal(true).optional().describe('until its inputs have rested'),
  }),
  z.object({ is: z.literal('blocked'), by: z.array(blocker) }),
  z.object({ is: z.literal('failed'), attempt: text }),
  z.object({ is: z.literal('gone') }),
]);

const task = z.object({
  index: text,
  name: text,
  version: text.optional().describe('absent: it has none now'),
  status,
  lock: text.optional().describe('hash of what it resolves to; absent while something is missing'),
  attempt: text.optional().describe('under way'),
  success: z.object({ lock: text, attempt: text }).optional(),
  failed: textBy.describe('hash of inputs → last attempt that failed with them'),
  tries: z.object({ lock: text, failed: count, lost: count, notBefore: when.optional() }).optional(),
  again: text.optional().describe('these inputs run again: somebody asked'),
  woken: z.array(cause).describe('since its last run started'),
  pace: z
    .object({ since: when, starts: count })
    .optional()
    .describe('how often it started, of an hour at most'),
  last: text.optional().describe('the last attempt that was started'),
  inWave: z.object({ wave: text, starts: count, laps: z.array(text) }).optional(),
});

const wave = z.object({
  id: text,
  state: z.enum(['open', 'closed']),
  cause,
  first: seq.optional(),
  cut: seq.optional(),
  forgiven: count.optional().describe('runs it had when somebody let it go on over its budget'),
  openedAt: when,
  closedAt: when.optional(),
});

/** `is` says what was asked about: a task, a run, a version, a change; a task with an input, or after a change. */
const data = z.discriminatedUnion('is', [
  z.object({ is: z.literal('task'), task, lastRun: run.optional() }),
  z.object({
    is: z.literal('run'),
    run,
    wave: wave.optional(),
    next: text.optional().describe('the attempt after it'),
    resumed: text.optional().describe('the attempt whose outputs it published'),
    woke: z.array(text).describe('attempts'),
  }),
  spec.extend({
    is: z.literal('version'),
    index: text,
    tasks: z.array(z.object({ task: text, woke: flag, line: text })),
    others: count.describe('tasks that do not ask for it'),
    madeBy: text.optional().describe('attempt; absent: a person published it'),
  }),
  z.object({
    is: z.literal('change'),
    seq,
    waits: z.literal(true).optional().describe('until the wave is over'),
    wave: text.optional(),
    woke: z.array(text).optional().describe('tasks'),
    runs: z.array(text).optional().describe('attempts'),
  }),
  z.object({
    is: z.literal('input'),
    task: text,
    input: text,
    asks: z.array(text).describe('ranges'),
    reads: z.array(text).optional().describe('versions'),
    others: z.array(z.object({ version: text, why: text })).optional(),
  }),
  z.object({ is: z.literal('after'), task: text, seq, runs: z.array(text) }),
  spec.extend({
    is: z.literal('handling'),
    attempt: text,
    handling: text,
    purpose: z.enum(['process', 'qa', 'command', 'job', 'module']),
    index: text,
    handler: text,
    runKey: text,
    seq,
    state: z.enum(['waiting', 'running', 'succeeded', 'failed', 'canceled', 'lost']),
    submittedAt: when,
    startedAt: when.optional(),
    endedAt: when.optional(),
    reason: text.optional(),
  }),
]);

export const why = z.object({ lines: z.array(text), data });
