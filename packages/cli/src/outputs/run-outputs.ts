/** What the commands about runs and their reasons print. */
import { z } from 'zod';
import { preview } from './packl-outputs.ts';
import { why } from './why-outputs.ts';
import { because, cause, count, flag, pause, seq, spec, text, textBy, when } from './words.ts';

const run = z.object({
  attempt: text,
  runKey: text,
  task: text,
  taskVersion: text,
  index: text,
  wave: count,
  cause,
  because: z.array(because),
  state: z.enum(['waiting', 'running', 'succeeded', 'unchanged', 'failed', 'canceled', 'lost', 'superseded']),
  progress: z.number().min(0).max(100).optional(),
  message: text.optional(),
  submittedAt: when,
  startedAt: when.optional(),
  firstActionAt: when.optional(),
  endedAt: when.optional(),
  reason: text.optional(),
  replacedBy: text.optional().describe('of one that was superseded: the attempt that took its place'),
  products: z.array(spec.extend({ published: flag })),
  purpose: z.enum(['qa', 'command', 'job', 'module']).optional().describe('of a handler; absent: of a wave'),
  handler: text.optional(),
  reused: z
    .array(z.object({ step: text, points: count, reused: count, from: z.array(text) }))
    .optional()
    .describe('points that came from earlier runs'),
});
const judged = spec.extend({
  result: z.enum(['approved', 'retake']),
  index: text,
  seq,
  gates: z.record(text, z.object({ open: flag, missing: z.array(text) })),
});
/** One line of the log of a run. */
const line = z.object({
  at: when,
  step: text.optional(),
  chunk: count.optional().describe('the session of the step that says it'),
  text: text.optional(),
  by: z.literal('session').optional().describe('absent: the program itself'),
  progress: z.number().min(0).max(100).optional(),
  message: text.optional(),
  event: text.optional(),
  lines: count.optional().describe('of event log-left-out'),
});

const openjd = { status: z.literal('success'), message: text };
const parameter = z.object({
  name: text,
  description: text.optional(),
  type: text,
  value: z.json().optional(),
});
const environment = z.object({ name: text, description: text.optional(), parent: text });
const dependency = z.object({ step_name: text });
const aboutStep = {
  parameter_definitions: z.array(parameter).optional(),
  total_tasks: count,
  environments: z.array(environment).optional(),
  dependencies: z.array(dependency).optional(),
};
const summary = z.union([
  z.object({
    ...openjd,
    name: text,
    parameter_definitions: z.array(parameter).optional(),
    total_steps: count,
    total_tasks: count,
    total_environments: count,
    root_environments: z.array(environment).optional(),
    steps: z.array(z.object({ name: text, description: text.optional(), ...aboutStep })),
  }),
  z.object({
    ...openjd,
    job_name: text,
    step_name: text,
    total_parameters: count,
    total_environments: count,
    ...aboutStep,
  }),
]);
const step = z.object({
  packl: text.describe('name@version'),
  does: z.enum(['set', 'prepend', 'append', 'unset']),
  written: text,
  value: text,
  when: text.optional().describe('the packl whose presence it waits for'),
});
const value = z.json().describe('whatever packls say');

const pauses = z.object({
  pauses: z.array(pause),
  running: count.describe('runs that run now; those that wait do not count'),
});

export const runOutputs = {
  runs: z.union([z.array(run), run]).describe('followed: one run a line'),
  logs: z.union([z.array(line), line]).describe('followed: one entry a line'),
  'run cancel': z.array(z.object({ attempt: text, task: text, state: run.shape.state, canceled: flag })),
  'run retry': z.array(z.object({ task: text, attempt: text.optional(), state: run.shape.state.optional() })),
  'run attach': z.union([line, run]).describe('one entry of the log a line, the run as the last'),
  pauses,
  pause: pauses,
  resume: pauses.extend({ removed: z.array(pause) }),
  'proj drain': pauses,
  'proj gc': z.object({
    dryRun: flag,
    runs: count,
    scratch: count,
    bytes: count,
    keptRuns: count,
    keptBytes: count,
    points: count,
  }),
  why,
  waves: z.object({
    waves: z.array(z.object({ id: count, cause, state: z.enum(['open', 'closed']), runs: z.array(text) })),
    settledThrough: seq.describe('up to it everything has caused what it causes'),
    cursor: seq.describe('the last change that was looked at'),
  }),
  plan: z.object({ index: text, ...preview }),
  promote: z.object({
    index: text,
    promoted: z.array(spec.extend({ integrity: text, from: text, seq })),
    already: z.array(spec),
    seq,
  }),
  approve: judged,
  retake: judged,
  'env show': z.object({
    variables: textBy,
    unset: z.array(text),
    environments: z.array(z.object({ packl: text, dir: text, file: text })),
    steps: z.record(text, z.array(step)),
  }),
  'env explain': z.object({
    variable: text,
    value: text.nullable(),
    steps: z.array(step),
  }),
  'config list': z.array(
    z.object({ name: text, said: z.array(z.object({ packl: text, by: z.enum(['json', 'code']) })) }),
  ),
  'config get': value,
  'config explain': z.object({
    name: text,
    key: text.optional(),
    value,
    origins: z.array(
      z.object({
        key: text.describe('below the name'),
        value,
        packl: text.describe('who says it'),
        hides: z.array(z.object({ packl: text, value })).describe('nearest first'),
      }),
    ),
  }),
  'openjd check': z.object(openjd),
  'openjd summary': summary,
  'openjd run': z.object({
    ...openjd,
    job_name: text,
    step_name: text.optional(),
    duration: z.number().describe('seconds'),
    chunks_run: count,
    logs: z.array(z.object({ timestamp: text, message: text })).optional(),
  }),
  'openjd schema': z.object(openjd).describe('message: the JSON Schema as text'),
};
