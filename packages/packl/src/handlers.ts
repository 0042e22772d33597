/**
 * Handlers: what an index does by itself when something changes in it, as `.pipl` says it.
 *
 * The name of a handler is by what the owner of another index grants it promotion (`qa@alice/stage`), so it is
 * unique in its index; left out, it is the kind.
 */
import { z } from 'zod';
import type { ChangeOp } from './change.ts';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be a name like "qa" or "notify-editors"');
const index = z.string().regex(/^[^/\s@]+\/[^/\s@]+$/, 'is not owner/name');
const globs = z.array(z.string().min(1)).min(1);

export const versionOps = ['publish', 'overwrite', 'promote'] as const satisfies readonly ChangeOp[];
const otherOps = ['tag', 'untag', 'deprecate', 'undeprecate', 'withdraw', 'verdict'] as const;

/** What a handler listens to; what is left out is not asked about. */
const filterOf = <Op extends string>(ops: readonly [Op, ...Op[]]) =>
  z.strictObject({
    /** `task`, `product`, `code`, `envset`, `editor`; `npm` for a package without a `pipl` field */
    kinds: z
      .array(z.enum(['task', 'product', 'code', 'envset', 'editor', 'npm']))
      .min(1)
      .optional(),
    /** globs over the type of a task or product, `@film/*#Render` */
    types: globs.optional(),
    /** globs over the name */
    names: globs.optional(),
    ops: z.array(z.enum(ops)).min(1).optional(),
  });

const engines = z.array(z.literal('local')).min(1).optional();
const common = {
  name: name.optional(),
  engines,
  /** seconds for each run */
  timeout: z.number().int().min(1).max(604_800).optional(),
  /** more tries of a run that failed by itself */
  retries: z.number().int().min(0).max(20).optional(),
};
const filter = filterOf([...versionOps, ...otherOps]).optional();
const placeholder = /\{(?!(?:name|version|index|op|seq|by|integrity)\})[^}]*\}/;
const text = z
  .string()
  .refine((value) => !value.includes('{{'), 'must not hold {{')
  .refine(
    (value) => !placeholder.test(value),
    'knows {name}, {version}, {index}, {op}, {seq}, {by} and {integrity} only',
  );

const Process = z.strictObject({ kind: z.literal('process'), engines: z.array(z.literal('local')).min(1) });
const Qa = z.strictObject({
  kind: z.literal('qa'),
  ...common,
  filter: filterOf(versionOps).optional(),
  /** where a version goes by itself once its gate holds */
  promoteTo: index.optional(),
});
const Command = z.strictObject({
  kind: z.literal('command'),
  ...common,
  filter,
  /** argv; placeholders become parts of arguments, no shell reads them */
  command: z.tuple([text.min(1)], text),
});
const Job = z.strictObject({
  kind: z.literal('job'),
  ...common,
  filter,
  /** an Open Job Description template: `./file` of the project, or `@film/hooks/file` of a packl in the index */
  template: z
    .string()
    .regex(
      /^(?!.*(?:^|\/)\.\.(?:\/|$))(?:\.\/|@[^/\s]+\/[^/\s]+\/|[^@./\s][^/\s]*\/)\S+$/,
      'must be ./FILE of the project, or PACKL/FILE',
    ),
  /** job parameter → value */
  parameters: z.record(z.string(), text).optional(),
});
const Module = z.strictObject({
  kind: z.literal('module'),
  ...common,
  filter,
  /** `@film/hooks/notify#onPublish`: a packl in the index, an exports subpath, a name */
  module: z
    .string()
    .regex(
      /^(?:@[^/\s#]+\/)?[^/\s#@.]+(?:\/[^\s#]+)?#[A-Za-z_$][\w$]*$/,
      'must look like PACKL/SUBPATH#Name',
    ),
  /** given to the function as they are */
  options: z.record(z.string(), z.unknown()).optional().describe('what the module takes'),
});

export const Handler = z.discriminatedUnion('kind', [Process, Qa, Command, Job, Module]);
export type Handler = z.output<typeof Handler>;
/** Those that react to changes one by one; `process` reacts to what tasks resolve to. */
export type ChangeHandler = Exclude<Handler, { kind: 'process' }>;

export const handlerName = (handler: Handler): string =>
  handler.kind === 'process' ? 'process' : (handler.name ?? handler.kind);

/** What `.pipl` says under "handlers". */
export const Handlers = z.record(index, z.array(Handler)).superRefine((all, context) => {
  for (const [at, list] of Object.entries(all)) {
    const names = list.map(handlerName);
    for (const [place, one] of names.entries()) {
      if (names.indexOf(one) === place) continue;
      context.addIssue({
        code: 'custom',
        path: [at, place],
        message: `there are two handlers "${one}": give one of them another "name"`,
      });
    }
    for (const [place, handler] of list.entries()) {
      if (handler.kind !== 'qa' || handler.promoteTo !== at) continue;
      context.addIssue({ code: 'custom', path: [at, place, 'promoteTo'], message: 'is the index itself' });
    }
  }
});
export type Handlers = z.output<typeof Handlers>;

/** What a filter looks at. */
export interface Event {
  readonly op: ChangeOp;
  readonly name: string;
  /** undefined for a plain npm package */
  readonly kind?: string | undefined;
  /** of a task or product */
  readonly type?: string | undefined;
}

/** Does the handler listen to this? Without `ops` it listens to versions that come. */
export function listensTo({ filter: asked = {} }: ChangeHandler, event: Event): boolean {
  const { kinds, types, names, ops = versionOps } = asked;
  const isLike = (patterns: readonly string[], value: string) =>
    patterns.some((pattern) => globOf(pattern).test(value));
  return (
    (ops as readonly string[]).includes(event.op) &&
    (kinds === undefined || (kinds as readonly string[]).includes(event.kind ?? 'npm')) &&
    (types === undefined || (event.type !== undefined && isLike(types, event.type))) &&
    (names === undefined || isLike(names, event.name))
  );
}

/** `*` stands for any text, `?` for one character; the whole text must match. */
const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
