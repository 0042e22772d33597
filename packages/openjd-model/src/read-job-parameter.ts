/** Reads the definitions of job parameters: what a submitter may set. */
import { contradictions, isAllowed, limitFault } from './job-parameter-constraints.ts';
import { boolText, isListType, itemConstraints, itemFaults, listText } from './list-parameter.ts';
import { count, decimalText, integerText, positiveCount } from './number-readers.ts';
import { describe, isMap, list, object, oneOf, optional, required } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import { checkRangeExpression } from './read-parameter-space.ts';
import { checkUserInterface, userInterface } from './read-user-interface.ts';
import type { JobParameter } from './template-types.ts';
import { description, identifier, text } from './text-readers.ts';
import type { ListParameterType } from './types.ts';

const parameterText = text({ mayBeEmpty: true, most: ({ limits }) => limits.parameterText });

const basics = (type: JobParameter['type'], value: Reader<string>) => ({
  name: required(identifier),
  description: optional(description),
  default: optional(value),
  allowedValues: optional(list(value)),
  userInterface: optional(userInterface(type)),
});

/** Booleans, ranges and lists have no list of allowed values of their own. */
const withoutAllowed = (type: JobParameter['type'], value: Reader<string>) => ({
  name: required(identifier),
  description: optional(description),
  default: optional(value),
  userInterface: optional(userInterface(type)),
});

const rangeText: Reader<string> = (value, place) => {
  const read = parameterText(value, place);
  return read !== undefined && checkRangeExpression(read, place) ? read : undefined;
};

const lengths = { minLength: optional(count), maxLength: optional(positiveCount) };

const byType: Readonly<Record<Exclude<JobParameter['type'], ListParameterType>, Reader<JobParameter>>> = {
  STRING: object('StringJobParameter', {
    type: required(oneOf('STRING')),
    ...basics('STRING', parameterText),
    ...lengths,
  }),
  PATH: object('PathJobParameter', {
    type: required(oneOf('PATH')),
    ...basics('PATH', parameterText),
    ...lengths,
    objectType: optional(oneOf('FILE', 'DIRECTORY')),
    dataFlow: optional(oneOf('NONE', 'IN', 'OUT', 'INOUT')),
  }),
  INT: object('IntJobParameter', {
    type: required(oneOf('INT')),
    ...basics('INT', integerText),
    minValue: optional(integerText),
    maxValue: optional(integerText),
  }),
  FLOAT: object('FloatJobParameter', {
    type: required(oneOf('FLOAT')),
    ...basics('FLOAT', decimalText),
    minValue: optional(decimalText),
    maxValue: optional(decimalText),
  }),
  BOOL: object('BoolJobParameter', { type: required(oneOf('BOOL')), ...withoutAllowed('BOOL', boolText) }),
  RANGE_EXPR: object('RangeExprJobParameter', {
    type: required(oneOf('RANGE_EXPR')),
    ...withoutAllowed('RANGE_EXPR', rangeText),
    ...lengths,
  }),
};

/** What only some lists have: booleans have nothing to constrain, paths say what they are. */
function listFields(type: ListParameterType) {
  return {
    type: required(oneOf(type)),
    ...withoutAllowed(type, listText(type)),
    minLength: optional(count),
    maxLength: optional(count),
  };
}

function listParameter(type: ListParameterType): Reader<JobParameter> {
  const fields = listFields(type);
  if (type === 'LIST[BOOL]') return object('ListJobParameter', fields);
  const item = optional(itemConstraints(type));
  if (type !== 'LIST[PATH]') return object('ListJobParameter', { ...fields, item });
  return object('ListJobParameter', {
    ...fields,
    item,
    objectType: optional(oneOf('FILE', 'DIRECTORY')),
    dataFlow: optional(oneOf('NONE', 'IN', 'OUT', 'INOUT')),
  });
}

/** Types that come with EXPR: known, so that the refusal is not "unknown". */
const exprType = /^(?:BOOL|RANGE_EXPR|LIST\[(?:STRING|PATH|INT|FLOAT|BOOL|LIST\[INT\])\])$/;

const isBasic = (type: string): boolean => ['STRING', 'PATH', 'INT', 'FLOAT'].includes(type);

/** The reader of a type. With EXPR its letters may be small. */
function readerOf(type: string, { rules }: Place): Reader<JobParameter> | undefined {
  if (isBasic(type)) return byType[type as keyof typeof byType];
  const name = type.toUpperCase();
  if (!rules.allows('EXPR')) return undefined;
  if (Object.hasOwn(byType, name)) return byType[name as keyof typeof byType];
  return exprType.test(name) ? listParameter(name as ListParameterType) : undefined;
}

function checkParameter(parameter: JobParameter, place: Place): void {
  const say = (message: string) => place.say(`Parameter '${parameter.name}': ${message}`);
  const wrong = contradictions(parameter);
  for (const fault of wrong) say(fault);
  for (const [index, value] of (parameter.allowedValues ?? []).entries()) {
    const fault = limitFault(value, `allowedValues[${index}]`, parameter);
    if (fault !== undefined) say(fault);
  }
  const { default: initial } = parameter;
  if (initial !== undefined) {
    const fault = limitFault(initial, 'default', parameter);
    if (fault !== undefined) say(fault);
    if (isListType(parameter.type) && 'item' in parameter) {
      for (const wrongItem of itemFaults(initial, 'default', parameter.item)) say(wrongItem);
    }
    const isEmpty = parameter.allowedValues?.length === 0;
    if (!isEmpty && !isAllowed(initial, parameter)) say(`value ${initial} is not in allowed values`);
  }
  checkUserInterface(parameter, place);
}

const jobParameter: Reader<JobParameter> = (value, place) => {
  if (!isMap(value)) return place.say(`invalid type: ${describe(value)}, expected a job parameter`);
  const { type } = value;
  if (type === undefined) return place.say("missing 'type' field in parameter definition");
  const read = typeof type === 'string' ? readerOf(type, place) : undefined;
  if (!read) {
    if (typeof type === 'string' && exprType.test(type)) {
      return place.say(`parameter type '${type}' is not allowed. It requires the EXPR extension.`);
    }
    return place.say(`unknown parameter type: ${typeof type === 'string' ? `'${type}'` : describe(type)}`);
  }
  const parameter = read({ ...value, type: String(type).toUpperCase() }, place);
  if (parameter) checkParameter(parameter, place);
  return parameter;
};

const readParameters = list(jobParameter, { empty: 'if provided, must contain at least one element.' });

/** The definitions of a template, at most `most`. Names differ. */
export const jobParameters =
  (kind: 'job' | 'environment'): Reader<readonly JobParameter[]> =>
  (value, place) => {
    const { limits } = place.rules;
    const most = kind === 'job' ? limits.jobParameters : limits.environmentTemplateParameters;
    const read = readParameters(value, place);
    if (read && Array.isArray(value) && value.length > most) {
      place.say(`has ${value.length} elements; at most ${most} are allowed.`);
    }
    const seen = new Set<string>();
    for (const [index, { name }] of (read ?? []).entries()) {
      if (!seen.has(name)) seen.add(name);
      else if (kind === 'job') place.at(index).say(`duplicate parameter name: '${name}'`);
      else place.up(1).say(`Duplicate parameter name: '${name}'`);
    }
    return read;
  };
