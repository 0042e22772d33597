/**
 * Compiles the steps of a task type into an Open Job Description job template (2023-09, with TASK_CHUNKING).
 *
 * Each step waits for the one before it; the checks, if there are any, are the last step. Inputs and outputs are
 * not in the template: actions read them from the file that PIPL_CONTEXT names.
 */
import { type Dimension, dimensionsOf } from './points.ts';
import { perPointProblems } from './per-point.ts';
import { badTemplate } from './refusals.ts';
import type { Step, TaskDefinition } from './task-types.ts';

export interface Template {
  readonly specificationVersion: 'jobtemplate-2023-09';
  readonly extensions?: readonly ['TASK_CHUNKING'];
  readonly name: string;
  readonly steps: readonly StepTemplate[];
}

interface StepTemplate {
  readonly name: string;
  readonly dependencies?: readonly { readonly dependsOn: string }[];
  readonly parameterSpace?: { readonly taskParameterDefinitions: readonly object[] };
  readonly script: {
    readonly actions: { readonly onRun: { readonly command: string; readonly args: readonly string[] } };
  };
}

/** Name of the step that runs the checks. */
export const checkStep = 'pipl checks';

/** A machine of two cores then has two rounds of work, so that a slow chunk does not leave the other idle for long. */
const chunksWanted = 4;
const mostInChunk = 32;
/** Limits of the specification, without FEATURE_BUNDLE_1. */
const limits = { dimensions: 16, listed: 1024, text: 1024 };

/** @param written the task type as the task names it @throws PIPL_TEMPLATE with every problem */
export function templateOf(written: string, type: TaskDefinition, parameters: unknown): Template {
  const problems: string[] = [];
  const steps = type.steps.map((step) => {
    const dimensions = readDimensions(step, parameters, problems);
    problems.push(...dimensions.flatMap((dimension) => problemsOf(step, dimension)));
    problems.push(...perPointProblems({ type, step, dimensions }));
    return { step, dimensions };
  });
  if (steps.length === 0) problems.push('it has no step');
  for (const { step, dimensions } of steps) {
    if (dimensions.length > limits.dimensions)
      problems.push(`step ${step.name} has more than ${limits.dimensions} dimensions`);
    if (step.name === checkStep) problems.push(`"${checkStep}" is the step of the checks`);
    if (step.chunk !== undefined && !(Number.isInteger(step.chunk) && step.chunk > 0))
      problems.push(`chunk of step ${step.name} is not a positive integer`);
  }
  if (problems.length > 0) throw badTemplate(written, problems);
  const templates = steps.map(({ step, dimensions }) => stepTemplate(written, step, dimensions));
  if (type.checks.length > 0) templates.push({ name: checkStep, script: action('check', written) });
  const chunked = steps.some(({ dimensions }) => dimensions.some(({ of }) => of === 'integers'));
  return {
    specificationVersion: 'jobtemplate-2023-09',
    ...(chunked ? { extensions: ['TASK_CHUNKING'] as const } : {}),
    name: type.name,
    steps: templates.map((template, index) => after(template, templates[index - 1]?.name)),
  };
}

function readDimensions(step: Step, parameters: unknown, problems: string[]): Dimension[] {
  try {
    return dimensionsOf(step, parameters);
  } catch (error) {
    problems.push(`points of step ${step.name}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

function problemsOf(step: Step, dimension: Dimension): string[] {
  const where = `${dimension.name} of step ${step.name}`;
  const problems = /^[A-Za-z_]\w{0,63}$/.test(dimension.name)
    ? []
    : [`${where} is not an identifier of up to 64 letters`];
  if (dimension.of === 'integers') return problems;
  const { values } = dimension;
  if (values.length > limits.listed)
    problems.push(`${where} has ${values.length} texts: ${limits.listed} at most`);
  if (values.some((value) => value.length > limits.text))
    problems.push(`${where} has a text of over ${limits.text} characters`);
  if (values.some((value) => value.includes('{{')))
    problems.push(`${where} has a text with {{, which would be replaced`);
  return problems;
}

function stepTemplate(written: string, step: Step, dimensions: readonly Dimension[]): StepTemplate {
  const chunked = dimensions.findLast(({ of }) => of === 'integers');
  const definitions = dimensions.map((dimension) => {
    const { name } = dimension;
    if (dimension.of === 'strings') return { name, type: 'STRING', range: dimension.values };
    if (dimension !== chunked) return { name, type: 'INT', range: dimension.text };
    const defaultTaskCount = step.chunk ?? defaultChunk(dimension.values.length);
    return {
      name,
      type: 'CHUNK[INT]',
      range: dimension.text,
      chunks: { defaultTaskCount, rangeConstraint: 'NONCONTIGUOUS' },
    };
  });
  const points = dimensions.map(({ name }) => `{{Task.Param.${name}}}`);
  return {
    name: step.name,
    ...(definitions.length === 0 ? {} : { parameterSpace: { taskParameterDefinitions: definitions } }),
    script: action('run', written, step.name, ...points),
  };
}

export const defaultChunk = (points: number): number =>
  Math.min(mostInChunk, Math.max(1, Math.ceil(points / chunksWanted)));

const action = (...args: string[]): StepTemplate['script'] => ({
  actions: { onRun: { command: 'pipl-step', args } },
});

const after = (template: StepTemplate, before: string | undefined): StepTemplate =>
  before === undefined ? template : { ...template, dependencies: [{ dependsOn: before }] };
