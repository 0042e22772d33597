/** Steps line by line of the feature list: hosts, combinations, chunks, and the names that are known where. */
import { expect, test } from 'vitest';

import {
  faults,
  withStep,
  withAction,
  text,
  task,
  combined,
  hosts,
  amount,
  attribute,
  environment,
  definitions,
  run,
  onRun,
  wide,
} from './parity-fixture.ts';
import type { Template } from './parity-fixture.ts';
import { job } from './template-fixture.ts';

test.each([
  ['nothing', hosts({})],
  ['empty lists', hosts({ amounts: [], attributes: [] })],
  ['neither min nor max', amount({})],
  ['less than nothing', amount({ min: -1 })],
  ['a max of 0', amount({ max: 0 })],
  ['min above max', amount({ min: 2, max: 1 })],
  ['an amount named like an attribute', amount({ name: 'attr.worker.os.family', min: 1 })],
  ['a name without a kind', amount({ name: 'vcpu', min: 1 })],
  ['a reserved scope', amount({ name: 'amount.worker.chairs', min: 1 })],
  ['a reserved scope of a step', hosts({ attributes: [{ name: 'attr.step.colour', anyOf: ['x'] }] })],
  ['neither anyOf nor allOf', attribute({})],
  ['an empty anyOf', attribute({ anyOf: [] })],
  ['an operating system that is none', attribute({ anyOf: ['beos'] })],
  ['two systems at once', attribute({ allOf: ['linux', 'windows'] })],
  ['a value with a space', hosts({ attributes: [{ name: 'attr.a', anyOf: ['a b'] }] })],
  [
    'the same twice in another case',
    hosts({
      amounts: [
        { name: 'amount.a', min: 1 },
        { name: 'AMOUNT.A', min: 1 },
      ],
    }),
  ],
  [
    'a min that is filled in, without the extension',
    amount({ min: '{{Param.P}}' }, { parameterDefinitions: definitions(1) }),
  ],
])('host requirements with %s: refused', (_what, template) => {
  expect(faults(template)).toContain('hostRequirements');
});

test.each([
  ...['vcpu', 'memory', 'gpu', 'gpu.memory', 'disk.scratch'].map(
    (name) => [name, amount({ name: `amount.worker.${name}`, min: 0, max: '2.5' })] as const,
  ),
  ['another vendor', amount({ name: 'acme:amount.licence.maya', min: 1 })] as const,
  [
    'any case',
    hosts({ attributes: [{ name: 'Attr.Worker.OS.Family', anyOf: ['Linux', 'MACOS'] }] }),
  ] as const,
  ['a processor', hosts({ attributes: [{ name: 'attr.worker.cpu.arch', allOf: ['arm64'] }] })] as const,
  ['filled in', amount({ min: '{{Param.P0}}' }, { ...wide, parameterDefinitions: definitions(1) })] as const,
])('host requirements with %s: accepted', (_what, template) => {
  expect(faults(template)).toBe('');
});

test.each([
  ['A', /B/],
  ['A * B * C', /D/],
  ['A * B * C * D * A', /A/],
  ['A * B * C * E', /E/],
  ['A B * C * D', /operator/],
  ['(A, B * C * D', /unmatched/],
  ['() * A * B * C * D', /empty/],
])('the combination %j: refused', (combination, reason) => {
  expect(faults(combined(combination))).toMatch(reason);
});

test.each(['A * B * C * D', '(A, B) * (C, D)', '(A * B, C * D)', '((A, B), C) * D'])(
  'the combination %j: accepted',
  (combination) => {
    expect(faults(combined(combination))).toBe('');
  },
);

const chunking = { extensions: ['TASK_CHUNKING'] };
const chunk = (chunks: Template, top: Template = chunking) =>
  task(
    {
      type: 'CHUNK[INT]',
      range: '1-9',
      chunks: { defaultTaskCount: 1, rangeConstraint: 'CONTIGUOUS', ...chunks },
    },
    top,
  );

test.each([
  ['without the extension', chunk({}, {})],
  ['of no tasks', chunk({ defaultTaskCount: 0 })],
  ['before they begin', chunk({ targetRuntimeSeconds: -1 })],
  ['of another form', chunk({ rangeConstraint: 'SOMEHOW' })],
  [
    'without a size',
    task({ type: 'CHUNK[INT]', range: '1-9', chunks: { rangeConstraint: 'CONTIGUOUS' } }, chunking),
  ],
  ['without saying how', task({ type: 'CHUNK[INT]', range: '1-9' }, chunking)],
])('chunks %s: refused', (_what, template) => {
  expect(faults(template)).toContain('taskParameterDefinitions');
});

test('chunks: sizes may be filled in; one parameter has them; none is in an association', () => {
  expect(
    faults(
      chunk(
        { defaultTaskCount: '{{Param.P0}}', targetRuntimeSeconds: 0, rangeConstraint: 'NONCONTIGUOUS' },
        { ...chunking, parameterDefinitions: definitions(1) },
      ),
    ),
  ).toBe('');
  const chunked = (name: string) => ({
    name,
    type: 'CHUNK[INT]',
    range: '1-2',
    chunks: { defaultTaskCount: 1, rangeConstraint: 'CONTIGUOUS' },
  });
  const two = { taskParameterDefinitions: [chunked('A'), chunked('B')] };
  expect(faults(withStep({ parameterSpace: two }, chunking))).toMatch(/CHUNK/i);
  const associated = {
    taskParameterDefinitions: [chunked('A'), { name: 'B', type: 'INT', range: '1-2' }],
    combination: '(A, B)',
  };
  expect(faults(withStep({ parameterSpace: associated }, chunking))).toMatch(/associat/i);
});

test.each([
  ['a task in the name of a job', job({ name: '{{Task.Param.T}}' })],
  ['a session in the name of a job', job({ name: '{{Session.WorkingDirectory}}' })],
  ['a file of an environment in a task', withAction({ args: ['{{Env.File.F}}'] })],
  ['a task in an environment', environment({ variables: { A: '{{Task.Param.T}}' } })],
  ['Job.Name without EXPR', withAction({ args: ['{{Job.Name}}'] })],
  [
    'a wrapped action in a task',
    withAction({ args: ['{{WrappedAction.Command}}'] }, { extensions: ['EXPR'] }),
  ],
])('%s: no such name there', (_what, template) => {
  expect(faults(template)).toContain('Undefined variable');
});

test('names of every scope are known where they belong', () => {
  const names = [
    'Param.P',
    'RawParam.P',
    'Session.WorkingDirectory',
    'Session.HasPathMappingRules',
    'Session.PathMappingRulesFile',
  ];
  const args = (more: string[]) => [...names, ...more].map((name) => `{{ ${name} }}`);
  expect(
    faults(
      job({
        name: '{{Param.P}} {{RawParam.P}}',
        parameterDefinitions: [{ name: 'P', type: 'STRING' }],
        jobEnvironments: [
          {
            name: 'E',
            script: {
              actions: { onEnter: { ...run, args: args(['Env.File.F']) } },
              embeddedFiles: [text({})],
            },
          },
        ],
        steps: [
          {
            ...onRun(
              { args: args(['Task.Param.T', 'Task.RawParam.T', 'Task.File.F']) },
              { embeddedFiles: [text({})] },
            ),
            parameterSpace: { taskParameterDefinitions: [{ name: 'T', type: 'INT', range: [1] }] },
          },
        ],
      }),
    ),
  ).toBe('');
});

test('a name is suggested within five edits, and not beyond', () => {
  const template = (name: string) =>
    job({ name: `{{${name}}}`, parameterDefinitions: [{ name: 'Camera', type: 'STRING' }] });
  expect(faults(template('Param.Camra'))).toContain('Did you mean: Param.Camera');
  expect(faults(template('Param.Somewhere_else'))).not.toContain('Did you mean');
});
