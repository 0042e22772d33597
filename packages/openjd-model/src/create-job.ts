/**
 * Makes a job of a template and the values of its parameters. Everything of template scope has its value
 * afterwards; ranges, lengths and requirements that depended on values are checked again.
 */
import { createEnvironment } from './create-scripts.ts';
import { createStep } from './create-step.ts';
import { fillText } from './fill.ts';
import { JobParametersInvalid, TemplateInvalid } from './errors.ts';
import { jobParameterSymbols } from './parameter-values.ts';
import { coerce, valueFaults } from './job-parameter-constraints.ts';
import { mergeJobParameters } from './merge-parameters.ts';
import type { MergedParameter, Templates } from './merge-parameters.ts';
import { Place } from './reader.ts';
import { rulesFor } from './rules.ts';
import type { CallerLimits } from './rules.ts';
import { SymbolTable } from './symbol-table.ts';
import { textFault } from './text-readers.ts';
import type { Environment, Job, JobParameterValues } from './types.ts';
import { checkWrapLayers } from './wrap-actions.ts';

export interface CreateJob extends Templates {
  /** As `preprocessJobParameters` makes them. */
  readonly jobParameterValues: JobParameterValues;
  readonly limits?: CallerLimits;
}

/** A PATH has no `Param` value before a session maps it to its machine. */
function templateSymbols(values: JobParameterValues, hasExpressions: boolean): SymbolTable {
  if (hasExpressions) return new SymbolTable(jobParameterSymbols(values), {});
  const symbols = new SymbolTable();
  for (const [name, { type, value }] of Object.entries(values)) {
    symbols.set(`RawParam.${name}`, value);
    if (type !== 'PATH') symbols.set(`Param.${name}`, value);
  }
  return symbols;
}

/** @throws JobParametersInvalid unless there is one good value for each parameter and no other. */
function checkValues(values: JobParameterValues, parameters: readonly MergedParameter[]): void {
  const faults: [name: string, fault: string][] = [];
  const known = new Set(parameters.map(({ name }) => name));
  for (const name of Object.keys(values)) {
    if (!known.has(name)) faults.push([name, 'the job has no such parameter']);
  }
  for (const parameter of parameters) {
    const given = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    faults.push(...faultsOf(given, parameter).map((fault): [string, string] => [parameter.name, fault]));
  }
  if (faults.length === 0) return;
  throw new JobParametersInvalid(
    faults.map(([name, fault]) => ({
      path: ['parameterDefinitions', name],
      message: `Parameter '${name}': ${fault}`,
    })),
  );
}

function faultsOf(given: JobParameterValues[string] | undefined, parameter: MergedParameter): string[] {
  if (!given) return ['has no value'];
  if (given.type !== parameter.type) return [`has a value of type ${given.type}, not ${parameter.type}`];
  const coerced = coerce(given.value, parameter.type);
  return 'fault' in coerced ? [coerced.fault] : valueFaults(given.value, 'value', parameter);
}

/** Environments of environment templates come first: they surround the job's own. */
function createEnvironments(
  request: CreateJob,
  { symbols, name }: { symbols: SymbolTable; name: string },
  place: Place,
): Environment[] {
  const { jobTemplate, environmentTemplates = [] } = request;
  const outer = environmentTemplates.map(({ environment, extensions = [] }, index) => {
    // Each template is read by its own extensions.
    const own = templateSymbols(request.jobParameterValues, extensions.includes('EXPR'));
    if (own.expressions) own.set('Job.Name', name);
    const at = new Place(rulesFor(extensions), place.problems, [
      'environmentTemplates',
      index,
      'environment',
    ]);
    return createEnvironment(environment, own, at);
  });
  const inner = (jobTemplate.jobEnvironments ?? []).map((environment, index) =>
    createEnvironment(environment, symbols, place.at('jobEnvironments', index)),
  );
  return [...outer, ...inner];
}

/**
 * The job that a template describes.
 *
 * Its `jobEnvironments` are those of the environment templates, outermost first, then the template's own.
 *
 * @throws JobParametersInvalid if values are missing or break a definition; TemplateInvalid if the template
 * does not hold with these values.
 */
export function createJob(request: CreateJob): Job {
  const { jobTemplate, environmentTemplates = [], jobParameterValues, limits } = request;
  checkValues(jobParameterValues, mergeJobParameters(request));
  const extensions = [
    ...new Set([jobTemplate, ...environmentTemplates].flatMap((template) => template.extensions ?? [])),
  ];
  const place = new Place(rulesFor(jobTemplate.extensions ?? []));
  const symbols = templateSymbols(jobParameterValues, place.rules.allows('EXPR'));
  const name = fillText(jobTemplate.name, symbols, place.at('name')) ?? '';
  if (symbols.expressions) symbols.set('Job.Name', name);
  const fault = textFault(name, { most: (rules) => rules.limits.jobName, control: 'none' }, place.rules);
  if (fault !== undefined) place.at('name').say(fault);
  const jobEnvironments = createEnvironments(request, { symbols, name }, place);
  const filling = { symbols, maxTaskCount: limits?.maxTaskCount };
  const steps = jobTemplate.steps.map((step, index) => createStep(step, filling, place.at('steps', index)));
  if (place.problems.length === 0) checkWrapLayers({ jobEnvironments, steps }, place);
  if (place.problems.length > 0) throw new TemplateInvalid('JobTemplate', place.problems);
  return {
    name,
    ...(jobTemplate.description === undefined ? {} : { description: jobTemplate.description }),
    parameters: { ...jobParameterValues },
    ...(extensions.length > 0 ? { extensions } : {}),
    ...(jobEnvironments.length > 0 ? { jobEnvironments } : {}),
    steps,
  };
}
