/** What has a result is done again when somebody asks: same inputs, and only what differs goes on. */
import { expect, test } from 'vitest';
import { diamond } from './studio.ts';

type It = ReturnType<typeof diamond>;

const again = (it: It, ...names: string[]): void => {
  const index = it.world.handlers[0]!;
  const tasks = names.map((task) => ({ task, index, lock: it.task(task).success!.lock }));
  it.world.take({ is: 'again', tasks, at: it.world.now() });
  it.world.rest();
};

test('a clean task runs again on the same inputs; the same content wakes nobody', () => {
  const it = diamond();
  again(it, 'left');
  expect(it.started()).toEqual(['left src@1.0.0']);
  it.makes('left', 'left 1');
  expect(it.started()).toEqual([]);
  expect(it.versions('l')).toEqual(['1.0.0']);
  expect([it.status('left'), it.status('tip')]).toEqual([{ is: 'clean' }, { is: 'clean' }]);
  expect(it.waves().at(-1)).toMatchObject({ state: 'closed' });
});

test('what comes out different goes on as any product does', () => {
  const it = diamond();
  again(it, 'left');
  it.started();
  it.makes('left', 'left mended');
  expect(it.started()).toEqual(['tip l@1.0.1 r@1.0.0']);
});

test('of tasks above each other the lower one waits for the upper one, and runs once', () => {
  const it = diamond();
  again(it, 'left', 'right', 'tip');
  expect(it.started()).toEqual(['left src@1.0.0', 'right src@1.0.0']);
  expect(it.status('tip')).toEqual({ is: 'waiting', for: ['left', 'right'] });
  it.makes('left', 'left 1');
  it.makes('right', 'right 2');
  expect(it.started()).toEqual(['tip l@1.0.0 r@1.0.1']);
});

test('lost, it is run again and not taken from what is known; done, it is not run another time', () => {
  const it = diamond();
  again(it, 'left');
  it.started();
  it.isLost('left');
  expect(it.started()).toEqual(['left src@1.0.0']);
  it.makes('left', 'left 1');
  it.later(1);
  expect(it.started()).toEqual([]);
  expect(it.task('left').again).toBeUndefined();
});

test('when it fails, the result that was there stands, and nothing below is blocked', () => {
  const it = diamond();
  again(it, 'left');
  it.fails('left');
  expect([it.status('left'), it.status('tip')]).toEqual([{ is: 'clean' }, { is: 'clean' }]);
  again(it, 'left');
  it.started();
  it.makes('left', 'left 1');
  expect(it.status('left')).toEqual({ is: 'clean' });
});

test('nothing of earlier runs is taken for it', () => {
  const it = diamond();
  const ticketOf = (): boolean | undefined => [...it.world.state.records.tickets.values()][0]?.reuse;
  again(it, 'left');
  expect(ticketOf()).toBe(false);
  it.makes('left', 'left 1');
  it.product('src', '1.1.0');
  expect(ticketOf()).toBeUndefined();
});

test('a task whose inputs have changed meanwhile is left alone', () => {
  const it = diamond();
  const index = it.world.handlers[0]!;
  const { lock } = it.task('left').success!;
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  it.makes('tip', 'tip 2');
  it.started();
  it.world.take({ is: 'again', tasks: [{ task: 'left', index, lock }], at: it.world.now() });
  it.world.rest();
  expect(it.started()).toEqual([]);
});
