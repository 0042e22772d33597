/** Words with which the schemas of templates are written: draft 2020-12 of JSON Schema, as plain data. */

export type JsonSchema = Readonly<Record<string, unknown>>;

export const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });

/** An object with these fields and no other. A field whose name ends in `?` may be missing. */
export function object(fields: Readonly<Record<string, JsonSchema>>, more: object = {}): JsonSchema {
  const names = Object.keys(fields);
  const required = names.filter((name) => !name.endsWith('?'));
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name.replace(/\?$/, ''), field]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    ...more,
  };
}

export const list = (items: JsonSchema, more: object = {}): JsonSchema => ({ type: 'array', items, ...more });

/** Most lists of templates are refused when they are empty. */
export const filled = (items: JsonSchema, more: object = {}): JsonSchema =>
  list(items, { minItems: 1, ...more });

export const anyOf = (...schemas: readonly JsonSchema[]): JsonSchema => ({ anyOf: schemas });

export const text = (more: object = {}): JsonSchema => ({ type: 'string', ...more });

export const words = (...allowed: readonly (string | number)[]): JsonSchema => ({ enum: allowed });

/** Text without characters that no one sees. */
export const line = (most?: number): JsonSchema =>
  text({
    minLength: 1,
    ...(most !== undefined && { maxLength: most }),
    pattern: '^[^\\u0000-\\u001F\\u007F-\\u009F]*$',
  });

/** Something between braces: what it becomes is known later. */
export const format = text({ minLength: 1, pattern: '\\{\\{' });

/** `int` for `INT`: with EXPR the letters of a type may be small, and editors still know the large ones. */
export const caseless = (word: string): JsonSchema =>
  anyOf(words(word), text({ pattern: `^${[...word].map(bothCases).join('')}$` }));

function bothCases(character: string): string {
  if (/[A-Z]/.test(character)) return `[${character}${character.toLowerCase()}]`;
  return /[[\]]/.test(character) ? `\\${character}` : character;
}
