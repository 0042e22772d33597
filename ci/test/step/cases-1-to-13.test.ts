/** What a publish wakes: the cases of the wave rules, one test each (1 to 13). */
import { expect, test } from 'vitest';
import { diamond } from './studio.ts';

test('1. inputs ask for ^1: a 2.0.0 wakes nobody', () => {
  const it = diamond();
  it.product('src', '2.0.0');
  expect(it.started()).toEqual([]);
  expect(it.waves().every(({ state }) => state === 'closed')).toBe(true);
});

test('2. the pick is 1.1.0: a 1.0.5 wakes nobody', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  it.makes('tip', 'tip 2');
  it.started();
  it.product('src', '1.0.5');
  expect(it.started()).toEqual([]);
});

test('3. a diamond: both arms run, the tip waits and runs once', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  expect(it.started()).toEqual(['left src@1.1.0', 'right src@1.1.0']);
  it.makes('left', 'left 2');
  expect(it.status('tip')).toEqual({ is: 'waiting', for: ['right'] });
  it.makes('right', 'right 2');
  expect(it.started()).toEqual(['tip l@1.1.0 r@1.1.0']);
  it.makes('tip', 'tip 2');
  expect(it.started()).toEqual([]);
  expect(it.waves().at(-1)).toMatchObject({ state: 'closed', cause: { name: 'src', version: '1.1.0' } });
});

test('4. one arm makes the same content: no version, the tip runs once for the other', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.makes('left', 'left 1');
  it.makes('right', 'right 2');
  expect(it.started()).toEqual(['left src@1.1.0', 'right src@1.1.0', 'tip l@1.0.0 r@1.1.0']);
  expect(it.versions('l')).toEqual(['1.0.0']);
});

test('5. both arms make the same: the tip is clean and does not run', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.makes('left', 'left 1');
  it.makes('right', 'right 1');
  expect(it.started()).toEqual(['left src@1.1.0', 'right src@1.1.0']);
  expect(it.status('tip')).toEqual({ is: 'clean' });
  expect(it.waves().at(-1)!.state).toBe('closed');
});

function failedDiamond() {
  const it = diamond();
  it.product('src', '1.1.0');
  const { attempt } = it.running('left');
  it.fails('left');
  it.makes('right', 'right 2');
  it.started();
  return { it, attempt };
}

test('6. an arm fails: the tip is blocked, never on the old product, and says by whom', () => {
  const { it, attempt } = failedDiamond();
  expect(it.status('left')).toEqual({ is: 'failed', attempt });
  expect(it.status('tip')).toEqual({ is: 'blocked', by: [{ is: 'failed', task: 'left', attempt }] });
  expect(it.waves().at(-1)!.state).toBe('closed');
});

test('7. then a retry succeeds: the tip runs once with both', () => {
  const { it } = failedDiamond();
  it.retry('left');
  it.makes('left', 'left 2');
  expect(it.started()).toEqual(['left src@1.1.0', 'tip l@1.1.0 r@1.1.0']);
});

test('8. or a new input comes: both arms run with it, then the tip once', () => {
  const { it } = failedDiamond();
  it.product('src', '1.2.0');
  it.makes('left', 'left 3');
  it.makes('right', 'right 3');
  expect(it.started()).toEqual(['left src@1.2.0', 'right src@1.2.0', 'tip l@1.1.0 r@1.2.0']);
});

test('9. an unrelated change, or the failed inputs coming back, tries nothing again', () => {
  const { it, attempt } = failedDiamond();
  it.product('other', '1.0.0');
  expect(it.started()).toEqual([]);
  it.product('src', '1.2.0');
  it.fails('left');
  it.makes('right', 'right 2');
  it.started();
  it.withdraw('src', '1.2.0');
  expect(it.started().filter((run) => run.startsWith('left'))).toEqual([]);
  expect(it.status('left')).toEqual({ is: 'failed', attempt });
});

test('10. the bad input is withdrawn: the arm is clean, the other goes back too, the tip follows', () => {
  const { it } = failedDiamond();
  it.withdraw('src', '1.1.0');
  expect(it.status('left')).toEqual({ is: 'clean' });
  expect(it.started()).toEqual(['right src@1.0.0']);
  it.makes('right', 'right 1');
  expect(it.started()).toEqual(['tip l@1.0.0 r@1.2.0']);
});

test('11. its input is withdrawn while an arm runs: cancelled, the late result refused, resolved again', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  const { attempt } = it.running('left');
  it.withdraw('src', '1.1.0');
  expect(it.world.engine.get(attempt)!.state).toEqual({ is: 'canceled' });
  expect(it.world.state.records.runs.get(attempt)).toMatchObject({
    state: 'canceled',
    reason: 'src@1.1.0 was withdrawn',
  });
  expect(it.world.publishRun(attempt, { l: 'left 2' })).toBe(false);
  expect(it.versions('l')).toEqual(['1.0.0']);
  expect(it.status('left')).toEqual({ is: 'clean' });
});

test('12. the only version is withdrawn: blocked, nothing satisfies; a publish frees it', () => {
  const it = diamond();
  it.withdraw('src', '1.0.0');
  expect(it.status('left')).toEqual({
    is: 'blocked',
    by: [{ is: 'missing', name: 'src', range: '^1.0.0', from: 'left@1.0.0', versions: [] }],
  });
  it.product('src', '1.1.0');
  expect(it.started()).toEqual(['left src@1.1.0', 'right src@1.1.0']);
});

test('13. its input is deprecated while an arm runs: it goes on, and is looked at again afterwards', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.deprecate('src', '1.1.0');
  expect(it.status('left')).toEqual({ is: 'running', stale: true });
  it.makes('left', 'left 2');
  expect(it.started().at(-1)).toBe('left src@1.0.0');
});
