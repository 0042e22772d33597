/**
 * The command `conformance` on the shared data beside a checkout, all that needs no process and a few run tests;
 * and on a folder laid out like the official suite.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

import type { Case } from './case.ts';
import { runCases } from './run-cases.ts';
import { findCases } from './suite.ts';

const root = resolve(import.meta.dirname, '../..');
const shared = resolve(root, '../shared/conformance/openjd');
const isHere = existsSync(shared);
const program = [process.execPath, join(root, 'packages/openjd-cli/src/main.ts')] as const;

if (!isHere) console.log(`skipped: ${shared} is not there`);

/** Failures, and how many passed. */
async function results(cases: readonly Case[]) {
  const said: string[] = [];
  const { rows } = await runCases(cases, (text) => said.push(text));
  return {
    failures: said.filter((text) => text.startsWith('FAILED')),
    passed: rows.reduce((total, row) => total + row.passed, 0),
    rows,
  };
}

test.skipIf(!isHere)('templates, jobs and expressions are as the references have them', async () => {
  const { failures, passed, rows } = await results(findCases(shared, program).filter((one) => !one.isSlow));
  expect(failures).toEqual([]);
  expect(passed).toBeGreaterThan(1900);
  expect(new Set(rows.map(({ extension }) => extension.split('+')[0]))).toEqual(
    new Set(['base', 'EXPR', 'FEATURE_BUNDLE_1', 'REDACTED_ENV_VARS', 'TASK_CHUNKING', 'WRAP_ACTIONS']),
  );
});

test.skipIf(!isHere)('run tests and scenarios, some of each', async () => {
  const slow = findCases(shared, program).filter((one) => one.isSlow);
  const some = slow.filter(({ name }) =>
    /redacted|wrap-task|noncontiguous|path-mapped|task_params|let-step/.test(name),
  );
  expect(some.length).toBeGreaterThan(5);
  expect((await results(some)).failures).toEqual([]);
});

const job = (args: string) => `specificationVersion: jobtemplate-2023-09
name: J
steps:
- name: S
  script:
    actions: { onRun: { command: sh, args: [-c, '${args}'] } }
`;
const indented = (text: string) => text.replaceAll(/^/gm, '  ');

test('its older layout is recognised too: what belongs to a template lies beside it', async () => {
  const data = mkdtempSync(join(tmpdir(), 'openjd-suite-'));
  const environment = `specificationVersion: environment-2023-09\nenvironment: { name: E, variables: { A: around } }\n`;
  const files = {
    'jobs-2023-09/5--prints.template.yaml': `${job('echo OUT: $A {{Param.P}}')}parameterDefinitions: [{ name: P, type: INT }]\n`,
    'jobs-2023-09/5--prints.parameters.json': '{"P": 7}',
    'jobs-2023-09/5--prints.env.yaml': environment,
    'jobs-2023-09/5--prints.expected.yaml': 'expected_output: ["OUT: around 7"]\nforbidden_output: [never]\n',
    'jobs-2023-09/ext-EXPR--silent.template.yaml': job('true'),
    'jobs-2023-09/ext-EXPR--silent.expected.json': '{"expected_output": ["something"]}',
    'jobs-2023-09/5--fails.invalid.template.yaml': job('exit 3'),
    'job_templates-2023-09/1.1--bad.invalid.yaml': 'name: J\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(data, name)), { recursive: true });
    writeFileSync(join(data, name), text);
  }
  const { failures, rows } = await results(findCases(data, program));
  rmSync(data, { recursive: true });
  expect(failures.map((text) => text.split('\n')[0])).toEqual([
    'FAILED jobs-2023-09: jobs-2023-09/ext-EXPR--silent.template.yaml',
  ]);
  expect(rows.map(({ extension, passed }) => [extension, passed])).toEqual([
    ['base', 1],
    ['EXPR', 0],
    ['base', 2],
  ]);
});

test("the official suite's layout is recognised, and what is wrong is found", async () => {
  const data = mkdtempSync(join(tmpdir(), 'openjd-suite-'));
  const files = {
    '2023-09/base/job_templates/1--good.yaml': job('true'),
    '2023-09/base/job_templates/1--bad.invalid.yaml': 'specificationVersion: jobtemplate-2023-09\nname: J\n',
    '2023-09/base/job_templates/1--wrong.invalid.yaml': job('true'),
    '2023-09/EXPR/env_templates/2--missing.json': '{}',
    '2023-09/base/jobs/1--prints.test.yaml': `template:\n${indented(job('echo OUT: it'))}\nexpected:\n  output: ['OUT: it', { anyOf: [x, it] }]\n`,
    '2023-09/base/jobs/1--exits.test.yaml': `template:\n${indented(job('exit 3'))}\nexpected:\n  taskFailure: { exitCode: 3 }\n`,
    '2023-09/base/jobs/1--fails.invalid.test.yaml': `template:\n${indented(job('exit 3'))}\n`,
    '2023-09/base/jobs/1--silent.test.yaml': `template:\n${indented(job('true'))}\nexpected:\n  output: [something]\n`,
    '2023-09/base/jobs/1--windows.test.yaml': `template: {}\nrunOn: [windows]\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(data, name)), { recursive: true });
    writeFileSync(join(data, name), text);
  }
  const { failures, rows } = await results(findCases(data, program));
  rmSync(data, { recursive: true });
  expect(failures.map((text) => text.split('\n')[0])).toEqual([
    'FAILED env_templates: 2023-09/EXPR/env_templates/2--missing.json',
    'FAILED job_templates: 2023-09/base/job_templates/1--wrong.invalid.yaml',
    'FAILED jobs: 2023-09/base/jobs/1--silent.test.yaml',
  ]);
  expect(rows).toEqual([
    { category: 'env_templates', extension: 'EXPR', passed: 0, failed: 1, excepted: 0, elsewhere: 0 },
    { category: 'job_templates', extension: 'base', passed: 2, failed: 1, excepted: 0, elsewhere: 0 },
    { category: 'jobs', extension: 'base', passed: 3, failed: 1, excepted: 0, elsewhere: 1 },
  ]);
});
