/** A job from a template file, environment templates and what `-p` says. */
import { dirname } from 'node:path';
import { createJob, preprocessJobParameters } from '@pipl/openjd-model';
import type { EnvironmentTemplate, Job, JobParameterValues, JobTemplate } from '@pipl/openjd-model';
import { jobParameterArguments } from './job-parameters.ts';
import { CommandFault, isOnPurpose } from './report.ts';
import { placeOf, readJobTemplate, type TemplateFile } from './template-file.ts';

export interface JobRequest extends TemplateFile {
  readonly parameters: readonly string[];
  readonly environmentTemplates?: readonly EnvironmentTemplate[];
}

export interface MadeJob {
  readonly jobTemplate: JobTemplate;
  readonly job: Job;
  readonly jobParameterValues: JobParameterValues;
}

/** @throws CommandFault with what is wrong with the template, or with the values */
export function makeJob({ parameters, environmentTemplates = [], ...file }: JobRequest): MadeJob {
  const jobTemplate = named('ERROR validating template: ', () => readJobTemplate(file));
  return named('ERROR generating Job: ', () => {
    const values = jobParameterArguments(parameters, file.cwd);
    const jobParameterValues = preprocessJobParameters({
      jobTemplate,
      environmentTemplates,
      values,
      jobTemplateDir: dirname(placeOf(file.path, file.cwd)),
      currentWorkingDir: file.cwd,
    });
    const job = createJob({ jobTemplate, environmentTemplates, jobParameterValues });
    return { jobTemplate, job, jobParameterValues };
  });
}

function named<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isOnPurpose(error)) throw error;
    const fault = error instanceof CommandFault ? error.fault : 'invalid';
    const start = fault === 'missing' ? 'ERROR generating Job: ' : prefix;
    throw new CommandFault(fault, start + error.message, { cause: error });
  }
}
