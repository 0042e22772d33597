/**
 * Session scenarios (`*_scenario.yaml` of openjd-rs): a job is run in a session. Paths reach the session as the
 * scenario writes them; nobody has joined them with a folder before.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { RunLog, runLocalSession } from '@pipl/openjd-cli';
import { createJob, decodeJobTemplate, preprocessJobParameters } from '@pipl/openjd-model';
import type { GivenValues, JobTemplate } from '@pipl/openjd-model';
import { readRulesFile } from '@pipl/openjd-sessions';
import { failed, type Case, type Verdict } from './case.ts';
import {
  compareTexts,
  here,
  isElsewhere,
  readMap,
  unknownKeys,
  type Fields,
  type Texts,
} from './expectations.ts';
import type { Found } from './suite.ts';

const knownKeys = [
  'name',
  'description',
  'run_on',
  'job_template_file',
  'job_parameters',
  'path_mapping_rules',
];
const expectKeys = ['success', 'output_contains', 'output_not_contains'];

/** The case, and the template that belongs to it. */
export function scenarioCase({ root, file }: Found, extensionOf: (file: string) => string) {
  const scenario = readMap(root, file);
  const template = `${dirname(file)}/${String(scenario['job_template_file'])}`;
  const run = async (): Promise<Verdict> => {
    const unknown = unknownKeys(scenario, [...knownKeys, 'step', 'expect', 'expect_posix', 'expect_windows']);
    if (unknown) return unknown;
    if (isElsewhere(scenario['run_on'])) return { is: 'elsewhere' };
    return compare(await runScenario(scenario, readFileSync(join(root, template), 'utf8')), scenario);
  };
  const extension = extensionOf(template);
  const one: Case = { category: 'scenarios', extension, name: file, isSlow: true, run };
  return { template, case: one };
}

interface Ran {
  readonly succeeded: boolean;
  readonly output: string;
}

async function runScenario(scenario: Fields, text: string): Promise<Ran> {
  const jobTemplate = decodeJobTemplate(text);
  const jobParameterValues = valuesOf(jobTemplate, (scenario['job_parameters'] ?? {}) as Fields);
  const job = createJob({ jobTemplate, jobParameterValues });
  const steps = job.steps.filter(({ name }) => scenario['step'] === undefined || scenario['step'] === name);
  const log = new RunLog({ format: 'relative', write: undefined });
  const result = await runLocalSession({
    job,
    jobParameterValues,
    steps: steps.map((step) => ({ step })),
    pathMappingRules: rulesOf(scenario['path_mapping_rules']),
    externalEnvironments: 0,
    retainWorkingDir: false,
    verbose: false,
    log,
    stops: { cancel: new AbortController().signal, now: new AbortController().signal },
  });
  const output = log.entries.map(({ message }) => message).join('\n');
  return { succeeded: result.failure === undefined, output };
}

function valuesOf(jobTemplate: JobTemplate, given: Fields) {
  const values = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      Array.isArray(value) ? JSON.stringify(value) : String(value),
    ]),
  ) satisfies GivenValues;
  const made = preprocessJobParameters({ jobTemplate, values, jobTemplateDir: '/', currentWorkingDir: '/' });
  for (const [name, { type }] of Object.entries(made)) {
    if (type === 'PATH' && values[name] !== undefined) made[name] = { type, value: values[name] };
  }
  return made;
}

function rulesOf(list: unknown) {
  const rules = (list ?? []) as readonly { readonly source_path_format: string }[];
  if (rules.length === 0) return [];
  return readRulesFile({
    version: 'pathmapping-1.0',
    path_mapping_rules: rules.map((rule) => ({
      ...rule,
      source_path_format: rule.source_path_format.toUpperCase(),
    })),
  });
}

function compare({ succeeded, output }: Ran, scenario: Fields): Verdict {
  const common = (scenario['expect'] ?? {}) as Fields;
  const own = (scenario[`expect_${here}`] ?? {}) as Fields;
  const unknown = unknownKeys({ ...common, ...own }, expectKeys);
  if (unknown) return unknown;
  const success = own['success'] ?? common['success'] ?? true;
  if (succeeded !== success) return failed(`success ${String(success)}`, `${succeeded}\n${output}`);
  const texts = (key: string) => [common[key] ?? [], own[key] ?? []].flat() as unknown as Texts;
  return compareTexts(output, { wanted: texts('output_contains'), forbidden: texts('output_not_contains') });
}
