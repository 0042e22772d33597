/** Golden jobs: what a template makes with its defaults, and the first tasks of each step. */
import {
  IntRange,
  StepParameterSpaceIterator,
  createJob,
  decodeJobTemplate,
  preprocessJobParameters,
} from '@pipl/openjd-model';
import type { Job, Step } from '@pipl/openjd-model';
import { failed, passed, type Verdict } from './case.ts';
import type { Row } from './manifest.ts';

interface Golden {
  readonly job: Job;
  readonly tasks: Readonly<Record<string, { len: number | null; first: Record<string, [string, string]>[] }>>;
}

export function createdJob(text: string, { supported_extensions: supportedExtensions }: Row): Job {
  const jobTemplate = decodeJobTemplate(text, { supportedExtensions });
  const folders = { jobTemplateDir: '/tmpl', currentWorkingDir: '/cwd' };
  return createJob({
    jobTemplate,
    jobParameterValues: preprocessJobParameters({ jobTemplate, values: {}, ...folders }),
  });
}

export function createdJobVerdict(text: string, row: Row, goldenText: string): Verdict {
  // Integers beyond a double would be rounded by `JSON.parse`.
  const exact = withoutSuffixes(goldenText).replace(/(?<!["\w.])-?\b\d{16,}\b/g, '"$&"');
  const { job, tasks } = JSON.parse(exact) as Golden;
  const made = createdJob(text, row);
  const walked = Object.fromEntries(made.steps.map((step) => [step.name, firstTasks(step)]));
  const expected = sorted({ job: comparable({ ...job, parameters: job.parameters ?? {} }), tasks });
  const got = sorted({ job: comparable(made), tasks: walked });
  return expected === got ? passed : failed(expected, got);
}

/** The reference ends the name of a simple action's file with six random letters. Any name will do. */
function withoutSuffixes(text: string): string {
  const names = [...text.matchAll(/"name": "(\w+)_([A-Za-z0-9]{6})",\s*"type": "TEXT"/g)];
  return names.reduce((made, [, name, suffix]) => made.replaceAll(`${name}_${suffix}`, name!), text);
}

function firstTasks(step: Step) {
  const space = new StepParameterSpaceIterator({ space: step.parameterSpace });
  if (space.isAdaptive) return { len: null, first: [] };
  const first = Array.from({ length: Math.min(60, space.length) }, (_, index) =>
    Object.fromEntries(
      Object.entries(space.at(index)).map(([name, { type, value }]) => [name, [type, value]]),
    ),
  );
  return { len: space.length, first };
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

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
