/**
 * Fills the template-scope names of one step with values, and checks what only values can show.
 *
 * Commands, arguments, files and variables are left alone: a session fills them.
 */
import { CombinationInvalid } from './errors.ts';
import { resolveFormatString } from './format-string.ts';
import { decimalText, integerText } from './number-readers.ts';
import { StepParameterSpaceIterator } from './parameter-space-iterator.ts';
import { secondsFault } from './read-action.ts';
import { checkHostRequirements } from './read-host-requirements.ts';
import { checkRangeExpression, taskTextFault } from './read-parameter-space.ts';
import type { Place } from './reader.ts';
import { scriptOfSimpleAction } from './simple-action.ts';
import type { SymbolTable } from './symbol-table.ts';
import type {
  ActionTemplate,
  ChunksTemplate,
  HostRequirementsTemplate,
  NamedEnvironmentTemplate,
  SecondsOrFormat,
  StepParameterSpaceTemplate,
  StepScriptTemplate,
  StepTemplate,
  TaskParameterTemplate,
} from './template-types.ts';
import type {
  Action,
  Chunks,
  Environment,
  HostRequirements,
  Step,
  StepParameterSpace,
  StepScript,
  TaskParameter,
} from './types.ts';

export interface Filling {
  readonly symbols: SymbolTable;
  readonly maxTaskCount?: number | undefined;
}

function fillSeconds(
  value: SecondsOrFormat,
  { symbols, field, most }: { symbols: SymbolTable; field: string; most?: number },
  place: Place,
): number {
  if (typeof value === 'number') return value;
  const resolved = resolveFormatString(value, symbols);
  const fault = secondsFault(resolved, field, most);
  if (fault !== undefined) place.say(fault);
  return Number(resolved);
}

function createAction(template: ActionTemplate, symbols: SymbolTable, place: Place): Action {
  const { command, args, timeout, cancelation } = template;
  const most = place.rules.limits.notifyPeriodInSeconds;
  const period =
    cancelation?.mode === 'NOTIFY_THEN_TERMINATE' ? cancelation.notifyPeriodInSeconds : undefined;
  const filledPeriod =
    period === undefined
      ? {}
      : {
          notifyPeriodInSeconds: fillSeconds(
            period,
            { symbols, field: 'notifyPeriodInSeconds', most },
            place.at('cancelation', 'notifyPeriodInSeconds'),
          ),
        };
  return {
    command,
    ...(args ? { args } : {}),
    ...(timeout === undefined
      ? {}
      : { timeout: fillSeconds(timeout, { symbols, field: 'timeout' }, place.at('timeout')) }),
    ...(cancelation
      ? { cancelation: { ...cancelation, ...filledPeriod } as Action['cancelation'] & {} }
      : {}),
  };
}

function createStepScript(template: StepScriptTemplate, symbols: SymbolTable, place: Place): StepScript {
  const onRun = createAction(template.actions.onRun, symbols, place.at('actions', 'onRun'));
  return { ...template, actions: { onRun } };
}

export function createEnvironment(
  template: NamedEnvironmentTemplate,
  symbols: SymbolTable,
  place: Place,
): Environment {
  const { script, ...rest } = template;
  if (!script) return rest;
  const { onEnter, onExit } = script.actions;
  const at = place.at('script', 'actions');
  const actions = {
    ...(onEnter ? { onEnter: createAction(onEnter, symbols, at.at('onEnter')) } : {}),
    ...(onExit ? { onExit: createAction(onExit, symbols, at.at('onExit')) } : {}),
  };
  return { ...rest, script: { ...script, actions } };
}

function createHostRequirements(
  template: HostRequirementsTemplate,
  symbols: SymbolTable,
  place: Place,
): HostRequirements {
  const fill = (text: string) => resolveFormatString(text, symbols);
  const { amounts, attributes } = template;
  const filled: HostRequirements = {
    ...(amounts && {
      amounts: amounts.map(({ name, min, max }) => ({
        name,
        ...(min === undefined ? {} : { min: fill(min).trim() }),
        ...(max === undefined ? {} : { max: fill(max).trim() }),
      })),
    }),
    ...(attributes && {
      attributes: attributes.map(({ name, anyOf, allOf }) => ({
        name,
        ...(anyOf && { anyOf: anyOf.map(fill) }),
        ...(allOf && { allOf: allOf.map(fill) }),
      })),
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
  if (typeof range !== 'string') {
    return range.map((text, index) => itemOf(type, resolveFormatString(text, symbols), place.at(index)));
  }
  const filled = resolveFormatString(range, symbols);
  checkRangeExpression(filled, place);
  return filled;
}

function createChunks(template: ChunksTemplate, symbols: SymbolTable, place: Place): Chunks {
  const number = (text: string, least: number, at: Place): number => {
    const read = integerText(resolveFormatString(text, symbols), at);
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

export function createStep(template: StepTemplate, filling: Filling, place: Place): Step {
  const { name, description, stepEnvironments, parameterSpace, hostRequirements, dependencies } = template;
  const { symbols } = filling;
  const simple = scriptOfSimpleAction(template);
  const script = template.script ?? simple?.script;
  if (!script) throw new TypeError(`step ${name} has no script`);
  const at = template.script ? place.at('script') : place;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    script: createStepScript(script, symbols, at),
    ...(stepEnvironments && {
      stepEnvironments: stepEnvironments.map((one, index) =>
        createEnvironment(one, symbols, place.at('stepEnvironments', index)),
      ),
    }),
    ...(parameterSpace && {
      parameterSpace: createSpace(parameterSpace, filling, place.at('parameterSpace')),
    }),
    ...(hostRequirements && {
      hostRequirements: createHostRequirements(hostRequirements, symbols, place.at('hostRequirements')),
    }),
    ...(dependencies && { dependencies }),
  };
}
