/**
 * Fills the template-scope names of one step with values, and checks what only values can show.
 *
 * Commands, arguments, files and variables are left alone: a session fills them.
 */
import { createEnvironment, createStepScript } from './create-scripts.ts';
import { CombinationInvalid } from './errors.ts';
import { fillList, fillText, settle } from './fill.ts';
import { resolveWhole } from './format-string.ts';
import { attempt, bindLets, splitBinding } from './let-bindings.ts';
import { textItems } from './parameter-values.ts';
import { decimalText, integerText } from './number-readers.ts';
import { StepParameterSpaceIterator } from './parameter-space-iterator.ts';
import { checkHostRequirements } from './read-host-requirements.ts';
import { checkRangeExpression, taskTextFault } from './read-parameter-space.ts';
import type { Place } from './reader.ts';
import { scriptOfSimpleAction } from './simple-action.ts';
import type { SymbolTable } from './symbol-table.ts';
import { isFormat } from './text-readers.ts';
import type { Value } from './expr/values.ts';
import type {
  ChunksTemplate,
  HostRequirementsTemplate,
  StepParameterSpaceTemplate,
  StepTemplate,
  TaskParameterTemplate,
} from './template-types.ts';
import type { Chunks, HostRequirements, Step, StepParameterSpace, TaskParameter } from './types.ts';

export interface Filling {
  readonly symbols: SymbolTable;
  readonly maxTaskCount?: number | undefined;
}

function createHostRequirements(
  template: HostRequirementsTemplate,
  symbols: SymbolTable,
  place: Place,
): HostRequirements {
  const { amounts, attributes } = template;
  const bound = (field: 'min' | 'max', text: string | undefined, at: Place) => {
    const filled = text === undefined ? undefined : fillText(text, symbols, at.at(field));
    return filled === undefined ? {} : { [field]: filled.trim() };
  };
  const names = (field: 'anyOf' | 'allOf', texts: readonly string[] | undefined, at: Place) =>
    texts ? { [field]: fillList(texts, symbols, at.at(field)) } : {};
  const filled: HostRequirements = {
    ...(amounts && {
      amounts: amounts.map(({ name, min, max }, index) => {
        const at = place.at('amounts', index);
        return { name, ...bound('min', min, at), ...bound('max', max, at) };
      }),
    }),
    ...(attributes && {
      attributes: attributes.map(({ name, anyOf, allOf }, index) => {
        const at = place.at('attributes', index);
        return { name, ...names('anyOf', anyOf, at), ...names('allOf', allOf, at) };
      }),
    }),
  };
  checkHostRequirements(filled, place);
  return filled;
}

/** Reads one value of a range after its names are filled. */
function itemOf(type: TaskParameterTemplate['type'], text: string, place: Place): string {
  if (type === 'INT' || type === 'CHUNK[INT]') return integerText(text, place) ?? text;
  if (type === 'FLOAT') return decimalText(text, place) ?? text;
  const fault = taskTextFault(text, type, place);
  if (fault !== undefined) place.say(fault);
  return text;
}

function createRange(
  parameter: TaskParameterTemplate,
  symbols: SymbolTable,
  place: Place,
): string | readonly string[] {
  const { range, type } = parameter;
  const before = place.problems.length;
  if (typeof range !== 'string') {
    // What has no names was checked when it was read; most ranges are long and have none.
    if (!range.some(isFormat)) return range;
    return range.map((text, index) => {
      const filled = fillText(text, symbols, place.at(index));
      return filled === undefined ? '' : itemOf(type, filled, place.at(index));
    });
  }
  const whole = settle(() => resolveWhole(range, symbols), place);
  if (place.problems.length > before) return '';
  if (whole?.is === 'list' || (whole && type !== 'INT' && type !== 'CHUNK[INT]')) {
    return rangeOfList(whole, type, place);
  }
  const filled = fillText(range, symbols, place);
  if (filled === undefined) return '';
  checkRangeExpression(filled, place);
  return filled;
}

/** EXPR: the values of a range that an expression gave. */
function rangeOfList(whole: Value, type: TaskParameterTemplate['type'], place: Place): readonly string[] {
  const items = whole.is === 'list' ? textItems(whole) : undefined;
  const wantsInt = type === 'INT' || type === 'CHUNK[INT]';
  const wrong = whole.is === 'list' && wantsInt ? whole.items.find(({ is }) => is !== 'int') : undefined;
  if (wrong) place.say(`Expected int in range, got ${wrong.is}.`);
  if (!items) place.say(`Input should be a valid list, got ${whole.is}.`);
  else if (items.length === 0) place.say('must not be empty.');
  else if (items.length > place.rules.limits.rangeItems) {
    place.say(`has ${items.length} elements; at most ${place.rules.limits.rangeItems} are allowed.`);
  }
  return (items ?? []).map((item, index) => itemOf(type, item, place.at(index)));
}

function createChunks(template: ChunksTemplate, symbols: SymbolTable, place: Place): Chunks {
  const number = (text: string, least: number, at: Place): number => {
    const read = integerText(fillText(text, symbols, at) ?? '', at);
    if (read !== undefined && Number(read) < least) at.say(`must be at least ${least}.`);
    return Number(read);
  };
  const { defaultTaskCount, targetRuntimeSeconds, rangeConstraint } = template;
  return {
    defaultTaskCount: number(defaultTaskCount, 1, place.at('defaultTaskCount')),
    ...(targetRuntimeSeconds === undefined
      ? {}
      : { targetRuntimeSeconds: number(targetRuntimeSeconds, 0, place.at('targetRuntimeSeconds')) }),
    rangeConstraint,
  };
}

function createSpace(
  template: StepParameterSpaceTemplate,
  { symbols, maxTaskCount }: Filling,
  place: Place,
): StepParameterSpace {
  const before = place.problems.length;
  const definitions = template.taskParameterDefinitions.map((parameter, index): [string, TaskParameter] => {
    const at = place.at('taskParameterDefinitions', index);
    const range = createRange(parameter, symbols, at.at('range'));
    const chunks = parameter.type === 'CHUNK[INT]' && {
      chunks: createChunks(parameter.chunks, symbols, at.at('chunks')),
    };
    return [parameter.name, { type: parameter.type, range, ...chunks } as TaskParameter];
  });
  const { combination } = template;
  const space: StepParameterSpace = {
    taskParameterDefinitions: Object.fromEntries(definitions),
    ...(combination === undefined ? {} : { combination }),
  };
  if (place.problems.length === before) checkTasks(space, maxTaskCount, place);
  return space;
}

/** What only shows once the ranges are known: how long they are together. */
function checkTasks(space: StepParameterSpace, maxTaskCount: number | undefined, place: Place): void {
  try {
    const { length } = new StepParameterSpaceIterator({ space });
    if (maxTaskCount !== undefined && length > maxTaskCount) {
      place.say(`has ${length} tasks; at most ${maxTaskCount} are allowed.`);
    }
  } catch (error) {
    if (!(error instanceof CombinationInvalid)) throw error;
    place.at('combination').say(error.message);
  }
}

/** EXPR: the names of the job with those of the step. */
function stepSymbols(template: StepTemplate, job: SymbolTable, place: Place): SymbolTable {
  if (!job.expressions) return job;
  let symbols = job.copy().set('Step.Name', template.name);
  for (const [index, written] of (template.let ?? []).entries()) {
    const outer = symbols;
    symbols = attempt(splitBinding(written).name, place.at(index), () => bindLets([written], outer)) ?? outer;
  }
  return symbols;
}

export function createStep(template: StepTemplate, filling: Filling, place: Place): Step {
  const { name, description, stepEnvironments, parameterSpace, hostRequirements, dependencies } = template;
  const symbols = stepSymbols(template, filling.symbols, place.at('let'));
  const simple = scriptOfSimpleAction(template);
  const script = template.script ?? simple?.script;
  if (!script) throw new TypeError(`step ${name} has no script`);
  const at = template.script ? place.at('script') : place;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(template.let && { let: template.let }),
    script: createStepScript(script, symbols, at),
    ...(stepEnvironments && {
      stepEnvironments: stepEnvironments.map((one, index) =>
        createEnvironment(one, symbols, place.at('stepEnvironments', index)),
      ),
    }),
    ...(parameterSpace && {
      parameterSpace: createSpace(parameterSpace, { ...filling, symbols }, place.at('parameterSpace')),
    }),
    ...(hostRequirements && {
      hostRequirements: createHostRequirements(hostRequirements, symbols, place.at('hostRequirements')),
    }),
    ...(dependencies && { dependencies }),
  };
}
