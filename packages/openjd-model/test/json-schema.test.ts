import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';

import { templateJsonSchema } from '../src/index.ts';
import type { TemplateKind } from '../src/index.ts';
import { job, step } from './template-fixture.ts';

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true });
const checks = {
  job: ajv.compile(templateJsonSchema('job')),
  environment: ajv.compile(templateJsonSchema('environment')),
};
const accepts = (kind: TemplateKind, template: unknown): boolean => checks[kind](template);

test('it is data, and a schema of draft 2020-12', () => {
  const schema = templateJsonSchema('job');
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(ajv.validateSchema(schema)).toBe(true);
});

const environment = { name: 'E', variables: { A: 'b' } };

test.each([
  ['the least there is', job()],
  [
    'a type in small letters',
    job({ parameterDefinitions: [{ name: 'P', type: 'list[int]', default: [1] }] }),
  ],
  ['a simple action', job({ steps: [{ name: 'S', bash: { script: 'true' } }] })],
  ['a schema for editors', job({ $schema: 'https://example.org' })],
])('%s is accepted', (_what, template) => {
  expect(accepts('job', template)).toBe(true);
});

test.each([
  ['a field too many', job({ colour: 'red' })],
  ['no steps', job({ steps: [] })],
  ['two ways to run', job({ steps: [step({ bash: { script: 'true' } })] })],
  ['no way to run', job({ steps: [{ name: 'S' }] })],
  ['a name of two lines', job({ name: 'a\nb' })],
  ['a number for a name', job({ name: 1 })],
  ['the other kind', { specificationVersion: 'environment-2023-09', environment }],
  [
    'one hook of three',
    job({ jobEnvironments: [{ name: 'E', script: { actions: { onWrapTaskRun: { command: 'x' } } } }] }),
  ],
  ['a parameter without a type', job({ parameterDefinitions: [{ name: 'P' }] })],
])('%s is refused', (_what, template) => {
  expect(accepts('job', template)).toBe(false);
});

const data = fileURLToPath(
  new URL('../../../../shared/conformance/openjd/derived/2023-09/', import.meta.url),
);

interface Row {
  readonly file: string;
  readonly kind: 'job' | 'env';
  readonly valid: boolean;
}

describe.skipIf(!existsSync(data))('conformance (needs ../shared/conformance beside the checkout)', () => {
  const rows = (): Row[] =>
    readFileSync(`${data}manifest.jsonl`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
  const verdict = ({ file, kind }: Row) =>
    accepts(kind === 'job' ? 'job' : 'environment', load(readFileSync(`${data}${file}`, 'utf8')));

  test('no good template is refused', () => {
    const good = rows().filter(({ valid }) => valid);
    expect(good.length).toBeGreaterThan(300);
    expect(good.filter((row) => !verdict(row)).map(({ file }) => file)).toEqual([]);
  });

  test('most of the bad ones of the base are refused: those that are wrong by themselves', () => {
    const bad = rows().filter(({ valid, file }) => !valid && file.startsWith('base/'));
    const seen = bad.filter((row) => !verdict(row));
    expect(seen.length / bad.length).toBeGreaterThan(0.48);
  });
});
