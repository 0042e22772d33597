/** What the commands about runs and their reasons print. */
import { z } from 'zod';
import { plan } from './packl-outputs.ts';
import { because, cause, count, flag, seq, spec, text, when } from './words.ts';

const run = z.looseObject({
  attempt: text,
  runKey: text,
  task: text,
  taskVersion: text,
  index: text,
  wave: count,
  cause,
  because: z.array(because),
  state: z.enum(['waiting', 'running', 'succeeded', 'unchanged', 'failed', 'canceled', 'lost']),
  progress: z.number().min(0).max(100).optional(),
  message: text.optional(),
  submittedAt: when,
  startedAt: when.optional(),
  firstActionAt: when.optional(),
  endedAt: when.optional(),
  reason: text.optional(),
  products: z.array(spec.extend({ published: flag })),
});
const judged = spec.extend({
  result: z.enum(['approved', 'retake']),
  index: text,
  seq,
  gates: z.record(text, z.object({ open: flag, missing: z.array(text) })),
});
const openjd = z.looseObject({ status: text, message: text });

export const runOutputs = {
  runs: z.union([z.array(run), run]).describe('followed: one run a line'),
  logs: z.union([z.array(z.looseObject({})), z.looseObject({})]).describe('followed: one entry a line'),
  'run cancel': z.array(z.object({ attempt: text, task: text, state: run.shape.state, canceled: flag })),
  'run retry': z.array(z.object({ task: text, attempt: text.optional(), state: run.shape.state.optional() })),
  'run attach': z.looseObject({}).describe('one entry of the log a line, the run as the last'),
  'proj gc': z.object({
    dryRun: flag,
    runs: count,
    scratch: count,
    bytes: count,
    keptRuns: count,
    keptBytes: count,
    points: count,
  }),
  why: z.object({ lines: z.array(text), data: z.unknown() }),
  waves: z.looseObject({
    waves: z.array(
      z.looseObject({ id: count, cause, state: z.enum(['open', 'closed']), runs: z.array(text) }),
    ),
    settledThrough: seq,
  }),
  plan: z.looseObject({ plan }),
  promote: z.object({
    index: text,
    promoted: z.array(spec.extend({ integrity: text, from: text, seq })),
    already: z.array(spec),
    seq,
  }),
  approve: judged,
  retake: judged,
  'env show': z.object({
    variables: z.record(text, text),
    unset: z.array(text),
    environments: z.array(z.looseObject({ packl: text, file: text })),
    steps: z.record(text, z.array(z.looseObject({ packl: text, does: text }))),
  }),
  'env explain': z.object({
    variable: text,
    value: text.nullable(),
    steps: z.array(z.looseObject({ packl: text, does: text })),
  }),
  'config list': z.array(
    z.object({ name: text, said: z.array(z.object({ packl: text, by: z.enum(['json', 'code']) })) }),
  ),
  'config get': z.unknown(),
  'config explain': z.object({
    name: text,
    key: text.optional(),
    value: z.unknown(),
    origins: z.array(z.looseObject({ key: text, packl: text })),
  }),
  'openjd check': openjd,
  'openjd summary': openjd,
  'openjd run': openjd,
  'openjd schema': openjd,
};
