/** What may be published: by runs, and by people. */
import { expect, test } from 'vitest';
import { codeManifest, productManifest, taskManifest } from '../../src/step/explorer/world.ts';
import { diamond, refusal, studio } from './studio.ts';

test('a run may publish exactly what its ticket names, all of it, and where', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  const { attempt } = it.running('left');
  const release = (...manifests: ReturnType<typeof productManifest>[]) =>
    refusal(() => it.world.release(manifests, { run: attempt }));
  const mine = productManifest('l', '1.1.0', 'left 2');
  for (const told of [
    release(productManifest('l', '9.0.0', 'x')),
    release(),
    release(mine, productManifest('r', '1.5.0', 'x')),
  ])
    expect(told).toMatchObject({ code: 'PIPL_RUN_PRODUCTS', exitStatus: 6 });
});

test('a run that is over is told how it ended', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  const { attempt } = it.running('left');
  it.fails('left', 'exit 3');
  const told = refusal(() => it.world.release([productManifest('l', '1.1.0', 'x')], { run: attempt }));
  expect(told).toMatchObject({ code: 'PIPL_RUN_OVER', why: 'It ended as failed (exit 3).', exitStatus: 4 });
});

test('a withdrawal that the reactor has not heard of yet already fences the run', () => {
  const it = diamond();
  it.product('src', '1.1.0');
  const { attempt } = it.running('left');
  it.world.withdraw('src', '1.1.0');
  expect(it.world.publishRun(attempt, { l: 'late' })).toBe(false);
});

test('a type that is not there is refused and says what is', () => {
  const it = studio();
  const define = (type: string, dependencies: Record<string, string>) => {
    const manifest = taskManifest('arm', { reads: {}, makes: ['a'] });
    const { pipl } = manifest;
    if (pipl?.kind !== 'task') throw new Error('a task is a task');
    return refusal(() => it.world.release([{ ...manifest, dependencies, pipl: { ...pipl, type } }]));
  };
  const unknown = { code: 'PIPL_TYPE_UNKNOWN', exitStatus: 3 };
  expect(define('types/t#Nope', { types: '^1.0.0' })).toMatchObject({
    ...unknown,
    why: 'types@1.0.0 declares the task types types/t#T.',
  });
  expect(define('@film/none/t#T', { '@film/none': '^1.0.0' })).toMatchObject({
    ...unknown,
    why: 'There is no packl @film/none in root/PROJ.',
  });
  expect(define('types/t#T', { types: '^2.0.0' })).toMatchObject({
    ...unknown,
    why: 'Nothing satisfies types ^2.0.0: there is 1.0.0.',
  });
  expect(define('types/t#T', {})).toMatchObject({ code: 'PIPL_TASK_INPUTS', exitStatus: 7 });
});

test('a product of an unknown type is refused too', () => {
  const it = studio();
  const pipl = { kind: 'product', type: 'types/p#Nope', assets: {} } as const;
  const told = refusal(() => it.world.release([{ name: 'p', version: '1.0.0', pipl }]));
  expect(told).toMatchObject({
    code: 'PIPL_TYPE_UNKNOWN',
    exitStatus: 3,
    why: 'types@1.0.0 declares the product types types/p#P.',
  });
});

test('an input without a dependency range is refused; one that nobody has published yet is not', () => {
  const it = studio();
  const manifest = taskManifest('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  const told = refusal(() => it.world.release([{ ...manifest, dependencies: { types: '^1.0.0' } }]));
  expect(told).toMatchObject({
    code: 'PIPL_TASK_INPUTS',
    exitStatus: 7,
    why: 'src fills a slot, but is not among the dependencies',
  });
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  expect(it.status('arm')).toEqual({
    is: 'blocked',
    by: [{ is: 'missing', name: 'src', range: '^1.0.0', from: 'arm@1.0.0', versions: [] }],
  });
});

test('what a task makes can be nothing but a product', () => {
  const it = diamond();
  expect(refusal(() => it.define('other', { reads: {}, makes: ['types'] }))).toMatchObject({
    code: 'PIPL_NOT_A_PRODUCT_NAME',
  });
  expect(refusal(() => it.world.release([codeManifest('movie', '2.0.0')]))).toMatchObject({
    code: 'PIPL_NOT_A_PRODUCT_NAME',
  });
});

test('a cycle within one release is seen before anything is written', () => {
  const it = studio();
  const told = refusal(() =>
    it.world.release([
      taskManifest('one', { reads: { b: '^1.0.0' }, makes: ['a'] }),
      taskManifest('two', { reads: { a: '^1.0.0' }, makes: ['b'] }),
    ]),
  );
  expect(told).toMatchObject({
    code: 'PIPL_TASK_CYCLE',
    exitStatus: 7,
    message: 'one would feed itself: one → a → two → b → one.',
  });
});

test('two publishes in a row, not yet heard of, cannot make a cycle or a second maker together', () => {
  const it = studio();
  it.world.release([taskManifest('one', { reads: { b: '^1.0.0' }, makes: ['a'] })]);
  expect(
    refusal(() => it.world.release([taskManifest('two', { reads: { a: '^1.0.0' }, makes: ['b'] })])),
  ).toMatchObject({ code: 'PIPL_TASK_CYCLE' });
  expect(refusal(() => it.world.release([taskManifest('three', { reads: {}, makes: ['a'] })]))).toMatchObject(
    { code: 'PIPL_PRODUCT_MADE' },
  );
});
