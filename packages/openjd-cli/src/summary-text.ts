/** Summaries as people read them: the same lines as the reference prints. */
import type { EnvironmentSummary, JobSummary, ParameterSummary, StepSummary } from './summary.ts';

const bullets = (lines: readonly string[], padding: number): string =>
  lines.map((line) => `${' '.repeat(padding)}- ${line}\n`).join('');

const parameter = ({ name, type, value }: ParameterSummary): string =>
  `${name} (${type})${value ? `: ${value}` : ''}`;

const environment = ({ name, parent, description }: EnvironmentSummary): string =>
  `${name} (from '${parent}')${description ? `\n ${description}` : ''}`;

export function jobSummaryText(message: string, job: JobSummary): string {
  const { parameter_definitions: parameters = [], root_environments: roots = [], steps } = job;
  let text = `\n--- ${message} ---\n`;
  if (parameters.length > 0) text += `\nParameters:\n${bullets(parameters.map(parameter), 2)}`;
  text += `\nTotal steps: ${job.total_steps}\nTotal tasks: ${job.total_tasks}\nTotal environments: ${job.total_environments}\n`;
  text += `\n--- Steps in '${job.name}' ---\n\n`;
  for (const [index, step] of steps.entries()) text += `${index + 1}. ${stepLine(step)}\n`;
  if (job.total_environments > 0) {
    text += `\n--- Environments in '${job.name}' ---\n`;
    text += bullets(roots.map(environment), 2);
    for (const { environments = [] } of steps) text += bullets(environments.map(environment), 2);
  }
  return text;
}

function stepLine(step: StepSummary): string {
  const { parameter_definitions: parameters = [], environments = [], dependencies = [] } = step;
  let text = `'${step.name}' (${step.total_tasks} total Tasks)\n`;
  if (parameters.length > 0) text += `  Task parameters:\n${bullets(parameters.map(parameter), 4)}`;
  if (environments.length > 0) text += `  ${environments.length} environments\n`;
  if (dependencies.length > 0) text += `  ${dependencies.length} dependencies\n`;
  return text;
}

export function stepSummaryText(message: string, step: StepSummary): string {
  const { parameter_definitions: parameters = [], environments = [], dependencies = [] } = step;
  let text = `\n--- ${message} ---\n\nTotal tasks: ${step.total_tasks}\n`;
  text += `Total task parameters: ${parameters.length}\nTotal environments: ${environments.length}\n`;
  if (dependencies.length > 0) {
    const names = dependencies.map(({ step_name: name }) => `'${name}'`);
    text += `\nDependencies (${dependencies.length}):\n${bullets(names, 0)}`;
  }
  if (parameters.length > 0) text += `\nParameters:\n${bullets(parameters.map(parameter), 0)}`;
  if (environments.length > 0) text += `\nEnvironments:\n${bullets(environments.map(environment), 0)}`;
  return text;
}
