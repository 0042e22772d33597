/** The tasks that `-tp` and `--tasks` ask for: read, then compared with the parameter space of the step. */
import { IntRange, StepParameterSpaceIterator } from '@pipl/openjd-model';
import type { Step, TaskParameterSet, TaskParameterValue } from '@pipl/openjd-model';
import { fileArgument, inlineJson } from './job-parameters.ts';
import { CommandFault } from './report.ts';

type Given = Readonly<Record<string, string>>;

/** @throws CommandFault listing everything that is no `NAME=VALUE`, or is there twice */
export function taskOfArguments(given: readonly string[]): Given {
  const task: Record<string, string> = {};
  const problems: string[] = [];
  for (const argument of given.map((text) => text.trimStart())) {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(argument) ?? [];
    if (name === undefined || value === undefined) {
      problems.push(`Task parameter '${argument}' defined incorrectly. Expected '<NAME>=<VALUE>' format.`);
    } else if (Object.hasOwn(task, name)) {
      problems.push(`Task parameter '${name}' has been defined more than once.`);
    } else task[name] = value;
  }
  if (problems.length === 0) return task;
  const listed = problems.map((problem) => `\n - ${problem}`).join('');
  throw new CommandFault('usage', `Found the following errors collecting Task parameters:${listed}`);
}

/** @throws CommandFault */
export function tasksOfArgument(argument: string, cwd: string): Given[] {
  const text = argument.trim();
  const tasks = text.startsWith('file://') ? fileArgument(text, cwd) : inlineJson(text);
  if (tasks === undefined) {
    throw new CommandFault(
      'usage',
      '--tasks argument must be a JSON encoded list of maps or a string with the file:// prefix.',
    );
  }
  if (!Array.isArray(tasks)) throw noTasks();
  return tasks.map((task: unknown) => {
    if (typeof task !== 'object' || task === null || Array.isArray(task)) throw noTasks();
    return Object.fromEntries(
      Object.entries(task).map(([name, value]: [string, unknown]) => {
        if (value === null || Array.isArray(value) || value === undefined) throw noTasks();
        return [name, String(value)];
      }),
    );
  });
}

const noTasks = () =>
  new CommandFault('usage', '--tasks argument must be a list of maps from string to string when decoded.');

/** The tasks with the types of the step's parameters. @throws CommandFault listing what the step does not have */
export function tasksOfStep(step: Step, given: readonly Given[]): TaskParameterSet[] {
  const definitions = step.parameterSpace?.taskParameterDefinitions ?? {};
  const names = Object.keys(definitions);
  const problems: string[] = [];
  const tasks = given.map((task, index) => {
    const unknown = Object.keys(task).filter((name) => !Object.hasOwn(definitions, name));
    const missing = names.filter((name) => !Object.hasOwn(task, name));
    const say = (what: string, which: readonly string[]) => {
      if (which.length > 0) problems.push(`Task ${index} ${what}: ${which.toSorted().join(', ')}`);
    };
    say('defines unknown parameters', unknown);
    say('is missing values for parameters', missing);
    const set: TaskParameterSet = {};
    for (const name of names) set[name] = { type: definitions[name]!.type, value: task[name] ?? '' };
    if (unknown.length + missing.length === 0) {
      problems.push(...faultsOf(step, set).map((fault) => `Task ${index}: ${fault}`));
    }
    return set;
  });
  if (problems.length === 0) return tasks;
  throw new CommandFault('usage', `Errors defining task parameter values:\n - ${problems.join('\n - ')}`);
}

/** A chunk may be any part of the range; every other value has to be one of the space. */
function faultsOf({ parameterSpace: space }: Step, set: TaskParameterSet): string[] {
  if (!space) return [];
  const faults = Object.entries(set)
    .filter(([name, value]) => !isInRange(space.taskParameterDefinitions[name]!, value))
    .map(
      ([name, { type, value }]) =>
        `Parameter ${name} of type ${type} value ${value} is not in the parameter space range.`,
    );
  if (faults.length > 0) return faults;
  // Any chunk goes with the others: where it stands in the space, one value stands for all.
  const definitions: Record<string, Definition> = {};
  const values: TaskParameterSet = {};
  for (const [name, definition] of Object.entries(space.taskParameterDefinitions)) {
    const isChunk = definition.type === 'CHUNK[INT]';
    definitions[name] = isChunk ? { type: 'INT', range: '0' } : definition;
    values[name] = isChunk ? { type: 'INT', value: '0' } : set[name]!;
  }
  const others = new StepParameterSpaceIterator({
    space: { ...space, taskParameterDefinitions: definitions },
  });
  return others.includes(values) ? [] : ['These values are not together in the parameter space.'];
}

type Definition = NonNullable<Step['parameterSpace']>['taskParameterDefinitions'][string];

function isInRange(definition: Definition, { type, value }: TaskParameterValue): boolean {
  if (definition.type !== 'CHUNK[INT]') {
    const alone = new StepParameterSpaceIterator({ space: { taskParameterDefinitions: { it: definition } } });
    return alone.includes({ it: { type, value } });
  }
  const { range, chunks } = definition;
  const whole = typeof range === 'string' ? IntRange.parse(range) : IntRange.fromValues(range.map(BigInt));
  if (chunks.rangeConstraint === 'CONTIGUOUS' && !/^\s*-?\d+\s*(?:-\s*-?\d+\s*)?$/.test(value)) return false;
  const chunk = parsed(value);
  return (
    chunk !== undefined && chunk.length <= whole.length && [...chunk].every((one) => whole.contains(one))
  );
}

function parsed(text: string): IntRange | undefined {
  try {
    return IntRange.parse(text);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
