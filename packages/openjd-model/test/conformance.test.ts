/**
 * The verdicts and created jobs of the shared conformance data, which lies beside a checkout of this
 * repository. Without it these tests are skipped, and say so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import {
  IntRange,
  StepParameterSpaceIterator,
  createJob,
  decodeEnvironmentTemplate,
  decodeJobTemplate,
  preprocessJobParameters,
} from '../src/index.ts';
import type { Job, Step } from '../src/index.ts';

const data = fileURLToPath(
  new URL('../../../../shared/conformance/openjd/derived/2023-09/', import.meta.url),
);
const extensions = ['base', 'TASK_CHUNKING', 'FEATURE_BUNDLE_1', 'REDACTED_ENV_VARS', 'EXPR', 'WRAP_ACTIONS'];

/** Jobs that differ from the golden ones on purpose. */
const knownDifferences: Readonly<Record<string, string>> = {
  'cli_tests--run-job-with-env-expr-extension': 'the file of a simple action has no random suffix',
  'template_public_api--simple-action-sugar-field-access': 'the file of a simple action has no random suffix',
  'simple_action_let--single-binding': 'the file of a simple action has no random suffix',
  'simple_action_let--multiple-bindings': 'the file of a simple action has no random suffix',
  'simple_action_let--chained-bindings': 'the file of a simple action has no random suffix',
  'simple_action_let--different-names-step-and-action': 'the file of a simple action has no random suffix',
  'simple_action_let--binding-with-param-reference': 'the file of a simple action has no random suffix',
  'simple_action_let--binding-with-task-param-reference': 'the file of a simple action has no random suffix',
  'simple_action_let--session-symbols-in-binding': 'the file of a simple action has no random suffix',
  'simple_action_let--powershell-with-let': 'the file of a simple action has no random suffix',
  'simple_action_let--node-with-let': 'the file of a simple action has no random suffix',
  'create_job--simple-action-digit-starting-step-name': 'the reference cannot name the file 9frames',
  'create_job--env-resolved-symtab-includes-notify-period-refs': 'createJob fills seconds',
  'create_job--env-resolved-symtab-includes-timeout-refs': 'createJob fills seconds',
  'create_job--scope-boundary-cancelation-notify-period-not-resolved': 'createJob fills seconds',
  'create_job--step-env-resolved-symtab-includes-notify-period-refs': 'createJob fills seconds',
  'feature_bundle_1--timeout-format-string-with-extension-succeeds': 'createJob fills seconds',
};

interface Row {
  readonly file: string;
  readonly kind: 'job' | 'env';
  readonly supported_extensions: readonly string[];
  readonly valid: boolean;
  readonly error_contains: readonly string[];
  readonly created_job?: string;
  readonly create_job_error_python_v0?: string;
}

interface Golden {
  readonly job: Job;
  readonly tasks: Readonly<Record<string, { len: number | null; first: Record<string, [string, string]>[] }>>;
}

const isHere = existsSync(data);
const rows: Row[] = isHere
  ? readFileSync(`${data}manifest.jsonl`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
      .filter(({ file }) => extensions.includes(file.split('/')[0]!))
  : [];
const nameOf = ({ file }: Row) => /([^/]+?)\.(?:json|yaml)$/.exec(file)![1]!;
const textOf = (file: string) => readFileSync(`${data}${file}`, 'utf8');

function decode({ file, kind, supported_extensions: supportedExtensions }: Row) {
  const decoder = kind === 'job' ? decodeJobTemplate : decodeEnvironmentTemplate;
  return decoder(textOf(file), { supportedExtensions });
}

/** The error of a call, or nothing. Only errors thrown on purpose count. */
function errorOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return error.message;
  }
}

function makeJob(row: Row): Job {
  const jobTemplate = decodeJobTemplate(textOf(row.file), { supportedExtensions: row.supported_extensions });
  const folders = { jobTemplateDir: '/tmpl', currentWorkingDir: '/cwd' };
  return createJob({
    jobTemplate,
    jobParameterValues: preprocessJobParameters({ jobTemplate, values: {}, ...folders }),
  });
}

/** Numbers as text, ranges in one spelling, decimals by value: what golden files spell in their own way. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, comparable(inner)]);
  const made = Object.fromEntries(entries) as Record<string, unknown>;
  const { type, range, value: text } = made;
  if (typeof range === 'string' && type !== 'STRING') made['range'] = String(IntRange.parse(range));
  if (type === 'FLOAT' && Array.isArray(range)) made['range'] = range.map((one) => String(Number(one)));
  if (/^list\[/i.test(String(type)) && typeof text === 'string') made['value'] = comparable(JSON.parse(text));
  if (type === 'FLOAT' && typeof text === 'string') made['value'] = Number(text);
  return made;
}

/** Integers beyond a double would be rounded by `JSON.parse`. */
const golden = (file: string) => JSON.parse(textOf(file).replace(/(?<!")-?\b\d{16,}\b/g, '"$&"')) as Golden;

function firstTasks(step: Step, most: number) {
  const space = new StepParameterSpaceIterator({ space: step.parameterSpace });
  const first = Array.from({ length: Math.min(most, space.length) }, (_, index) =>
    Object.fromEntries(
      Object.entries(space.at(index)).map(([name, { type, value }]) => [name, [type, value]]),
    ),
  );
  return { len: space.isAdaptive ? null : space.length, first: space.isAdaptive ? [] : first };
}

describe.skipIf(!isHere)('conformance (needs ../shared/conformance beside the checkout)', () => {
  test('there is something to check', () => {
    expect(rows.length).toBeGreaterThan(400);
    expect(new Set(rows.map(({ file }) => file.split('/')[0]))).toEqual(new Set(extensions));
  });

  test('templates are accepted and refused as the references do', () => {
    const wrong = rows.filter((row) => (errorOf(() => decode(row)) === undefined) !== row.valid);
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  test('messages name the place and the fault', () => {
    const missing = rows.flatMap((row) => {
      const message = errorOf(() => decode(row)) ?? '';
      return row.error_contains.filter((part) => !message.includes(part)).map((part) => [nameOf(row), part]);
    });
    expect(missing).toEqual([
      // The reference names the largest length of any extension,
      ['job_parameters--param-name-empty.invalid', expect.stringContaining('1..=512')],
      // and tells one problem twice.
      ['environment_template--env-missing-script-and-variables.invalid', expect.stringContaining('errors')],
    ]);
  });

  test('jobs and their first tasks are those of the golden files', () => {
    for (const row of rows.filter(({ created_job: file }) => file !== undefined)) {
      if (Object.hasOwn(knownDifferences, nameOf(row))) continue;
      const { job, tasks } = golden(row.created_job!);
      const made = makeJob(row);
      const walked = Object.fromEntries(made.steps.map((step) => [step.name, firstTasks(step, 60)]));
      // The file is part of what is compared, so that a failure names it.
      expect({ file: row.file, job: comparable(made), tasks: walked }).toEqual({
        file: row.file,
        job: comparable({ ...job, parameters: job.parameters ?? {} }),
        tasks,
      });
    }
  });

  test('jobs that cannot be made are refused', () => {
    const accepted = rows.filter(
      (row) => row.create_job_error_python_v0 !== undefined && errorOf(() => makeJob(row)) === undefined,
    );
    expect(accepted.map(nameOf).filter((name) => !Object.hasOwn(knownDifferences, name))).toEqual([]);
  });

  test('every known difference is one', () => {
    const differing = rows.filter((row) => {
      if (!Object.hasOwn(knownDifferences, nameOf(row))) return false;
      if (row.create_job_error_python_v0 !== undefined) return errorOf(() => makeJob(row)) === undefined;
      const { job } = golden(row.created_job!);
      return (
        JSON.stringify(comparable(makeJob(row).steps)) !== JSON.stringify(comparable(job.steps)) ||
        JSON.stringify(comparable(makeJob(row).jobEnvironments)) !==
          JSON.stringify(comparable(job.jobEnvironments))
      );
    });
    expect(differing.map(nameOf).toSorted()).toEqual(Object.keys(knownDifferences).toSorted());
  });
});
