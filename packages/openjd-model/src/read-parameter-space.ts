/** Reads the parameter space of a step: which tasks there are, as ranges and how they combine. */
import { associatedNames, namesIn, parseCombination } from './combination.ts';
import type { Combination } from './combination.ts';
import { CombinationInvalid, IntRangeInvalid } from './errors.ts';
import { IntRange } from './int-range.ts';
import { decimalText, integerText } from './number-readers.ts';
import { checked, describe, isMap, list, object, oneOf, optional, required } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import type { Rules } from './rules.ts';
import type { ChunksTemplate, StepParameterSpaceTemplate, TaskParameterTemplate } from './template-types.ts';
import { formatText, identifier, isFormat, text, textFault } from './text-readers.ts';

const format = formatText();

/** A value, or a format string of one. */
const orFormat =
  (read: Reader<string>): Reader<string> =>
  (value, place) =>
    typeof value === 'string' && isFormat(value) ? format(value, place) : read(value, place);

const mayBeEmptyFormat = formatText({ mayBeEmpty: true });

/** A task value is limited after its names are resolved; what has no names is resolved already. */
const taskText: Reader<string> = (value, place) => {
  const read = mayBeEmptyFormat(value, place);
  if (read === undefined || isFormat(read)) return read;
  const fault = taskTextFault(read, 'STRING', place);
  return fault === undefined ? read : place.say(fault);
};

/** Why text is not the value of a task parameter: a path leads somewhere, a string may be empty. */
export function taskTextFault(value: string, type: 'STRING' | 'PATH', { rules }: Place): string | undefined {
  const options = { most: ({ limits }: Rules) => limits.taskParameterText, mayBeEmpty: type === 'STRING' };
  return textFault(value, options, rules);
}

const items = (read: Reader<string>) =>
  list(read, { empty: 'must not be empty.', most: ({ limits }) => limits.rangeItems });

/** With EXPR a text may be an expression that becomes the list. */
const itemsOrFormat =
  (read: Reader<string>): Reader<string | readonly string[]> =>
  (value, place) =>
    typeof value === 'string' && isFormat(value) && place.rules.allows('EXPR')
      ? format(value, place)
      : items(read)(value, place);

const integers = items(orFormat(integerText));

/** Says what is wrong with a range expression; a good one is given back. */
export function checkRangeExpression(expression: string, place: Place): IntRange | undefined {
  try {
    return IntRange.parse(expression);
  } catch (error) {
    if (!(error instanceof IntRangeInvalid)) throw error;
    return place.say(error.message);
  }
}

const integerRange: Reader<string | readonly string[]> = (value, place) => {
  if (typeof value !== 'string') return integers(value, place);
  const read = format(value, place);
  if (read === undefined || isFormat(read)) return read;
  return checkRangeExpression(read, place) ? read : undefined;
};

const atLeast =
  (least: bigint): Reader<string> =>
  (value, place) => {
    const read = orFormat(integerText)(value, place);
    if (read === undefined || isFormat(read) || BigInt(read) >= least) return read;
    return place.say(`must be at least ${least}.`);
  };

const chunks: Reader<ChunksTemplate> = object('Chunks', {
  defaultTaskCount: required(atLeast(1n)),
  targetRuntimeSeconds: optional(atLeast(0n)),
  rangeConstraint: required(oneOf('CONTIGUOUS', 'NONCONTIGUOUS')),
});

const byType = {
  INT: object('IntTaskParameterDefinition', {
    name: required(identifier),
    type: required(oneOf('INT')),
    range: required(integerRange),
  }),
  FLOAT: object('FloatTaskParameterDefinition', {
    name: required(identifier),
    type: required(oneOf('FLOAT')),
    range: required(itemsOrFormat(orFormat(decimalText))),
  }),
  STRING: object('StringTaskParameterDefinition', {
    name: required(identifier),
    type: required(oneOf('STRING')),
    range: required(itemsOrFormat(taskText)),
  }),
  PATH: object('PathTaskParameterDefinition', {
    name: required(identifier),
    type: required(oneOf('PATH')),
    range: required(itemsOrFormat(format)),
  }),
  'CHUNK[INT]': object('ChunkIntTaskParameterDefinition', {
    name: required(identifier),
    type: required(oneOf('CHUNK[INT]')),
    range: required(integerRange),
    chunks: required(chunks),
  }),
} as const satisfies Record<TaskParameterTemplate['type'], Reader<TaskParameterTemplate>>;

const isTaskType = (type: unknown): type is keyof typeof byType =>
  typeof type === 'string' && Object.hasOwn(byType, type);

const taskParameter: Reader<TaskParameterTemplate> = (value, place) => {
  if (!isMap(value)) return place.say(`invalid type: ${describe(value)}, expected a task parameter`);
  const { type } = value;
  if (type === undefined) return place.say("missing 'type' field in task parameter definition");
  if (!isTaskType(type)) return place.say(`unknown task parameter type: ${describe(type)}`);
  if (type === 'CHUNK[INT]') {
    if (!place.rules.allows('TASK_CHUNKING'))
      return place.say('CHUNK[INT] requires the TASK_CHUNKING extension.');
    if (Array.isArray(value['range']) && value['range'].length === 0) {
      return place.say(`CHUNK[INT] parameter '${String(value['name'])}' range must not be empty.`);
    }
  }
  return byType[type](value, place);
};

const parameters = list(taskParameter, {
  empty: 'must not be empty.',
  most: ({ limits }) => limits.taskParameters,
});

const readSpace: Reader<StepParameterSpaceTemplate> = object('StepParameterSpace', {
  taskParameterDefinitions: required(parameters),
  combination: optional(text({ mayBeEmpty: true, most: ({ limits }) => limits.combination })),
});

function checkNames(definitions: readonly TaskParameterTemplate[], place: Place): void {
  const seen = new Set<string>();
  for (const [index, { name }] of definitions.entries()) {
    if (seen.has(name)) place.at(index).say(`duplicate task parameter name: '${name}'`);
    seen.add(name);
  }
  if (definitions.filter(({ type }) => type === 'CHUNK[INT]').length > 1) {
    place.say('only one CHUNK[INT] parameter is allowed.');
  }
}

function checkCombination(space: StepParameterSpaceTemplate, parsed: Combination, place: Place): void {
  const named = namesIn(parsed);
  const defined = new Set(space.taskParameterDefinitions.map(({ name }) => name));
  const seen = new Set<string>();
  for (const name of named) {
    if (!defined.has(name)) place.say(`references unknown parameter '${name}'.`);
    if (seen.has(name)) place.say(`parameter '${name}' appears more than once in combination.`);
    seen.add(name);
  }
  for (const name of defined) {
    if (!seen.has(name)) place.say(`parameter '${name}' missing from combination expression.`);
  }
  const associated = new Set(associatedNames(parsed));
  for (const { name, type } of space.taskParameterDefinitions) {
    if (type === 'CHUNK[INT]' && associated.has(name)) {
      place.say(`CHUNK[INT] parameter '${name}' must not be in an associative combination.`);
    }
  }
}

export const parameterSpace: Reader<StepParameterSpaceTemplate> = checked(readSpace, (space, place) => {
  checkNames(space.taskParameterDefinitions, place.at('taskParameterDefinitions'));
  if (space.combination === undefined) return;
  try {
    checkCombination(space, parseCombination(space.combination), place.at('combination'));
  } catch (error) {
    if (!(error instanceof CombinationInvalid)) throw error;
    place.at('combination').say(error.message);
  }
});
