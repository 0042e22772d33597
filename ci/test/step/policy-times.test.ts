/** Times that a policy names: inputs that must rest before a run, and runs at certain hours. */
import { expect, test } from 'vitest';
import { nextTime } from '../../src/step/policy-times.ts';
import { refusal, studio } from './studio.ts';

const made = (shape: { readonly debounce?: number; readonly schedule?: string }) => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('task', { reads: { src: '^1.0.0' }, makes: ['out'], ...shape });
  it.define('below', { reads: { out: '^1.0.0' }, makes: ['end'] });
  it.later(shape.debounce ?? 0);
  it.makes('task', 'one');
  it.makes('below', 'one');
  it.started();
  return it;
};

test('with a debounce a run begins when its inputs have rested: of many changes in a row one follows', () => {
  const it = made({ debounce: 30 });
  it.product('src', '1.1.0');
  it.later(20);
  it.product('src', '1.2.0');
  it.later(20);
  expect(it.started()).toEqual([]);
  expect(it.status('task')).toMatchObject({ is: 'backing-off', quiet: true });
  it.later(20);
  expect(it.started()).toEqual(['task src@1.2.0']);
});

test('who asks for the run has it now', () => {
  const it = made({ debounce: 3_600 });
  it.product('src', '1.1.0');
  expect(it.started()).toEqual([]);
  it.retry('task');
  expect(it.started()).toEqual(['task src@1.1.0']);
});

test('a crash forgets no rest', () => {
  const it = made({ debounce: 30 });
  it.product('src', '1.1.0');
  it.world.crash({ feedFirst: true });
  it.world.rest();
  expect(it.started()).toEqual([]);
  it.later(40);
  expect(it.started()).toEqual(['task src@1.1.0']);
});

test('a scheduled task runs again at its time, though nothing changed, and says so', () => {
  const it = made({ schedule: '0 3 * * *' });
  const { submittedAt } = it.runs().find(({ task }) => task === 'task')!;
  const due = nextTime('0 3 * * *', submittedAt)!;
  it.later(3_600);
  expect(it.started()).toEqual([]);
  it.later((Date.parse(due) - Date.parse(it.world.now())) / 1_000);
  expect(it.started()).toEqual(['task src@1.0.0']);
  expect(it.running('task').cause).toEqual({ is: 'schedule', task: 'task', at: due });
  it.makes('task', 'one');
  expect(it.started(), 'the same content wakes nobody').toEqual([]);
  it.later(60);
  expect(it.started(), 'once').toEqual([]);
});

test('one that failed is tried again at its time; times that passed while nobody was there are made up for once', () => {
  const it = made({ schedule: '0 3 * * *' });
  it.product('src', '1.1.0');
  it.fails('task');
  it.started();
  it.later(3 * 86_400);
  expect(it.started()).toEqual(['task src@1.1.0']);
  it.makes('task', 'two');
  it.later(60);
  expect(it.started()).toEqual(['below out@1.1.0']);
});

test('the server is woken for the next of all times', () => {
  const it = made({ schedule: '0 3 * * *' });
  const { effects } = it.world.take({ is: 'tick', at: it.world.now() });
  expect(effects).toEqual([{ do: 'wake', at: nextTime('0 3 * * *', it.world.now()) }]);
});

test('what names no time is refused when it is published', () => {
  const it = studio();
  it.product('src', '1.0.0');
  const error = refusal(() =>
    it.define('task', { reads: { src: '^1.0.0' }, makes: ['out'], schedule: '0 99 * * *' }),
  );
  expect(error).toMatchObject({ code: 'PIPL_TASK_INPUTS' });
  expect(error.why).toContain('the schedule "0 99 * * *" is no cron line');
});
