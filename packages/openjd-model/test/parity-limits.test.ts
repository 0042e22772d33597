/** Where each limit of a template lies, by the extensions it asks for. */
import { expect, test } from 'vitest';

import { decodeEnvironmentTemplate } from '../src/index.ts';
import {
  faults,
  wide,
  withStep,
  withAction,
  withFiles,
  text,
  parameter,
  task,
  combined,
  hosts,
  environment,
  many,
  definitions,
} from './parity-fixture.ts';
import type { Template } from './parity-fixture.ts';
import { job } from './template-fixture.ts';

const pathWith = (userInterface: Template) =>
  parameter({ type: 'PATH', userInterface: { control: 'CHOOSE_INPUT_FILE', ...userInterface } });
const filter = (fields: Template = {}) => ({ label: 'Images', patterns: ['*.exr'], ...fields });
const attributes = (count: number) => many(count, (at) => ({ name: `attr.a${at}`, anyOf: ['x'] }));

/** A template with something of a size. */
type Make = (size: number) => Template;

const sized: [what: string, most: number, make: Make, top?: Template][] = [
  ['an identifier', 64, (size) => parameter({ name: 'n'.repeat(size) })],
  ['an identifier', 512, (size) => parameter({ name: 'n'.repeat(size) }), wide],
  ['a job name', 128, (size) => job({ name: 'n'.repeat(size) })],
  ['a job name', 512, (size) => job({ name: 'n'.repeat(size) }), wide],
  ['a step name', 64, (size) => withStep({ name: 'n'.repeat(size) })],
  ['a step name', 512, (size) => withStep({ name: 'n'.repeat(size) }), wide],
  ['an environment name', 64, (size) => environment({ name: 'n'.repeat(size), variables: { A: 'b' } })],
  [
    'an environment name',
    512,
    (size) => environment({ name: 'n'.repeat(size), variables: { A: 'b' } }),
    wide,
  ],
  ['parameters of a job', 50, (size) => job({ parameterDefinitions: definitions(size) })],
  ['parameters of a job', 200, (size) => job({ parameterDefinitions: definitions(size) }), wide],
  ['a file name', 64, (size) => withFiles(text({ filename: 'n'.repeat(size) }))],
  ['a file name', 256, (size) => withFiles(text({ filename: 'n'.repeat(size) })), wide],
  ['a list of values', 1024, (size) => task({ type: 'INT', range: many(size, Number) })],
  ['a text as default', 1024, (size) => parameter({ default: 'é'.repeat(size) })],
  ['a text of a task', 1024, (size) => task({ type: 'STRING', range: ['é'.repeat(size)] })],
  ['a description', 2048, (size) => job({ description: '漢'.repeat(size) })],
  [
    'parameters of a step',
    16,
    (size) =>
      withStep({
        parameterSpace: {
          taskParameterDefinitions: many(size, (at) => ({ name: `P${at}`, type: 'INT', range: [1] })),
        },
      }),
  ],
  ['a combination', 1280, (size) => combined(`A * B * C *${' '.repeat(size - 12)}D`)],
  ['the name of a variable', 256, (size) => environment({ variables: { ['V'.repeat(size)]: 'x' } })],
  ['the value of a variable', 2048, (size) => environment({ variables: { A: 'x'.repeat(size) } })],
  ['a label', 64, (size) => parameter({ userInterface: { control: 'LINE_EDIT', label: 'l'.repeat(size) } })],
  [
    'the label of a group',
    64,
    (size) => parameter({ userInterface: { control: 'LINE_EDIT', groupLabel: 'l'.repeat(size) } }),
  ],
  ['filters', 20, (size) => pathWith({ fileFilters: many(size, (at) => filter({ label: `l${at}` })) })],
  [
    'patterns of a filter',
    20,
    (size) => pathWith({ fileFilters: [filter({ patterns: many(size, (at) => `*.e${at}`) })] }),
  ],
  [
    'a pattern',
    20,
    (size) => pathWith({ fileFilters: [filter({ patterns: [`*.${'e'.repeat(size - 2)}`] })] }),
  ],
  [
    'the name of a capability',
    100,
    (size) => hosts({ attributes: [{ name: `attr.${'n'.repeat(size - 5)}`, anyOf: ['x'] }] }),
  ],
  [
    'the value of an attribute',
    100,
    (size) => hosts({ attributes: [{ name: 'attr.a', anyOf: ['x'.repeat(size)] }] }),
  ],
  [
    'values of an attribute',
    50,
    (size) => hosts({ attributes: [{ name: 'attr.a', anyOf: many(size, (at) => `v${at}`) }] }),
  ],
  ['host requirements', 50, (size) => hosts({ attributes: attributes(size) })],
  [
    'seconds of notice',
    600,
    (size) => withAction({ cancelation: { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: size } }),
  ],
];

test.each(sized)('%s: %i and no more', (...[, most, make, top = {}]) => {
  expect(faults({ ...make(most), ...top })).toBe('');
  expect(faults({ ...make(most + 1), ...top })).not.toBe('');
});

test('an environment template has 50 parameters, with any extension', () => {
  const decode = (count: number) =>
    decodeEnvironmentTemplate({
      specificationVersion: 'environment-2023-09',
      ...wide,
      parameterDefinitions: definitions(count),
      environment: { name: 'E', variables: { A: 'b' } },
    });
  expect(decode(50).parameterDefinitions).toHaveLength(50);
  expect(() => decode(51)).toThrow('at most 50');
});

test('an expression for a range may stand for more values than a list has', () => {
  expect(faults(task({ type: 'INT', range: '1-100000' }))).toBe('');
});

test('a command and the data of a file have no limit of their own', () => {
  expect(faults(withAction({ command: 'x'.repeat(5000) }))).toBe('');
  expect(faults(withFiles(text({ data: 'x'.repeat(500_000) })))).toBe('');
});
