/** How far everything has come to rest, and that whoever decides in a state can take it back. */
import { expect, test } from 'vitest';
import { advance, decide, settledThrough, tryOut } from '../../src/step/index.ts';
import { productManifest } from '../../src/step/explorer/world.ts';
import { diamond } from './studio.ts';

test('while a wave is open, what came before it is settled, and no more', () => {
  const it = diamond();
  const { world } = it;
  const before = world.cursor;
  expect(settledThrough(world.state)).toBe(before);
  it.product('src', '1.1.0');
  expect(settledThrough(world.state)).toBe(before);
  it.makes('left', 'left 2');
  expect(settledThrough(world.state)).toBe(before);
});

test('a wave that a retry set off: what its runs publish is not settled before it is over', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.fails('left');
  it.makes('right', 'right 2');
  const { world } = it;
  const before = world.cursor;
  it.retry('left');
  expect(settledThrough(world.state)).toBe(before);
  it.makes('left', 'left 2');
  expect(world.cursor).toBeGreaterThan(before);
  expect(settledThrough(world.state)).toBe(before);
  it.makes('tip', 'tip 2');
  expect(settledThrough(world.state)).toBe(world.cursor);
});

test('what is tried out is taken back, also when it fails half way', () => {
  const it = diamond();
  const { world } = it;
  const shown = () =>
    JSON.stringify(Object.entries(world.state.records).map(([table, map]) => [table, [...map]]));
  const before = shown();
  world.release([productManifest('src', '1.1.0', 'new')]);
  const change = world.inputOf(world.feed.at(-1)!);
  const refuse = () =>
    tryOut(world.state, ({ live, take }) => {
      expect(take(change).filter((effect) => effect.do === 'submit')).toHaveLength(2);
      expect(live.records.tickets.size).toBe(2);
      throw new Error('no');
    });
  expect(refuse).toThrow('no');
  expect(shown()).toBe(before);
  const decided = decide(world.state, change);
  expect(shown()).toBe(before);
  const { writes, effects } = advance(world.state, change);
  expect({ writes, effects }).toEqual(decided);
});
