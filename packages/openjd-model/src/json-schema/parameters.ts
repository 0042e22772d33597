/** The schemas of job parameters, one for each type. */
import { anyOf, caseless, filled, line, list, object, ref, text, words } from './words.ts';
import type { JsonSchema } from './words.ts';

const integer = anyOf({ type: 'integer' }, text({ pattern: '^\\s*[+-]?\\d+\\s*$' }));
const decimal = anyOf(
  { type: 'number' },
  text({ pattern: '^\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*$' }),
);
/** A difference that leads somewhere. Strings of it are not looked into. */
const step = (of: JsonSchema) => ({ allOf: [of, { exclusiveMinimum: 0 }] });
const boolean = anyOf(
  { type: 'boolean' },
  words(0, 1),
  text({
    pattern:
      '^\\s*([tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|[yY][eE][sS]|[nN][oO]|[oO][nN]|[oO][fF][fF]|1|0)\\s*$',
  }),
);
const count: JsonSchema = { type: 'integer', minimum: 0 };
const value = text({ maxLength: 1024 });
const lengths = { 'minLength?': count, 'maxLength?': { type: 'integer', minimum: 1 } };
const limits = (of: JsonSchema) => ({ 'minValue?': of, 'maxValue?': of });
const paths = {
  'objectType?': words('FILE', 'DIRECTORY'),
  'dataFlow?': words('NONE', 'IN', 'OUT', 'INOUT'),
};

const shown = (controls: readonly string[], more: Readonly<Record<string, JsonSchema>> = {}) =>
  object({ 'control?': words(...controls), 'label?': ref('label'), 'groupLabel?': ref('label'), ...more });

const files = {
  'fileFilters?': filled(ref('fileFilter'), { maxItems: 20 }),
  'fileFilterDefault?': ref('fileFilter'),
};

/** `type` and `name` come first because people write them first. */
const parameter = (type: string, fields: Readonly<Record<string, JsonSchema>>): JsonSchema =>
  object({ name: ref('identifier'), type: caseless(type), 'description?': ref('description'), ...fields });

const chosen = (of: JsonSchema) => ({ 'default?': of, 'allowedValues?': filled(of) });

const basic: readonly JsonSchema[] = [
  parameter('STRING', {
    ...chosen(value),
    ...lengths,
    'userInterface?': shown(['LINE_EDIT', 'MULTILINE_EDIT', 'DROPDOWN_LIST', 'CHECK_BOX', 'HIDDEN']),
  }),
  parameter('PATH', {
    ...chosen(value),
    ...lengths,
    ...paths,
    'userInterface?': shown(
      ['CHOOSE_INPUT_FILE', 'CHOOSE_OUTPUT_FILE', 'CHOOSE_DIRECTORY', 'DROPDOWN_LIST', 'HIDDEN'],
      files,
    ),
  }),
  parameter('INT', {
    ...chosen(integer),
    ...limits(integer),
    'userInterface?': shown(['SPIN_BOX', 'DROPDOWN_LIST', 'HIDDEN'], { 'singleStepDelta?': step(integer) }),
  }),
  parameter('FLOAT', {
    ...chosen(decimal),
    ...limits(decimal),
    'userInterface?': shown(['SPIN_BOX', 'DROPDOWN_LIST', 'HIDDEN'], {
      'decimals?': count,
      'singleStepDelta?': step(decimal),
    }),
  }),
];

const item = (fields: Readonly<Record<string, JsonSchema>>) => ({ 'item?': object(fields) });
const itemCounts = { 'minLength?': count, 'maxLength?': count };
const listOf = (type: string, of: JsonSchema, fields: Readonly<Record<string, JsonSchema>>): JsonSchema =>
  parameter(`LIST[${type}]`, { 'default?': list(of), ...itemCounts, ...fields });

const texts = { 'allowedValues?': filled(text()), ...itemCounts };
const integers = { 'allowedValues?': filled(integer), ...limits(integer) };

/** With EXPR. */
const expressions: readonly JsonSchema[] = [
  parameter('BOOL', { 'default?': boolean, 'userInterface?': shown(['CHECK_BOX', 'HIDDEN']) }),
  parameter('RANGE_EXPR', {
    'default?': value,
    ...lengths,
    'userInterface?': shown(['LINE_EDIT', 'HIDDEN']),
  }),
  listOf('STRING', text(), { ...item(texts), 'userInterface?': shown(['LINE_EDIT_LIST', 'HIDDEN']) }),
  listOf('PATH', text(), {
    ...item(texts),
    ...paths,
    'userInterface?': shown(
      ['CHOOSE_INPUT_FILE_LIST', 'CHOOSE_OUTPUT_FILE_LIST', 'CHOOSE_DIRECTORY_LIST', 'HIDDEN'],
      files,
    ),
  }),
  listOf(
    'INT',
    { type: 'integer' },
    {
      ...item(integers),
      'userInterface?': shown(['SPIN_BOX_LIST', 'HIDDEN'], { 'singleStepDelta?': step(integer) }),
    },
  ),
  listOf(
    'FLOAT',
    { type: 'number' },
    {
      ...item({ 'allowedValues?': filled(decimal), ...limits(decimal) }),
      'userInterface?': shown(['SPIN_BOX_LIST', 'HIDDEN'], {
        'decimals?': count,
        'singleStepDelta?': step(decimal),
      }),
    },
  ),
  listOf('BOOL', boolean, { 'userInterface?': shown(['CHECK_BOX_LIST', 'HIDDEN']) }),
  listOf('LIST[INT]', list({ type: 'integer' }), {
    ...item({ ...itemCounts, 'item?': object(integers) }),
    'userInterface?': shown(['HIDDEN']),
  }),
];

export const parameterDefinitions: Readonly<Record<string, JsonSchema>> = {
  label: line(64),
  fileFilter: object({
    label: ref('label'),
    patterns: filled(text({ minLength: 1, maxLength: 20 }), { maxItems: 20 }),
  }),
  jobParameter: anyOf(...basic, ...expressions),
};
