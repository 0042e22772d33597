/** What `pipl diff` prints. */
import { compare, type Side } from '@pipl/project';
import { expect, test } from 'vitest';
import { diffLines } from '../src/diff-lines.ts';

const side = (label: string, more: Partial<Side> = {}): Side => ({
  is: 'run',
  label,
  packl: { comp: '1.0.0' },
  ...more,
});

test('only what differs, part by part; what is the same and what is not known, in a line', () => {
  const left = side('left', {
    direct: { bunny: '1.0.0' },
    closure: { bunny: '1.0.0', fur: '1.0.0' },
    parameters: {},
  });
  const right = side('right', {
    direct: { bunny: '1.1.0', grass: '2.0.0' },
    closure: { bunny: '1.1.0', grass: '2.0.0', fur: '1.0.1' },
    parameters: {},
    job: { name: 'x' },
  });
  expect(diffLines(compare(left, right))).toEqual([
    '- left',
    '+ right',
    'dependencies:',
    '  bunny 1.0.0 → 1.1.0',
    '  + grass 2.0.0',
    'further down:',
    '  fur 1.0.0 → 1.0.1',
    'The same: packl, parameters.',
    'Not known of both: code, environment, assets, job.',
  ]);
  expect(diffLines(compare(left, left)).slice(2)).toEqual([
    'No difference in what is known of both.',
    'The same: packl, dependencies, further down, parameters.',
    'Not known of both: code, environment, assets, job.',
  ]);
});
