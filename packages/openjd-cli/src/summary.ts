/** `openjd summary`: what a job, or one step of it, consists of. */
import { StepParameterSpaceIterator } from '@pipl/openjd-model';
import type { Environment, Job, JobTemplate, Step, TaskParameter } from '@pipl/openjd-model';
import type { Arguments } from './arguments.ts';
import { makeJob } from './make-job.ts';
import type { Surroundings } from './perform.ts';
import { CommandFault, type Report } from './report.ts';
import { jobSummaryText, stepSummaryText } from './summary-text.ts';
import { allowedExtensions } from './template-file.ts';

export interface ParameterSummary {
  readonly name: string;
  readonly description?: string;
  readonly type: string;
  readonly value?: string;
}
export interface EnvironmentSummary {
  readonly name: string;
  readonly description?: string;
  /** The step, or `root`. */
  readonly parent: string;
}
export interface StepSummary {
  readonly name: string;
  readonly description?: string;
  readonly parameter_definitions?: readonly ParameterSummary[];
  readonly total_tasks: number;
  readonly environments?: readonly EnvironmentSummary[];
  readonly dependencies?: readonly { readonly step_name: string }[];
}
export interface JobSummary {
  readonly name: string;
  readonly parameter_definitions?: readonly ParameterSummary[];
  readonly total_steps: number;
  readonly total_tasks: number;
  readonly total_environments: number;
  readonly root_environments?: readonly EnvironmentSummary[];
  readonly steps: readonly StepSummary[];
}

export function summary(given: Arguments, { cwd }: Surroundings): Report {
  const extensions = allowedExtensions(given.values('--extensions'));
  const parameters = given.values('--job-param');
  const { job, jobTemplate } = makeJob({ path: given.path!, cwd, extensions, parameters });
  const wanted = given.value('--step');
  if (wanted === undefined) return ofJob(job, jobTemplate);
  const step = job.steps.find(({ name }) => name === wanted);
  if (!step) throw new CommandFault('missing', `Step '${wanted}' does not exist in Job '${job.name}'.`);
  return ofStep(job, step);
}

function ofJob(job: Job, { parameterDefinitions = [] }: JobTemplate): Report {
  const steps = job.steps.map(stepSummary);
  const roots = (job.jobEnvironments ?? []).map((one) => environmentSummary(one, 'root'));
  const about = new Map(parameterDefinitions.map(({ name, description }) => [name, description]));
  const parameters = Object.entries(job.parameters).map(([name, { type, value }]) => {
    const description = about.get(name);
    return { name, ...(description === undefined ? {} : { description }), type, value };
  });
  const fields: JobSummary = {
    name: job.name,
    ...filled('parameter_definitions', parameters),
    total_steps: steps.length,
    total_tasks: sum(steps.map(({ total_tasks: tasks }) => tasks)),
    total_environments: roots.length + sum(steps.map(({ environments = [] }) => environments.length)),
    ...filled('root_environments', roots),
    steps,
  };
  const message = `Summary for '${job.name}'`;
  return {
    status: 'success',
    message,
    fields: fields as unknown as Record<string, unknown>,
    text: jobSummaryText(message, fields),
  };
}

function ofStep(job: Job, step: Step): Report {
  const whole = stepSummary(step);
  const message = `Summary for Step '${step.name}' in Job '${job.name}'`;
  const { parameter_definitions: parameters = [], environments = [], dependencies = [] } = whole;
  return {
    status: 'success',
    message,
    fields: {
      job_name: job.name,
      step_name: step.name,
      total_parameters: parameters.length,
      ...filled('parameter_definitions', parameters),
      total_tasks: whole.total_tasks,
      total_environments: environments.length,
      ...filled('environments', environments),
      ...filled('dependencies', dependencies),
    },
    text: stepSummaryText(message, whole),
  };
}

function stepSummary(step: Step): StepSummary {
  const definitions = step.parameterSpace?.taskParameterDefinitions ?? {};
  const parameters = Object.entries(definitions).map(([name, { type }]) => ({ name, type }));
  const environments = (step.stepEnvironments ?? []).map((one) => environmentSummary(one, step.name));
  const dependencies = (step.dependencies ?? []).map(({ dependsOn }) => ({ step_name: dependsOn }));
  return {
    name: step.name,
    ...(step.description === undefined ? {} : { description: step.description }),
    ...filled('parameter_definitions', parameters),
    total_tasks: countTasks(step),
    ...filled('environments', environments),
    ...filled('dependencies', dependencies),
  };
}

/** Tasks and not chunks: however they are grouped, there are as many. */
function countTasks({ parameterSpace: space }: Step): number {
  if (!space) return 1;
  const single = (one: TaskParameter): TaskParameter =>
    one.type === 'CHUNK[INT]' ? { type: 'INT', range: one.range } : one;
  const taskParameterDefinitions = Object.fromEntries(
    Object.entries(space.taskParameterDefinitions).map(([name, one]) => [name, single(one)]),
  );
  return new StepParameterSpaceIterator({ space: { ...space, taskParameterDefinitions } }).length;
}

const environmentSummary = ({ name, description }: Environment, parent: string): EnvironmentSummary => ({
  name,
  ...(description === undefined ? {} : { description }),
  parent,
});

/** A list that is empty is left out. */
function filled<K extends string, T>(key: K, list: readonly T[]): { readonly [key in K]?: readonly T[] } {
  return list.length === 0 ? {} : ({ [key]: list } as { [key in K]: readonly T[] });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
