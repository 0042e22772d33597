/** What `--dry-run` and `pipl plan` print. */
import { indexName } from '@pipl/packl';
import type { Preview } from '@pipl/project';
import { expect, test } from 'vitest';
import { planLines } from '../src/plan-lines.ts';

const index = indexName('root/PROJ');
const stage = indexName('alice/stage');

const run = (task: string, more: Partial<Preview['plan']['runs'][number]> = {}) => ({
  task,
  taskVersion: '1.0.0',
  index,
  engine: 'local',
  because: [],
  reads: {},
  products: [{ name: `${task}-frames`, version: '1.0.4', before: '1.0.3' }],
  codeLock: 'c',
  starts: 0,
  assumed: 'made' as const,
  ...more,
});

const wave = (runs: Preview['plan']['runs'], more: Partial<Preview['plan']> = {}): Preview['plan'] => {
  const firstRuns = runs.filter(({ seconds }) => seconds === undefined).length;
  return { index, after: 1, arrivals: [], runs, stays: [], seconds: 13, firstRuns, underWay: 0, ...more };
};

test('a stage: what its gate needs, then the runs, how long, what they make and why', () => {
  const because = [{ name: 'comp-frames', from: '1.0.3', to: '1.0.4', range: '^1.0.0' }];
  const runs = [run('comp', { seconds: 4.2 }), run('review', { seconds: 9, because, products: [] })];
  const gate = { checks: true as const, approval: ['supervisors'] };
  const onward = [{ index, gate, handlers: ['qa'], plan: wave(runs) }];
  expect(planLines({ plan: wave([], { index: stage, seconds: 0 }), onward })).toEqual([
    '  nothing would run: no task resolves to anything else by it',
    'Into root/PROJ it needs: checks (qa runs them), approval by supervisors. Then:',
    '  comp    1 run, about 4 s on local   makes comp-frames 1.0.4',
    '  review  1 run, about 9 s on local     because it asks for comp-frames ^1.0.0',
    '  2 runs, about 13 s in all',
  ]);
});

test('first runs have no time, and who does not run says why', () => {
  const stays = [{ task: 'tip', line: 'tip did not run: left failed (ticket x: assumed).' }];
  const runs = [run('left', { assumed: 'failed' }), run('right', { seconds: 600 })];
  expect(planLines({ plan: wave(runs, { stays, underWay: 1 }), onward: [] })).toEqual([
    '  left   first run, on local         fails',
    '  right  1 run, about 10 min on local  makes right-frames 1.0.4',
    '  tip did not run: left failed (ticket x: assumed).',
    '  (1 run is under way and counted in)',
    '  2 runs, about 13 s in all, without 1 first run',
  ]);
});
