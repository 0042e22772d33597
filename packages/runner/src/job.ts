/**
 * From a job template to what is executed: parameters filled in, steps in an order that their dependencies allow,
 * tasks made one by one when they are asked for, so that a million of them cost no memory.
 */
import { resolve } from 'node:path';
import {
  createJob,
  decodeJobTemplate,
  OpenJdError,
  preprocessJobParameters,
  StepDependencyGraph,
  StepParameterSpaceIterator,
  type EnvironmentTemplate,
  type Job,
  type JobTemplate,
  type Step,
  type TaskParameterSet,
} from '@pipl/openjd-model';
import { runnableExtensions } from '@pipl/openjd-sessions';
import { canonicalJson, piplError } from '@pipl/packl';
import { safeName } from './safe-name.ts';
import type { Described } from './template.ts';

export interface StepTasks {
  readonly step: Step;
  readonly count: number;
  /** From the first; sessions share one. */
  tasks(): Iterator<TaskParameterSet>;
}

export interface JobSteps {
  readonly order: readonly StepTasks[];
}

export interface PreparedJob {
  readonly job: Job;
  readonly steps: JobSteps;
  /** the template as it was read, one text for one template */
  readonly templateText: string;
}

export interface JobRequest {
  readonly described: Described;
  /** the unpacked task: relative defaults of PATH parameters start here */
  readonly taskDir: string;
  /** slot → folder */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** of the products that the task made last */
  readonly previous?: Readonly<Record<string, string>>;
  /** of envsets, outermost first */
  readonly environmentTemplates?: readonly EnvironmentTemplate[];
}

/** @throws PIPL_JOB with everything that is wrong with the template or with the values for its parameters */
export function prepareJob(request: JobRequest): PreparedJob {
  try {
    const { template, templateText } = decoded(request.described.template);
    const { environmentTemplates = [] } = request;
    const parameters = preprocessJobParameters({
      jobTemplate: template,
      environmentTemplates,
      values: valuesFor(template, request),
      jobTemplateDir: resolve(request.taskDir),
      currentWorkingDir: resolve(request.taskDir),
    });
    const job = createJob({ jobTemplate: template, environmentTemplates, jobParameterValues: parameters });
    const order = new StepDependencyGraph(job).topologicalOrder().map(tasksOf);
    return { job, steps: { order }, templateText };
  } catch (error) {
    if (!(error instanceof OpenJdError)) throw error;
    throw piplError('invalid', 'PIPL_JOB', {
      what: 'The job template of the task cannot be run.',
      why: error.message,
      hint: error.hint ?? 'Mend the template, or the parameters of the task.',
      problems: error.message.split('\n'),
      cause: error,
    });
  }
}

interface Decoded {
  readonly template: JobTemplate;
  readonly templateText: string;
}

/** Written templates by their text, oldest first: a warm runner meets the same ones again and again. */
const written = new Map<string, Decoded>();
const mostWritten = 50;

function decoded(given: unknown): Decoded {
  const before = typeof given === 'string' ? written.get(given) : undefined;
  if (before !== undefined) return before;
  const template = decodeJobTemplate(given, { supportedExtensions: runnableExtensions });
  const made = { template, templateText: canonicalJson(given) };
  if (typeof given !== 'string') return made;
  if (written.size >= mostWritten) written.delete(written.keys().next().value!);
  written.set(given, made);
  return made;
}

function tasksOf(step: Step): StepTasks {
  const space = new StepParameterSpaceIterator({ space: step.parameterSpace });
  return { step, count: space.length, tasks: () => space[Symbol.iterator]() };
}

/**
 * Parameters of the task by their name, inputs as `In_<slot>`, outputs as `Out_<slot>`, what it made last as
 * `Previous_<slot>`. A template of code declares
 * only what it uses; a hand-written one must declare every parameter that the task sets, or a typing mistake
 * would go unnoticed.
 */
function valuesFor(
  template: JobTemplate,
  { described, inputs, outputs, previous = {} }: JobRequest,
): Record<string, string> {
  const declared = new Set((template.parameterDefinitions ?? []).map(({ name }) => name));
  const isUsed = ([name]: [string, string]) => declared.has(name);
  const own = Object.entries(described.parameters).map(([name, value]): [string, string] => [
    name,
    asText(value),
  ]);
  const folders = [
    ...Object.entries(inputs).map(([slot, folder]): [string, string] => [parameterFor('In', slot), folder]),
    ...Object.entries(outputs).map(([slot, folder]): [string, string] => [parameterFor('Out', slot), folder]),
    ...Object.entries(previous).map(([slot, folder]): [string, string] => [
      parameterFor('Previous', slot),
      folder,
    ]),
  ];
  return Object.fromEntries([...(described.byHand ? own : own.filter(isUsed)), ...folders.filter(isUsed)]);
}

/** A job parameter's name has no dash. */
const parameterFor = (prefix: 'In' | 'Out' | 'Previous', slot: string): string =>
  `${prefix}_${safeName(slot).replaceAll('-', '_')}`;

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
