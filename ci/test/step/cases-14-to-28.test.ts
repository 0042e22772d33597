/** What a publish wakes: the cases of the wave rules, one test each (14 to 28). */
import { expect, test } from 'vitest';
import { diamond, refusal, studio } from './studio.ts';

test('14. the tip or its input is published while it waits: that joins, the newest is taken at the start', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.define('tip', { version: '1.1.0', reads: { l: '^1.0.0', r: '^1.0.0' }, makes: ['movie'] });
  it.product('l', '1.5.0', 'by hand');
  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  expect(it.started()).toEqual(['left src@1.1.0', 'right src@1.1.0', 'tip l@1.5.0 r@1.1.0']);
  expect(it.running('tip').taskVersion).toBe('1.1.0');
  it.makes('tip', 'tip 2');
  expect(it.started()).toEqual([]);
});

test('15. src is published again while an arm runs: it finishes, runs again; the tip once, with the last', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.makes('right', 'right 2');
  it.product('src', '1.2.0');
  it.makes('left', 'left 2');
  it.makes('left', 'left 3');
  it.makes('right', 'right 3');
  expect(it.started()).toEqual([
    'left src@1.1.0',
    'right src@1.1.0',
    'right src@1.2.0',
    'left src@1.2.0',
    'tip l@1.2.0 r@1.2.0',
  ]);
});

test('16. publishes outrun runs: at the third lap the wave is cut, the tip runs, the rest is the next wave', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.define('tip', { reads: { a: '^1.0.0' }, makes: ['movie'] });
  for (const lap of [1, 2, 3]) {
    it.product('src', `1.${lap}.0`);
    it.makes('arm', `arm ${lap}`);
  }
  it.product('src', '1.4.0');
  it.product('src', '1.5.0');
  expect(it.status('arm')).toEqual({ is: 'running', stale: false });
  it.makes('arm', 'arm 4');
  it.started();
  expect(it.running('tip').lock.direct['a']).toBe('1.3.0');
  const cut = it.waves().at(-1)!;
  it.makes('tip', 'tip 1');
  expect(it.started()).toEqual(['arm src@1.5.0']);
  expect(it.waves().at(-2)).toMatchObject({ id: cut.id, state: 'closed' });
  expect(it.waves().at(-1)).toMatchObject({ state: 'open', cause: { name: 'src', version: '1.5.0' } });
});

test('17. src is published while the tip runs: the tip finishes; the arms, then the tip, once more', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  it.started();
  it.product('src', '1.2.0');
  it.makes('left', 'left 3');
  it.makes('tip', 'tip 2');
  expect(it.status('tip')).toEqual({ is: 'waiting', for: ['right'] });
  it.makes('right', 'right 3');
  it.makes('tip', 'tip 3');
  expect(it.started()).toEqual(['left src@1.2.0', 'right src@1.2.0', 'tip l@1.2.0 r@1.2.0']);
});

test('18. the tip pins r 1.0.0 and the arm will make r 1.1.0: the tip does not wait for it', () => {
  const it = diamond({ tip: { l: '^1.0.0', r: '1.0.0' } });
  it.product('src', '1.1.0');
  it.makes('left', 'left 2');
  expect(it.started()).toEqual(['left src@1.1.0', 'right src@1.1.0', 'tip l@1.1.0 r@1.0.0']);
});

test('19. inputs change by a patch, then by a major: so do the products', () => {
  const it = studio();
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '>=1.0.0' }, makes: ['a'] });
  it.makes('arm', 'one');
  it.product('src', '1.0.1');
  it.makes('arm', 'two');
  it.product('src', '2.0.0');
  it.makes('arm', 'three');
  expect(it.versions('a')).toEqual(['1.0.0', '1.0.1', '2.0.0']);
});

test.each(['ends unchanged', 'fails'])(
  '20. a reserved version is refused to people, and free again when the run %s',
  (end) => {
    const it = diamond();
    it.product('src', '1.1.0');
    const { attempt } = it.running('left');
    expect(refusal(() => it.product('l', '1.1.0', 'by hand'))).toMatchObject({
      code: 'PIPL_VERSION_RESERVED',
      message: `l@1.1.0 is reserved by ticket ${attempt}.`,
    });
    if (end === 'fails') it.fails('left');
    else it.makes('left', 'left 1');
    it.product('l', '1.1.0', 'by hand');
    expect(it.versions('l')).toEqual(['1.0.0', '1.1.0']);
  },
);

test('21. a run is lost: the same inputs and version, a new ticket, and the old one is fenced', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  const lost = it.running('left');
  it.isLost('left');
  const again = it.running('left');
  expect(again).toMatchObject({ runKey: lost.runKey, products: lost.products, previous: lost.attempt });
  expect(again.attempt).toBe(`${lost.runKey}.2`);
  expect(it.world.publishRun(lost.attempt, { l: 'late' })).toBe(false);
  it.makes('left', 'left 2');
  expect(it.versions('l')).toEqual(['1.0.0', '1.1.0']);
});

test('22. a product has a maker: another task that declares it is refused', () => {
  const it = diamond();
  expect(refusal(() => it.define('second', { reads: { src: '^1.0.0' }, makes: ['l'] }))).toMatchObject({
    code: 'PIPL_PRODUCT_MADE',
    message: 'second cannot make l: left makes it.',
  });
});

test('23. a task that reaches itself by names is refused, whatever the ranges', () => {
  const it = diamond();
  expect(
    refusal(() => it.define('left', { version: '1.1.0', reads: { movie: '0.0.1' }, makes: ['l'] })),
  ).toMatchObject({
    code: 'PIPL_TASK_CYCLE',
    message: 'left would feed itself: left → l → tip → movie → left.',
  });
});

test('24. a made product is published by hand: allowed; downstream runs, the maker does not', () => {
  const it = diamond();
  it.product('l', '1.4.0', 'by hand');
  expect(it.started()).toEqual(['tip l@1.4.0 r@1.0.0']);
  expect(it.status('left')).toEqual({ is: 'clean' });
});

test('25. and when the maker runs later, above that version; the same content makes none', () => {
  const it = diamond();
  it.product('l', '1.4.0', 'by hand');
  it.makes('tip', 'tip 2');
  it.product('src', '1.0.1');
  it.makes('left', 'by hand');
  expect(it.versions('l')).toEqual(['1.0.0', '1.4.0']);
  it.makes('right', 'right 1');
  it.product('src', '1.0.2');
  it.makes('left', 'left 3');
  expect(it.versions('l')).toEqual(['1.0.0', '1.4.0', '1.4.1']);
});

test('26. a task is edited and published: it runs once, and the same content stops there', () => {
  const it = diamond();
  it.define('left', { version: '1.0.1', reads: { src: '^1.0.0' }, makes: ['l'] });
  it.makes('left', 'left 1');
  expect(it.started()).toEqual(['left src@1.0.0']);
  expect(it.versions('l')).toEqual(['1.0.0']);
});

test('27. two roots and one tip, both published in one wave: the tip once', () => {
  const it = diamond();
  it.product('other', '1.0.0');
  it.define('right', { version: '1.1.0', reads: { other: '^1.0.0' }, makes: ['r'] });
  it.makes('right', 'right 1');
  it.started();
  it.product('src', '1.1.0');
  it.product('other', '1.1.0');
  it.makes('left', 'left 2');
  it.makes('right', 'right 2');
  expect(it.started()).toEqual(['left src@1.1.0', 'right other@1.1.0', 'tip l@1.1.0 r@1.1.0']);
});

test('28. older inputs return and their product is still current: no run', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  it.makes('left', 'left 1');
  it.makes('right', 'right 1');
  it.started();
  it.withdraw('src', '1.1.0');
  expect(it.started()).toEqual([]);
  expect(it.status('left')).toEqual({ is: 'clean', known: true });
});
