/**
 * The values of job parameters: given ones checked and completed by defaults, paths made absolute.
 */
import { JobParametersInvalid } from './errors.ts';
import type { Problem } from './errors.ts';
import { coerce, valueFaults } from './job-parameter-constraints.ts';
import { mergeJobParameters } from './merge-parameters.ts';
import type { MergedParameter, Templates } from './merge-parameters.ts';
import { isAbsolute, isUri, leavesItsFolder, placedIn } from './paths.ts';
import type { JobParameterValue, JobParameterValues } from './types.ts';

export type GivenValues = Readonly<Record<string, string | number | boolean>>;

export interface PreprocessJobParameters extends Templates {
  readonly values: GivenValues;
  /** Relative defaults of PATH parameters are seen from here, */
  readonly jobTemplateDir: string;
  /** relative values from here. Both are absolute. */
  readonly currentWorkingDir: string;
  /** Lets defaults be absolute or leave the template's folder. No, unless set. */
  readonly allowPathTemplateDirWalkUp?: boolean;
}

/**
 * A value for every job parameter of the templates.
 *
 * @throws JobParametersInvalid listing unknown names, missing values and values that break a definition.
 */
export function preprocessJobParameters(request: PreprocessJobParameters): JobParameterValues {
  const parameters = mergeJobParameters(request);
  const problems: Problem[] = [];
  const say = (message: string, name?: string) => {
    problems.push({ path: name === undefined ? [] : ['parameterDefinitions', name], message });
  };
  const known = new Set(parameters.map(({ name }) => name));
  const unknown = Object.keys(request.values).filter((name) => !known.has(name));
  if (unknown.length > 0) say(`Values given for parameters that the job does not have: ${sorted(unknown)}`);
  const result: Record<string, JobParameterValue> = {};
  const missing: string[] = [];
  for (const parameter of parameters) {
    const chosen = chooseValue(parameter, request);
    if ('missing' in chosen) missing.push(parameter.name);
    else if ('fault' in chosen) say(`Parameter '${parameter.name}': ${chosen.fault}`, parameter.name);
    else {
      for (const fault of valueFaults(chosen.text, 'value', parameter)) {
        say(`Parameter '${parameter.name}': ${fault}`, parameter.name);
      }
      result[parameter.name] = { type: parameter.type, value: chosen.text };
    }
  }
  if (missing.length > 0) say(`Values missing for required job parameters: ${sorted(missing)}`);
  if (problems.length > 0) throw new JobParametersInvalid(problems);
  return result;
}

const sorted = (names: readonly string[]) => names.toSorted().join(', ');

type Chosen = { text: string } | { fault: string } | { missing: true };

function chooseValue(parameter: MergedParameter, request: PreprocessJobParameters): Chosen {
  const { name, type } = parameter;
  const { values, currentWorkingDir } = request;
  if (!Object.hasOwn(values, name)) return defaultValue(parameter, request);
  const coerced = coerce(values[name]!, type);
  if ('fault' in coerced || type !== 'PATH') return coerced;
  return { text: placedIn(currentWorkingDir, coerced.text) };
}

function defaultValue(
  { type, default: initial }: MergedParameter,
  { jobTemplateDir, allowPathTemplateDirWalkUp = false }: PreprocessJobParameters,
): Chosen {
  if (initial === undefined) return { missing: true };
  if (type !== 'PATH' || initial === '' || isUri(initial)) return { text: initial };
  if (!allowPathTemplateDirWalkUp) {
    if (isAbsolute(initial)) {
      return {
        fault: `the default '${initial}' is absolute; it must be relative to the folder of the template`,
      };
    }
    if (leavesItsFolder(initial))
      return { fault: `the default '${initial}' leaves the folder of the template` };
  }
  return { text: placedIn(jobTemplateDir, initial) };
}
