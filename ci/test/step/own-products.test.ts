/** A task that reads what it made last: pinned when it starts, in no lock, in the key of its runs. */
import { parseManifest } from '@pipl/packl';
import type { Ticket } from '@pipl/packl';
import { expect, test } from 'vitest';
import { taskManifest } from '../../src/step/explorer/world.ts';
import { explain } from '../../src/step/index.ts';
import { studio } from './studio.ts';

const book = { reads: { src: '^1.0.0' }, makes: ['log'], previous: true };

function diary() {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('book', book);
  return it;
}

const ticketOf = (it: ReturnType<typeof studio>): Ticket =>
  it.world.engine.get(it.running('book').attempt)!.ticket;

test('the first run is told that there is none; later ones get the last version', () => {
  const it = diary();
  expect(ticketOf(it).previous).toEqual([]);
  it.makes('book', 'one');
  it.product('src', '1.1.0');
  expect(ticketOf(it).previous).toMatchObject([{ slot: 'log', name: 'log', version: '1.0.0' }]);
  expect(it.running('book').builtOn).toEqual(ticketOf(it).previous);
});

test('what it made wakes nobody: not itself, and a version by hand neither', () => {
  const it = diary();
  it.makes('book', 'one');
  it.started();
  it.product('log', '1.5.0', 'by hand');
  expect(it.started()).toEqual([]);
  expect(it.status('book')).toEqual({ is: 'clean' });
  it.product('src', '1.1.0');
  expect(ticketOf(it).previous).toMatchObject([{ version: '1.5.0' }]);
});

test('inputs that return are not the same work: what it made since is read, and it runs', () => {
  const it = diary();
  it.makes('book', 'one');
  const first = it.runs()[0]!;
  it.product('src', '1.1.0');
  it.makes('book', 'one');
  it.withdraw('src', '1.1.0');
  const again = it.running('book');
  expect(again.lock.hash).toBe(first.lock.hash);
  expect(again.builtOn).toMatchObject([{ version: '1.0.0' }]);
  expect(again.runKey).not.toBe(first.runKey);
  it.makes('book', 'one');
  expect(it.status('book')).toEqual({ is: 'clean' });
});

test('a run that the machinery lost is tried on the same product, under the same key', () => {
  const it = diary();
  it.makes('book', 'one');
  it.product('src', '1.1.0');
  const lost = it.running('book');
  it.isLost('book');
  expect(it.running('book')).toMatchObject({ runKey: lost.runKey, builtOn: lost.builtOn });
});

test('its last product is withdrawn while it runs: it starts again with the one before', () => {
  const it = diary();
  it.makes('book', 'one');
  it.product('src', '1.1.0');
  it.makes('book', 'two');
  it.product('src', '1.2.0');
  const { attempt } = it.running('book');
  it.withdraw('log', '1.1.0');
  expect(it.world.state.records.runs.get(attempt)).toMatchObject({
    state: 'canceled',
    reason: 'log@1.1.0 was withdrawn',
  });
  expect(ticketOf(it).previous).toMatchObject([{ version: '1.0.0' }]);
  expect(it.running('book').runKey).not.toBe(attempt.slice(0, -2));
});

test('it is no cycle; to depend on its own product is one', () => {
  const it = diary();
  expect(() => it.define('book', { ...book, version: '1.0.1' })).not.toThrow();
  const reading = { ...book, version: '1.0.2', reads: { src: '^1.0.0', log: '^1.0.0' } };
  expect(() => it.define('book', reading)).toThrow('book would feed itself: book → log → book.');
});

test('why says what it was built on', () => {
  const it = diary();
  const linesOf = (): string => explain(it.world.state, it.runs().at(-1)!.attempt).lines.join('\n');
  expect(linesOf()).toContain('It asks for what it made last, and there was nothing yet.');
  it.makes('book', 'one');
  it.product('src', '1.1.0');
  expect(linesOf()).toContain('It builds on what it made last: log 1.0.0.');
});

test.each([
  [['movie'], 'movie is no slot of pipl.products, which has log'],
  [['log', 'log'], 'names log twice'],
  [[], 'names no slot'],
  [true, 'must be a list of slots of pipl.products'],
])('previous: %j is told what is wrong', (previous, why) => {
  const { pipl, ...rest } = taskManifest('book', book);
  expect(() => parseManifest({ ...rest, pipl: { ...pipl, previous } })).toThrow(
    expect.objectContaining({ code: 'PIPL_MANIFEST', why: expect.stringContaining(why) }),
  );
});
