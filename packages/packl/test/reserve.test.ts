import { expect, test } from 'vitest';
import { reserve, stepBetween } from '../src/index.ts';
import type { ReservedFrom } from '../src/index.ts';

const pins = (direct: Record<string, string>, version = '1.0.0'): ReservedFrom => ({
  hash: JSON.stringify(direct),
  task: { name: 't', version, integrity: 'sha512-t' },
  direct,
});
const before = pins({ a: '1.0.0', b: '1.0.0' });

test.each([
  { says: 'nothing used yet', used: [], now: pins({}), gets: '1.0.0' },
  { says: 'a patch of an input', used: ['1.4.2'], now: pins({ a: '1.0.1', b: '1.0.0' }), gets: '1.4.3' },
  { says: 'a minor of an input', used: ['1.4.2'], now: pins({ a: '1.1.0', b: '1.0.0' }), gets: '1.5.0' },
  { says: 'a major of an input', used: ['1.4.2'], now: pins({ a: '2.0.0', b: '1.0.0' }), gets: '2.0.0' },
  { says: 'the largest of several', used: ['1.4.2'], now: pins({ a: '1.0.1', b: '2.0.0' }), gets: '2.0.0' },
  {
    says: 'a way back counts as far as the way there',
    used: ['1.4.2'],
    now: pins({ a: '0.9.0', b: '1.0.0' }),
    gets: '2.0.0',
  },
  {
    says: 'a dependency added',
    used: ['1.4.2'],
    now: pins({ a: '1.0.0', b: '1.0.0', c: '9.0.0' }),
    gets: '1.5.0',
  },
  { says: 'a dependency removed', used: ['1.4.2'], now: pins({ a: '1.0.0' }), gets: '1.5.0' },
  {
    says: "the task's own step",
    used: ['1.4.2'],
    now: pins({ a: '1.0.0', b: '1.0.0' }, '2.0.0'),
    gets: '2.0.0',
  },
  {
    says: 'something deeper, or the same version with other bytes',
    used: ['1.4.2'],
    now: before,
    gets: '1.4.3',
  },
  {
    says: 'the highest ever used, not the last',
    used: ['1.9.0', '1.10.0', '1.2.0'],
    now: before,
    gets: '1.10.1',
  },
  { says: 'above a prerelease', used: ['2.0.0-beta.1'], now: before, gets: '2.0.0' },
])('$says: $gets', ({ used, now, gets }) => {
  expect(reserve({ used, before, now })).toBe(gets);
});

test('versions used by hand before the first run: everything was added, so minor', () => {
  expect(reserve({ used: ['1.4.2'], now: before })).toBe('1.5.0');
});

test('a step between prereleases is that of their release', () => {
  expect(stepBetween('1.0.0', '2.0.0-beta.1')).toBe('major');
  expect(stepBetween('1.0.0', '1.1.0-beta.1')).toBe('minor');
  expect(stepBetween('1.0.0-beta.1', '1.0.0-beta.2')).toBe('patch');
});
