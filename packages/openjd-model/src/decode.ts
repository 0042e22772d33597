/**
 * Reads templates: a document in, a template that follows the specification out.
 *
 * First everything is read by itself, then what parts say of each other is checked, but only of parts that
 * could be read, so that one mistake is told once.
 */
import { readDocument } from './document.ts';
import { codePoints } from './code-points.ts';
import { TemplateInvalid } from './errors.ts';
import type { Problem } from './errors.ts';
import { checkEnvironmentNames, environment, environments } from './read-environment.ts';
import { jobParameters } from './read-job-parameter.ts';
import { checkSteps, step } from './read-step.ts';
import { Place, describe, isMap, list, object, oneOf, optional, required } from './reader.ts';
import type { Reader } from './reader.ts';
import { implementedExtensions, rulesFor } from './rules.ts';
import type { CallerLimits } from './rules.ts';
import { checkEnvironmentScopes, checkJobScopes } from './scope-check.ts';
import { interpreters } from './template-types.ts';
import type { EnvironmentTemplate, JobTemplate, NamedEnvironmentTemplate } from './template-types.ts';
import { anyText, description, formatText, isFormat } from './text-readers.ts';
import { checkWrapLayers } from './wrap-actions.ts';

export interface DecodeOptions {
  /** Those the caller can run. All that this package implements, unless set. */
  readonly supportedExtensions?: readonly string[];
  readonly limits?: CallerLimits;
}

const versions = { JobTemplate: 'jobtemplate-2023-09', EnvironmentTemplate: 'environment-2023-09' } as const;
type Model = keyof typeof versions;
const titles = { JobTemplate: 'a Job Template', EnvironmentTemplate: 'an Environment Template' };

/** `$schema` is a string for editors; nobody else needs it. */
const ignored: Reader<undefined> = (value, place) => void anyText(value, place);
const words = list(anyText);

const readJobName = formatText({ control: 'none' });
const jobName: Reader<string> = (value, place) => {
  const read = readJobName(value, place);
  const most = place.rules.limits.jobName;
  if (read === undefined || isFormat(read) || codePoints(read) <= most) return read;
  return place.say(`exceeds ${most} characters.`);
};

const jobTemplate: Reader<JobTemplate> = object('JobTemplate', {
  specificationVersion: required(oneOf(versions.JobTemplate)),
  $schema: optional(ignored),
  extensions: optional(words),
  name: required(jobName),
  description: optional(description),
  parameterDefinitions: optional(jobParameters('job')),
  jobEnvironments: optional(environments),
  steps: required(list(step)),
});

const environmentTemplate: Reader<EnvironmentTemplate> = object('EnvironmentTemplate', {
  specificationVersion: required(oneOf(versions.EnvironmentTemplate)),
  $schema: optional(ignored),
  extensions: optional(words),
  parameterDefinitions: optional(jobParameters('environment')),
  environment: required(environment),
});

interface Opened {
  readonly document: Readonly<Record<string, unknown>>;
  readonly place: Place;
}

/** Version and extensions decide how the rest is read, so they come first and alone. */
function open(source: unknown, model: Model, { supportedExtensions, limits }: DecodeOptions): Opened {
  const document = readDocument(source, limits?.maxTemplateSize);
  if (!isMap(document)) throw wrong(model, `The template must be a map, not ${describe(document)}.`);
  checkVersion(document['specificationVersion'], model);
  const problems: Problem[] = [];
  const extensions = readExtensions(document['extensions'], supportedExtensions, problems);
  if (problems.length > 0) throw new TemplateInvalid(model, problems);
  return { document, place: new Place(rulesFor(extensions), problems) };
}

function checkVersion(version: unknown, model: Model): void {
  const allowed = versions[model];
  if (version === undefined) {
    throw wrong(model, 'Template is missing Open Job Description schema version key: specificationVersion');
  }
  if (version === allowed) return;
  if (Object.values(versions).some((known) => known === version)) {
    const allowedOnly = `Allowed values for 'specificationVersion' are: ${allowed}`;
    throw wrong(
      model,
      `Specification version '${String(version)}' is not ${titles[model]} version. ${allowedOnly}`,
    );
  }
  const shown = typeof version === 'string' ? version : describe(version);
  const allowedOnly = `Values allowed for 'specificationVersion' in ${titles[model].replace(/^an? /, '')}s are: ${allowed}`;
  throw wrong(model, `Unknown template version: ${shown}. ${allowedOnly}`);
}

const wrong = (model: Model, message: string) => new TemplateInvalid(model, [{ path: [], message }]);

function readExtensions(
  value: unknown,
  supported: readonly string[] | undefined,
  problems: Problem[],
): string[] {
  if (value === undefined) return [];
  const place = new Place(rulesFor([]), problems, ['extensions']);
  const names = words(value, place);
  if (names?.length === 0) place.say('if provided, must be a non-empty list.');
  if (!names || problems.length > 0) return [];
  if (new Set(names).size < names.length) place.say('extension names must differ.');
  const usable = new Set<string>(implementedExtensions);
  const unsupported = names.filter((name) => !usable.has(name) || !(supported?.includes(name) ?? true));
  if (unsupported.length > 0) {
    place.say(`Unsupported extension names: ${[...new Set(unsupported)].toSorted().join(', ')}`);
  }
  if (names.includes('WRAP_ACTIONS') && !names.includes('EXPR')) {
    place.say("WRAP_ACTIONS requires EXPR; both must be listed in the template's `extensions` (RFC 0008).");
  }
  return [...names];
}

const sizeOf = (value: unknown): number => JSON.stringify(value).length;

function checkJobLimits(template: JobTemplate, limits: CallerLimits, place: Place): void {
  const { maxStepCount, maxEnvCount, maxStepScriptSize, maxEnvironmentSize } = limits;
  const { steps, jobEnvironments = [] } = template;
  if (maxStepCount !== undefined && steps.length > maxStepCount) {
    place.at('steps').say(`has ${steps.length} steps; at most ${maxStepCount} are allowed.`);
  }
  const all = [...jobEnvironments, ...steps.flatMap(({ stepEnvironments = [] }) => stepEnvironments)];
  if (maxEnvCount !== undefined && all.length > maxEnvCount) {
    place.say(`has ${all.length} environments; at most ${maxEnvCount} are allowed.`);
  }
  for (const [index, one] of steps.entries()) {
    const way = (['script', ...interpreters] as const).find((field) => one[field]);
    if (maxStepScriptSize !== undefined && way && sizeOf(one[way]) > maxStepScriptSize) {
      place.at('steps', index, way).say(`is larger than ${maxStepScriptSize} characters.`);
    }
  }
  checkEnvironmentSizes(all, maxEnvironmentSize, place);
}

function checkEnvironmentSizes(
  all: readonly NamedEnvironmentTemplate[],
  most: number | undefined,
  place: Place,
): void {
  if (most === undefined || all.every((one) => sizeOf(one) <= most)) return;
  place.say(`has an environment larger than ${most} characters.`);
}

/**
 * Reads a job template from a plain object, or from the text of one in YAML or JSON.
 *
 * @throws TemplateInvalid with everything that is wrong; DocumentUnreadable if the text cannot be parsed.
 */
export function decodeJobTemplate(source: unknown, options: DecodeOptions = {}): JobTemplate {
  const { document, place } = open(source, 'JobTemplate', options);
  if (Array.isArray(document['steps']) && document['steps'].length === 0) {
    place.say('must have at least one step.');
  }
  const template = jobTemplate(document, place);
  if (template) {
    const { jobEnvironments = [], steps } = template;
    checkEnvironmentNames(jobEnvironments, place.at('jobEnvironments'));
    checkSteps(steps, jobEnvironments, place.at('steps'));
    checkWrapLayers(template, place);
    checkJobLimits(template, options.limits ?? {}, place);
    checkJobScopes(template, place);
  }
  return settled(template, 'JobTemplate', place);
}

/** Reads an environment template. See {@link decodeJobTemplate}. */
export function decodeEnvironmentTemplate(source: unknown, options: DecodeOptions = {}): EnvironmentTemplate {
  const { document, place } = open(source, 'EnvironmentTemplate', options);
  const template = environmentTemplate(document, place);
  if (template) {
    checkEnvironmentSizes([template.environment], options.limits?.maxEnvironmentSize, place);
    checkEnvironmentScopes(template, place);
  }
  return settled(template, 'EnvironmentTemplate', place);
}

function settled<T>(template: T | undefined, model: Model, { problems }: Place): T {
  if (template === undefined || problems.length > 0) throw new TemplateInvalid(model, problems);
  return template;
}
