/** A whole job, from its template to what its actions printed, step by step in one session each. */
import {
  StepDependencyGraph,
  StepParameterSpaceIterator,
  createJob,
  decodeEnvironmentTemplate,
  decodeJobTemplate,
  preprocessJobParameters,
} from '@pipl/openjd-model';
import type { GivenValues, Job, Step } from '@pipl/openjd-model';

import type { ActionStatus, PathMappingRule } from '../src/index.ts';
import { startSession } from './session-fixture.ts';

export interface JobToRun {
  readonly template: object;
  readonly environments?: readonly object[];
  readonly values?: GivenValues;
  readonly rules?: readonly PathMappingRule[];
}

export interface JobRun {
  /** What actions printed. */
  readonly output: readonly string[];
  /** Every action's end: its state, and why if it failed. */
  readonly ends: readonly ActionStatus[];
}

/** `fields` on top of the least template with these extensions. */
export const template = (extensions: readonly string[], fields: object) => ({
  specificationVersion: 'jobtemplate-2023-09',
  extensions,
  name: 'Job',
  ...fields,
});

export const environmentTemplate = (extensions: readonly string[], environment: object) => ({
  specificationVersion: 'environment-2023-09',
  extensions,
  environment,
});

/** An action that prints its arguments, each between angle brackets. */
export const show = (...args: string[]) => ({
  command: 'sh',
  args: ['-c', 'printf "<%s>" "$@"; echo', 'show', ...args],
});

export async function runJob(request: JobToRun): Promise<JobRun> {
  const job = makeJob(request);
  const output: string[] = [];
  const ends: ActionStatus[] = [];
  for (const step of new StepDependencyGraph(job).topologicalOrder()) {
    const run = await runStep(job, step, request.rules ?? []);
    output.push(...run.output);
    ends.push(...run.ends);
  }
  return { output, ends };
}

function makeJob({ template: written, environments = [], values = {} }: JobToRun): Job {
  const jobTemplate = decodeJobTemplate(written);
  const environmentTemplates = environments.map((one) => decodeEnvironmentTemplate(one));
  const folders = { jobTemplateDir: '/t', currentWorkingDir: '/c' };
  const jobParameterValues = preprocessJobParameters({
    jobTemplate,
    environmentTemplates,
    values,
    ...folders,
  });
  return createJob({ jobTemplate, environmentTemplates, jobParameterValues });
}

async function runStep(job: Job, step: Step, pathMappingRules: readonly PathMappingRule[]): Promise<JobRun> {
  await using heard = startSession({
    jobName: job.name,
    jobParameterValues: job.parameters,
    extensions: job.extensions ?? [],
    pathMappingRules,
  });
  const { session } = heard;
  const ends: ActionStatus[] = [];
  const ofStep = { stepName: step.name, ...(step.let && { stepLet: step.let }) };
  for (const environment of [...(job.jobEnvironments ?? []), ...(step.stepEnvironments ?? [])]) {
    if (session.state === 'READY') ends.push(await session.enterEnvironment({ environment, ...ofStep }));
  }
  for (const taskParameterValues of new StepParameterSpaceIterator({ space: step.parameterSpace })) {
    if (session.state !== 'READY') break;
    ends.push(await session.runTask({ stepScript: step.script, taskParameterValues, ...ofStep }));
  }
  for (const identifier of session.environmentsEntered.toReversed()) {
    ends.push(await session.exitEnvironment({ identifier }));
  }
  return { output: heard.output(), ends };
}
