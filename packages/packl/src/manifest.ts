/**
 * The `package.json` of a packl and its `pipl` field, as people write it and as indexes keep it.
 *
 * A registry also holds plain npm packages: they have no `pipl` field and are third party.
 * Unknown keys inside `pipl` are mistakes, not extensions.
 */
import { z } from 'zod';
import { Checks } from './checks.ts';
import { piplError } from './errors.ts';
import { once } from './once.ts';

const dependencies = once(() => z.record(z.string(), z.string()));
/** `./render#Render` in the declaring packl; `@film/pipeline/render#Render` from elsewhere. */
const entryPoint = once(() => z.string().regex(/^[^#\s]+#[A-Za-z_$][\w$]*$/, 'must look like ./module#Name'));
const entryPoints = () => z.record(z.string(), entryPoint()).optional();
const common = once(() => ({
  groups: z.record(z.string(), dependencies()).optional(),
  /** name → plain JSON, or `./config#NAME` where code makes it */
  config: z
    .record(
      z.string(),
      z.union([entryPoint(), z.record(z.string(), z.unknown())], {
        error: 'must be an object, or ./module#NAME',
      }),
    )
    .optional(),
  /** what QA asks of the packl */
  checks: Checks().optional(),
}));

/** A file, folder or frame sequence in the asset store, as a product names it. */
export const AssetReference = once(() =>
  z.strictObject({
    type: z.string(),
    kind: z.enum(['file', 'folder', 'sequence']),
    /** `sha256:<hex>` of the file, or of the canonical manifest of the folder or sequence. */
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
    /** bytes, all files together */
    size: z.number().int().nonnegative(),
    /** name of the file or folder as checked out */
    basename: z.string(),
    /** sequences only, ascending */
    frames: z.array(z.number().int()).optional(),
    /** folders and sequences: number of files */
    files: z.number().int().optional(),
  }),
);
export type AssetReference = z.output<ReturnType<typeof AssetReference>>;

const Code = once(() =>
  z.strictObject({
    ...common(),
    kind: z.literal('code'),
    services: entryPoints(),
    assetTypes: entryPoints(),
    productTypes: entryPoints(),
    taskTypes: entryPoints(),
  }),
);

/** Written by publish from the task type, so that listing a task loads no code. */
const CommandLabel = once(() =>
  z.strictObject({
    label: z.string(),
    /** JSON Schema of what `pipl do NAME` takes */
    arguments: z.record(z.string(), z.unknown()).optional(),
  }),
);

const Task = once(() =>
  z.strictObject({
    ...common(),
    kind: z.literal('task'),
    type: entryPoint(),
    inputs: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
    products: z.record(z.string(), z.string()),
    parameters: z.record(z.string(), z.unknown()).default({}),
    commands: z.record(z.string(), CommandLabel()).optional(),
    /** a hand-written Open Job Description template, relative to the packl: then no code describes the task */
    job: z.string().optional(),
    /** with `job` only: what the products are, by slot */
    makes: z
      .record(
        z.string(),
        z.strictObject({
          /** `@film/pipeline/products#Frames` */
          type: entryPoint(),
          assets: z.record(
            z.string(),
            z.strictObject({ type: z.string(), kind: z.enum(['file', 'folder', 'sequence']) }),
          ),
        }),
      )
      .optional(),
    policy: z
      .strictObject({
        retries: z.number().int().min(0).max(20).optional(),
        /** seconds, for the whole run */
        timeout: z.number().int().min(1).optional(),
        /** false: every point is made anew, whatever earlier runs have made; default true */
        reuse: z.boolean().optional(),
      })
      .optional(),
  }),
);

const Product = once(() =>
  z.strictObject({
    ...common(),
    kind: z.literal('product'),
    /** `@film/pipeline/products#Model` */
    type: entryPoint(),
    assets: z.record(z.string(), AssetReference()).default({}),
    /** what `defineProduct` returned: where the content of its assets stands in the packl */
    product: entryPoint().optional(),
    /** free metadata that belongs to the content: part of its hash */
    metadata: z.record(z.string(), z.unknown()).optional(),
    /** what made it: absent for a product published by hand; outside the content hash */
    made: z
      .strictObject({
        by: z.string(), // task@version
        run: z.string(), // <run key>.<attempt>
        inputs: z.record(z.string(), z.string()).default({}), // name → version
      })
      .optional(),
  }),
);

const Variable = once(() =>
  z
    .strictObject({
      set: z.string().optional(),
      prepend: z.string().optional(),
      append: z.string().optional(),
      unset: z.literal(true).optional(),
      /** between the parts; else that of PATH */
      separator: z.string().optional(),
    })
    .refine(
      ({ set, prepend, append, unset }) => (set ?? prepend ?? append ?? unset) !== undefined,
      'needs one of set, prepend, append, unset',
    )
    .refine(
      ({ set, prepend, append, unset }) => unset === undefined || (set ?? prepend ?? append) === undefined,
      'unset stands alone',
    ),
);
export type EnvVariable = z.output<ReturnType<typeof Variable>>;
const Variables = once(() =>
  z.record(
    z
      .string()
      .regex(/^[A-Za-z_]\w*$/, 'is not the name of a variable')
      .refine((name) => !name.startsWith('PIPL_'), 'PIPL_… belongs to pipl'),
    Variable(),
  ),
);
const EnvSet = once(() =>
  z.strictObject({
    ...common(),
    kind: z.literal('envset'),
    variables: Variables().default({}),
    /** packl, or packl@range → what is set only where it is in the graph */
    when: z.record(z.string(), Variables()).optional(),
    /** an Open Job Description environment template: onEnter and onExit */
    environment: z.string().optional(),
  }),
);

const Editor = once(() =>
  z.strictObject({
    ...common(),
    kind: z.literal('editor'),
    services: entryPoints(),
  }),
);

const kinds = { code: Code, task: Task, product: Product, envset: EnvSet, editor: Editor };

const PiplField = once(() => z.discriminatedUnion('kind', [Code(), Task(), Product(), EnvSet(), Editor()]));
export type PiplField = z.output<ReturnType<typeof PiplField>>;
export type TaskField = z.output<ReturnType<typeof Task>>;
export type ProductField = z.output<ReturnType<typeof Product>>;

const manifestWith = <T extends z.ZodType>(field: T) =>
  z.looseObject({
    name: z.string(),
    version: z.string(),
    description: z.string().optional(),
    dependencies: dependencies().optional(),
    peerDependencies: dependencies().optional(),
    peerDependenciesMeta: z
      .record(z.string(), z.looseObject({ optional: z.boolean().optional() }))
      .optional(),
    optionalDependencies: dependencies().optional(),
    pipl: field.optional(),
  });

export const manifestSchema = once(() => manifestWith(PiplField()));
export type Manifest = z.output<ReturnType<typeof manifestSchema>>;

const ofKind = Object.fromEntries(
  Object.entries(kinds).map(([kind, field]) => [
    kind,
    once(() => manifestWith<z.ZodType<PiplField>>(field())),
  ]),
);

/** What holds for the kind that is written there: making the others would take longer than reading by one. */
function schemaFor(json: unknown): z.ZodType<Manifest> {
  const kind = (json as { pipl?: { kind?: unknown } } | null | undefined)?.pipl?.kind;
  const known = typeof kind === 'string' && Object.hasOwn(ofKind, kind) ? ofKind[kind] : undefined;
  return (known ?? manifestSchema)();
}

/** @throws PIPL_MANIFEST with every problem, located */
export function parseManifest(json: unknown, where = 'package.json'): Manifest {
  const parsed = schemaFor(json).safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, ...issue }) => `${z.core.toDotPath(path) || 'the file'}: ${messageOf(issue)}`,
  );
  throw piplError('invalid', 'PIPL_MANIFEST', {
    what: `${where} is not the manifest of a packl.`,
    why: problems.join('; '),
    hint: 'Mend these fields: package.schema.json of @pipl/pipe, which "$schema" names, has an editor complete and check them.',
    problems,
  });
}

/** A key that is wrong says why inside. */
const messageOf = ({
  message,
  issues,
}: {
  readonly message: string;
  readonly issues?: readonly { readonly message: string }[];
}): string => issues?.[0]?.message ?? message;

export const taskOf = (manifest: Manifest): TaskField | undefined =>
  manifest.pipl?.kind === 'task' ? manifest.pipl : undefined;

export const productOf = (manifest: Manifest): ProductField | undefined =>
  manifest.pipl?.kind === 'product' ? manifest.pipl : undefined;

/** Product packls that a task reads, each once, in slot order. */
export const inputNames = (task: TaskField): string[] => [...new Set(Object.values(task.inputs).flat())];
