/** Reads the definitions of job parameters: what a submitter may set. */
import { contradictions, isAllowed, limitFault } from './job-parameter-constraints.ts';
import { count, decimalText, integerText, positiveCount } from './number-readers.ts';
import { describe, isMap, list, object, oneOf, optional, required } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import { checkUserInterface, userInterface } from './read-user-interface.ts';
import type { JobParameter } from './template-types.ts';
import { description, identifier, text } from './text-readers.ts';

const parameterText = text({ mayBeEmpty: true, most: ({ limits }) => limits.parameterText });

const basics = (type: JobParameter['type'], value: Reader<string>) => ({
  name: required(identifier),
  description: optional(description),
  default: optional(value),
  allowedValues: optional(list(value)),
  userInterface: optional(userInterface(type)),
});

const lengths = { minLength: optional(count), maxLength: optional(positiveCount) };

const byType: Readonly<Record<JobParameter['type'], Reader<JobParameter>>> = {
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
};

/** Types that come with EXPR: known, so that the refusal is not "unknown". */
const exprType = /^(?:BOOL|RANGE_EXPR|LIST\[(?:STRING|PATH|INT|FLOAT|BOOL|LIST\[INT\])\])$/;

const isKnown = (type: unknown): type is JobParameter['type'] =>
  typeof type === 'string' && Object.hasOwn(byType, type);

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
    const isEmpty = parameter.allowedValues?.length === 0;
    if (!isEmpty && !isAllowed(initial, parameter)) say(`value ${initial} is not in allowed values`);
  }
  checkUserInterface(parameter, place);
}

const jobParameter: Reader<JobParameter> = (value, place) => {
  if (!isMap(value)) return place.say(`invalid type: ${describe(value)}, expected a job parameter`);
  const { type } = value;
  if (type === undefined) return place.say("missing 'type' field in parameter definition");
  if (!isKnown(type)) {
    if (typeof type === 'string' && exprType.test(type)) {
      return place.say(`parameter type '${type}' is not allowed. It requires the EXPR extension.`);
    }
    return place.say(`unknown parameter type: ${typeof type === 'string' ? `'${type}'` : describe(type)}`);
  }
  const read = byType[type](value, place);
  if (read) checkParameter(read, place);
  return read;
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
