/** What a hostile template can cost. Times are the processor's, so that a busy machine changes no verdict. */
import { expect, test } from 'vitest';

import {
  DocumentUnreadable,
  ExpressionInvalid,
  TemplateInvalid,
  createJob,
  decodeJobTemplate,
  evaluateExpression,
} from '../src/index.ts';
import { job, step } from './template-fixture.ts';

function processorSeconds(work: () => unknown): number {
  const before = process.threadCpuUsage();
  try {
    work();
  } catch (error) {
    if (!(error instanceof ExpressionInvalid)) throw error;
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1e6;
}

const groups = (count: number, group: (index: number) => string, between = '') =>
  Array.from({ length: count }, (_, index) => group(index)).join(between);

test.each([
  ['nested repeats', "re_match('a' * 60000, '(a*)*b')"],
  ['a thousand groups', `re_search('x' * 60000, '${groups(1500, (index) => `(a${index})`, '|')}')`],
  ['optional groups', `re_search('a' * 60000, '${groups(1500, () => '(a?)')}b')`],
  ['counted repeats', "re_search('a' * 60000, '(a{1,100}){1,90}b')"],
  [
    'a large class',
    `re_findall('é' * 60000, '(?i)[${groups(3000, (index) => String.fromCodePoint(0x4e00 + 2 * index))}]')`,
  ],
  ['a character of a long text, often', "len([('a' * 100000)[x] for x in range(1000000)])"],
  ['text taken apart, often', "len([('é' * 100000)[::-1] for x in range(1000000)])"],
  ['loops in loops', 'len([len([y for y in range(3000)]) for x in range(3000)])'],
  [
    'ranges read again and again',
    `[len(range_expr(r)) for r in ['${groups(3000, (at) => `${2 * at}`, ',')}'] * 10000]`,
  ],
])('%s end within a second', (_what, source) => {
  // Looking at the clock is cheap and not constant; what one step may take comes on top.
  expect(processorSeconds(() => evaluateExpression(source))).toBeLessThan(2);
});

test('a time limit is told, and can be lifted', () => {
  const source = 'sum([x for x in range(300000)])';
  expect(() => evaluateExpression(source, { limits: { seconds: 0 } })).toThrow('took longer than 0 s');
  expect(evaluateExpression(source, { limits: { seconds: Infinity } })).toMatchObject({
    value: 44_999_850_000n,
  });
});

test('text that would not fit as characters is refused before it is taken apart', () => {
  expect(() => evaluateExpression("('a' * 90000000)[::-1]")).toThrow('Expression memory usage');
});

test('aliases cannot stand for more than a template may hold', () => {
  const laughs = Array.from(
    { length: 9 },
    (_, at) => `a${at + 1}: &a${at + 1} [${'*a'.concat(`${at},`).repeat(9)}]`,
  );
  expect(() => decodeJobTemplate(['a0: &a0 [x]', ...laughs].join('\n'))).toThrow(DocumentUnreadable);
  expect(() => decodeJobTemplate(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toThrow(DocumentUnreadable);
  expect(() => decodeJobTemplate('a'.repeat(101), { limits: { maxTemplateSize: 100 } })).toThrow(
    '100 are allowed',
  );
});

test('what a caller limits is counted before anything is made of it', () => {
  const environment = (name: string) => ({ name, variables: { A: 'x'.repeat(200) } });
  const space = { taskParameterDefinitions: [{ name: 'N', type: 'INT', range: '1-1000000000000' }] };
  const template = job({
    extensions: ['FEATURE_BUNDLE_1'],
    jobEnvironments: [environment('A')],
    steps: [
      step({ stepEnvironments: [environment('B')], parameterSpace: space }),
      { name: 'Two', bash: { script: 'true # and so on' } },
    ],
  });
  const refusal = (limits: object) => {
    try {
      const jobTemplate = decodeJobTemplate(template, { limits });
      createJob({ jobTemplate, jobParameterValues: {}, limits });
      return [];
    } catch (error) {
      if (!(error instanceof TemplateInvalid)) throw error;
      return error.problems.map(({ message }) => message);
    }
  };
  expect(refusal({})).toEqual([]);
  expect(refusal({ maxStepCount: 1 })).toEqual(['has 2 steps; at most 1 are allowed.']);
  expect(refusal({ maxEnvCount: 1 })).toEqual(['has 2 environments; at most 1 are allowed.']);
  expect(refusal({ maxStepScriptSize: 10 })).toHaveLength(2);
  expect(refusal({ maxEnvironmentSize: 100 })).toEqual(['has an environment larger than 100 characters.']);
  expect(refusal({ maxTaskCount: 1000 })).toEqual(['has 1000000000000 tasks; at most 1000 are allowed.']);
});
