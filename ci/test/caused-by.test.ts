/** Who is behind a run: the person whose change set it off, however many runs later. */
import { expect, test } from 'vitest';
import { causedBy } from '../src/provenance/attest.ts';

test('behind a chain of runs that woke each other stands a person', () => {
  const cause = (by: string, attempt = '') => ({ attempt, cause: { is: 'change', seq: 7, by } });
  const runs = new Map(
    Object.entries({
      'a.1': cause('ann', 'a.1'),
      'b.1': cause('run:a.1', 'b.1'),
      'c.1': cause('run:b.1', 'c.1'),
    }),
  );
  const state = { records: { runs } } as never;
  expect(causedBy(state, runs.get('c.1') as never)).toEqual({ by: 'ann', change: 7 });
  runs.set('a.1', cause('run:c.1', 'a.1'));
  expect(causedBy(state, runs.get('c.1') as never)).toEqual({ by: 'unknown' });
});
