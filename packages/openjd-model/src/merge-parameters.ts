/**
 * One list of job parameters from a job template and the environment templates run with it.
 *
 * Who defines a parameter that another defines as well must agree on its type; the value must satisfy both.
 */
import { compareNumberTexts } from './decimal.ts';
import { JobParametersInvalid } from './errors.ts';
import type { Problem } from './errors.ts';
import { contradictions, isAllowed, valueFaults } from './job-parameter-constraints.ts';
import type { Constraints } from './job-parameter-constraints.ts';
import type {
  DataFlow,
  EnvironmentTemplate,
  ItemConstraints,
  JobParameter,
  JobTemplate,
  ObjectType,
} from './template-types.ts';

export interface MergedParameter extends Constraints {
  readonly name: string;
  readonly default?: string | undefined;
  readonly objectType?: ObjectType | undefined;
  readonly dataFlow?: DataFlow | undefined;
}

export interface Templates {
  readonly jobTemplate: JobTemplate;
  readonly environmentTemplates?: readonly EnvironmentTemplate[];
}

interface Sourced {
  readonly source: string;
  readonly parameter: JobParameter;
}

/** Definitions by name: those of environments first, the job's last, so that its defaults win. */
function sourcesByName({ jobTemplate, environmentTemplates = [] }: Templates): Map<string, Sourced[]> {
  const byName = new Map<string, Sourced[]>();
  const add = (source: string, parameters: readonly JobParameter[] = []) => {
    for (const parameter of parameters) {
      const sources = byName.get(parameter.name);
      if (sources) sources.push({ source, parameter });
      else byName.set(parameter.name, [{ source, parameter }]);
    }
  };
  for (const { environment, parameterDefinitions } of environmentTemplates) {
    add(`environment template ${environment.name}`, parameterDefinitions);
  }
  add(`job template ${jobTemplate.name}`, jobTemplate.parameterDefinitions);
  return byName;
}

/**
 * The parameters of all templates, each once.
 *
 * @throws JobParametersInvalid if two definitions cannot both hold; each problem lists their sources.
 */
export function mergeJobParameters(templates: Templates): MergedParameter[] {
  const problems: Problem[] = [];
  const merged: MergedParameter[] = [];
  for (const [name, sources] of sourcesByName(templates)) {
    const faults: string[] = [];
    const one = mergeOne(sources, faults);
    if (one && sources.length > 1) faults.push(...mergedFaults(one));
    const from = sources.map(({ source, parameter }) => `${source} (${parameter.type})`).join(', ');
    for (const fault of faults) {
      const message = `Parameter '${name}' cannot be merged: ${fault.replace(/\.$/, '')}. Defined by: ${from}.`;
      problems.push({ path: ['parameterDefinitions', name], message });
    }
    if (one) merged.push(one);
  }
  if (problems.length > 0) throw new JobParametersInvalid(problems);
  return merged;
}

function mergeOne(sources: readonly Sourced[], faults: string[]): MergedParameter | undefined {
  const parameters: MergedParameter[] = sources.map(({ parameter }) => parameter);
  if (new Set(parameters.map(({ type }) => type)).size > 1) {
    faults.push('the types differ');
    return undefined;
  }
  return parameters.reduce((a, b) => {
    for (const field of ['objectType', 'dataFlow'] as const) {
      if ((a[field] ?? b[field]) !== (b[field] ?? a[field])) faults.push(`the values of ${field} differ`);
    }
    return {
      ...a,
      ...b,
      default: b.default ?? a.default,
      objectType: b.objectType ?? a.objectType,
      dataFlow: b.dataFlow ?? a.dataFlow,
      allowedValues: inBoth(a, b),
      minLength: tighter(a.minLength, b.minLength, Math.max),
      maxLength: tighter(a.maxLength, b.maxLength, Math.min),
      item: a.item && b.item ? tighterItem(a.item, b.item) : (b.item ?? a.item),
      minValue: tighter(a.minValue, b.minValue, (x, y) => (compareNumberTexts(x, y) < 0 ? y : x)),
      maxValue: tighter(a.maxValue, b.maxValue, (x, y) => (compareNumberTexts(x, y) < 0 ? x : y)),
    } as MergedParameter;
  });
}

function tighter<T>(a: T | undefined, b: T | undefined, choose: (a: T, b: T) => T): T | undefined {
  return a === undefined || b === undefined ? (a ?? b) : choose(a, b);
}

/** What items must obey when two definitions constrain them. */
function tighterItem(a: ItemConstraints, b: ItemConstraints): ItemConstraints {
  const values = a.allowedValues && b.allowedValues?.filter((value) => a.allowedValues!.includes(value));
  const all = {
    minLength: tighter(a.minLength, b.minLength, Math.max),
    maxLength: tighter(a.maxLength, b.maxLength, Math.min),
    minValue: tighter(a.minValue, b.minValue, (x, y) => (compareNumberTexts(x, y) < 0 ? y : x)),
    maxValue: tighter(a.maxValue, b.maxValue, (x, y) => (compareNumberTexts(x, y) < 0 ? x : y)),
    allowedValues: values ?? a.allowedValues ?? b.allowedValues,
    item: a.item && b.item ? tighterItem(a.item, b.item) : (b.item ?? a.item),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as ItemConstraints;
}

function inBoth(a: MergedParameter, b: MergedParameter): readonly string[] | undefined {
  if (!a.allowedValues) return b.allowedValues;
  return b.allowedValues ? b.allowedValues.filter((value) => isAllowed(value, a)) : a.allowedValues;
}

function mergedFaults(one: MergedParameter): string[] {
  if (one.allowedValues?.length === 0) return ['no value is allowed by all'];
  const faults = contradictions(one);
  // The default of a PATH gets its final text only when it is joined to a folder.
  if (one.default !== undefined && one.type !== 'PATH')
    faults.push(...valueFaults(one.default, 'default', one));
  return faults;
}
