/** What the commands about packls, workspaces and assets print. */
import { z } from 'zod';
import {
  asset,
  because,
  count,
  error,
  flag,
  gate,
  manifest,
  operation,
  path,
  seq,
  spec,
  text,
  textBy,
  when,
} from './words.ts';

const edit = z.object({
  at: when,
  by: text,
  comment: text,
  ops: z.array(operation),
  found: z.literal(true).optional(),
});
const addedAsset = z.object({ packl: text, name: text, asset });
const created = spec.extend({ kind: text, folder: path, type: text.optional() });
const size = z.enum(['major', 'minor', 'patch']);
const changeset = z.object({ id: text, summary: text, packls: z.record(text, size) });
const versionPlan = z.object({
  changesets: z.array(changeset),
  versions: z.array(
    z.object({
      name: text,
      folder: path,
      from: text,
      to: text,
      changesets: z.array(text),
      comment: text,
      ranges: textBy.describe('dependency: range it asks for now'),
    }),
  ),
});
const planned = spec.extend({
  folder: path,
  integrity: text,
  size: count,
  files: z.array(text),
  thirdParty: count,
});
const plannedRun = z.object({
  task: text,
  taskVersion: text,
  index: text,
  engine: text,
  because: z.array(because),
  reads: textBy.describe('what the task itself asks for: name → version'),
  products: z.array(spec.extend({ before: text.optional() })),
  attempt: text.optional().describe('absent: it reads what is yet to be made'),
  replaces: text.optional().describe('an attempt that waits for a place now, and is taken back'),
  lock: text.optional().describe('hash; absent as attempt'),
  codeLock: text.describe('hash'),
  seconds: z.number().optional().describe('absent: its first run'),
  starts: z.number().describe('seconds from now'),
  assumed: z.enum(['made', 'unchanged', 'failed']),
});
const plan = z.object({
  index: text,
  after: seq,
  arrivals: z.array(spec),
  runs: z.array(plannedRun).describe('in the order in which they start'),
  stays: z.array(z.object({ task: text, line: text })).describe('resolve to something else, and do not run'),
  seconds: z.number().describe('of the whole wave'),
  firstRuns: count,
  underWay: count.describe('runs that are under way already'),
});
export const preview = {
  plan,
  onward: z.array(z.object({ index: text, gate: gate.optional(), handlers: z.array(text), plan })),
};
const release = {
  index: text,
  packls: z.array(planned),
  published: z.array(spec.extend({ integrity: text, seq })),
  unchanged: z.array(spec),
  seq,
};
const checkedOut = z.array(z.object({ packl: text, product: text, version: text }));
const workspace = z.object({ path, name: text });
const dependent = z.object({
  index: text,
  name: text,
  version: text,
  range: text.optional(),
  made: flag.optional(),
  instead: text.optional(),
});
const added = z.object({
  packl: text,
  name: text,
  range: text,
  version: text,
  slot: text.optional(),
  assets: z.record(text, asset),
  checkedOut: z.object({ path, milliseconds: z.number() }).optional(),
});
const published = z.union([
  z.object(release),
  z.object({ index: text, packls: z.array(planned), ...preview }),
]);
const updated = z.object({
  raised: z.array(z.object({ packl: text, name: text, from: text, to: text })),
  checkedOut,
});

export const packlOutputs = {
  'packl create': created,
  'packl show': manifest,
  'packl add': added,
  add: added,
  'packl bump': z.object({ name: text, from: text, to: text }),
  'packl change': changeset.extend({ file: path }),
  'packl version': versionPlan,
  'packl log': z.union([
    z.array(edit),
    z.object({ lines: count, unrecorded: z.array(operation) }),
    z.object({ recorded: z.array(operation) }),
  ]),
  'packl check': z.array(spec.extend({ folder: path, problems: z.array(error) })),
  'packl publish': published,
  publish: published,
  'packl upload': z.object(release),
  'packl edit': spec.extend({ folder: path, files: count }),
  'packl get': spec.extend({ path, assets: textBy }),
  'packl withdraw': spec.extend({ index: text, dependents: z.array(dependent) }),
  'asset add': z.union([addedAsset, z.array(addedAsset)]),
  'task create': created,
  'work create-area': z.object({ path, projectPath: path.optional(), projectUrl: text.optional() }),
  'work create': workspace,
  'work list': z.array(workspace.extend({ area: path, packls: count })),
  'work status': workspace.extend({
    packls: z.array(
      spec.extend({
        kind: text,
        folder: path,
        state: z.enum(['published', 'edited', 'new']),
        base: text.optional(),
        byHand: flag,
      }),
    ),
    changes: count,
    tasks: z.array(text).describe('where there is more than one'),
  }),
  'work sync': z.object({ checkedOut }),
  'work offline': z.object({
    here: z.array(z.object({ packl: text, product: text, version: text, size: count })),
  }),
  'work outdated': z.array(
    z.object({
      packl: text,
      name: text,
      range: text,
      has: text.optional(),
      wanted: text.optional(),
      latest: text.optional(),
    }),
  ),
  'work update': updated,
  update: updated,
  'work remove': workspace,
};
