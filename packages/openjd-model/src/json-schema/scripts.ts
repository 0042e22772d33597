/** The schemas of steps and environments: what runs, where, and how often. */
import { interpreters } from '../template-types.ts';
import { anyOf, filled, format, line, list, object, ref, text, words } from './words.ts';
import type { JsonSchema } from './words.ts';

const integer = anyOf({ type: 'integer' }, text({ pattern: '^\\s*[+-]?\\d+\\s*$' }), format);
const decimal = (range: JsonSchema = {}) =>
  anyOf(
    { type: 'number', ...range },
    text({ pattern: '^\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*$' }),
    format,
  );
const seconds = anyOf({ type: 'integer', minimum: 1 }, text({ pattern: '^\\s*\\+?\\d+\\s*$' }), format);
const taskText = text({ maxLength: 1_048_576 });
const exactlyOne = (names: readonly string[]) => ({ oneOf: names.map((name) => ({ required: [name] })) });
const atLeastOne = (...names: readonly string[]) => ({ anyOf: names.map((name) => ({ required: [name] })) });

const run = { 'args?': filled(text()), 'timeout?': seconds, 'cancelation?': ref('cancelation') };
const bindings = { 'let?': filled(text({ minLength: 1 }), { maxItems: 50 }) };
const files = { 'embeddedFiles?': filled(ref('embeddedFile')) };

const actions: Readonly<Record<string, JsonSchema>> = {
  cancelation: anyOf(
    object({ mode: words('TERMINATE') }),
    object({ mode: words('NOTIFY_THEN_TERMINATE'), 'notifyPeriodInSeconds?': seconds }),
    object({ mode: format, 'notifyPeriodInSeconds?': seconds }),
  ),
  action: object({ command: line(), ...run }),
  simpleAction: object({ script: text({ minLength: 1 }), ...bindings, ...run }),
  embeddedFile: object({
    name: ref('identifier'),
    type: words('TEXT'),
    data: text({ minLength: 1 }),
    'filename?': text({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000-\\u001F\\u007F-\\u009F/\\\\]*$' }),
    'runnable?': { type: 'boolean' },
    'endOfLine?': words('AUTO', 'LF', 'CRLF'),
  }),
};

const hooks = ['onWrapEnvEnter', 'onWrapTaskRun', 'onWrapEnvExit'] as const;

const environments: Readonly<Record<string, JsonSchema>> = {
  environmentActions: object(
    Object.fromEntries(['onEnter', ...hooks, 'onExit'].map((hook) => [`${hook}?`, ref('action')])),
    {
      ...atLeastOne('onEnter', 'onExit', 'onWrapTaskRun'),
      // One hook asks for all.
      dependentRequired: Object.fromEntries(hooks.map((hook) => [hook, hooks.filter((one) => one !== hook)])),
    },
  ),
  environment: object(
    {
      name: line(512),
      'description?': ref('description'),
      'script?': object({ ...bindings, actions: ref('environmentActions'), ...files }),
      'variables?': {
        type: 'object',
        minProperties: 1,
        propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$', maxLength: 256 },
        additionalProperties: text({ maxLength: 2048 }),
      },
    },
    atLeastOne('script', 'variables'),
  ),
};

const spaces: Readonly<Record<string, JsonSchema>> = {
  taskParameter: anyOf(
    object({ name: ref('identifier'), type: words('INT'), range: ref('integerRange') }),
    object({
      name: ref('identifier'),
      type: words('FLOAT'),
      range: anyOf(filled(decimal(), { maxItems: 1024 }), format),
    }),
    object({
      name: ref('identifier'),
      type: words('STRING', 'PATH'),
      range: anyOf(filled(taskText, { maxItems: 1024 }), format),
    }),
    object({
      name: ref('identifier'),
      type: words('CHUNK[INT]'),
      range: ref('integerRange'),
      chunks: object({
        defaultTaskCount: integer,
        'targetRuntimeSeconds?': integer,
        rangeConstraint: words('CONTIGUOUS', 'NONCONTIGUOUS'),
      }),
    }),
  ),
  integerRange: anyOf(
    filled(integer, { maxItems: 1024 }),
    format,
    text({ pattern: '^[\\s\\d:,-]*\\d[\\s\\d:,-]*$' }),
  ),
};

const requirements: Readonly<Record<string, JsonSchema>> = {
  amount: object(
    {
      name: capability('[aA][mM][oO][uU][nN][tT]'),
      'min?': decimal({ minimum: 0 }),
      'max?': decimal({ exclusiveMinimum: 0 }),
    },
    atLeastOne('min', 'max'),
  ),
  attribute: object(
    {
      name: capability('[aA][tT][tT][rR]'),
      'anyOf?': filled(ref('attributeValue'), { maxItems: 50 }),
      'allOf?': filled(ref('attributeValue'), { maxItems: 50 }),
    },
    atLeastOne('anyOf', 'allOf'),
  ),
  attributeValue: anyOf(text({ pattern: '^[A-Za-z_][A-Za-z0-9_-]*$', maxLength: 100 }), format),
};

function capability(kind: string): JsonSchema {
  const word = '[A-Za-z_][A-Za-z0-9_]*';
  return text({ maxLength: 100, pattern: `^(${word}:)?${kind}(\\.${word})+$` });
}

export const scriptDefinitions: Readonly<Record<string, JsonSchema>> = {
  ...actions,
  ...environments,
  ...spaces,
  ...requirements,
  step: object(
    {
      name: line(512),
      'description?': ref('description'),
      ...bindings,
      'dependencies?': filled(object({ dependsOn: text() })),
      'stepEnvironments?': filled(ref('environment')),
      'hostRequirements?': object(
        {
          'amounts?': list(ref('amount'), { maxItems: 50 }),
          'attributes?': list(ref('attribute'), { maxItems: 50 }),
        },
        atLeastOne('amounts', 'attributes'),
      ),
      'parameterSpace?': object({
        taskParameterDefinitions: filled(ref('taskParameter'), { maxItems: 16 }),
        'combination?': text({ maxLength: 1280 }),
      }),
      'script?': object({ ...bindings, actions: object({ onRun: ref('action') }), ...files }),
      ...Object.fromEntries(interpreters.map((name) => [`${name}?`, ref('simpleAction')])),
    },
    exactlyOne(['script', ...interpreters]),
  ),
};
