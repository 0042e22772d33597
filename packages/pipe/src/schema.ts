/**
 * Parameters are described by anything that speaks Standard Schema (zod, valibot, arktype, …).
 * This is the part of https://standardschema.dev that we use.
 */
export interface Schema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated<Output> | Promise<Validated<Output>>;
    /** the part of it called Standard JSON Schema */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Readonly<Record<string, unknown>>;
    };
  };
}

type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The value with its defaults, or one line for each problem. */
export type Checked = { readonly value: unknown } | { readonly problems: readonly string[] };

/** @param whole what the value is called where it is wrong as a whole */
export async function checkedBy(schema: Schema, value: unknown, whole = 'parameters'): Promise<Checked> {
  const checked = await schema['~standard'].validate(value);
  if (checked.issues === undefined) return { value: checked.value };
  return { problems: checked.issues.map(({ path, message }) => `${pathOf(path, whole)}: ${message}`) };
}

const pathOf = (path: SchemaIssue['path'] = [], whole: string): string =>
  path.length === 0
    ? whole
    : path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
