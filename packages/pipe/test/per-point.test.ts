/** What a point has declared not to read is not there for it; a declaration that cannot be true is refused. */
import { expect, test } from 'vitest';
import { defineAssetType, defineProductType, defineTaskType, type Schema } from '../src/index.ts';
import { givenTo } from '../src/per-point.ts';
import { templateOf } from '../src/template.ts';
import type { TaskDefinition } from '../src/task-types.ts';

const parameters: Schema<{ frames: string; width: number }> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as never }) },
};
const Frame = defineAssetType({
  name: 'Frame',
  kind: 'sequence',
  basename: ({ product, frame }) => `${product.shortName}.${frame}.png`,
});
const Stamped = defineAssetType({
  name: 'Stamped',
  kind: 'sequence',
  basename: ({ revision, frame }) => `v${revision}.${frame}.png`,
});
const Frames = defineProductType({ name: 'Frames', assets: { beauty: Frame, stamped: Stamped } });
const type = defineTaskType({ name: 'Comp', needs: { frames: Frames }, makes: { comp: Frames }, parameters });
const over = { frame: ({ frames }: { frames: string }) => frames };
const run = (): void => {};

const problemsOf = (definition: TaskDefinition): unknown => {
  try {
    return templateOf('@film/pipeline#Comp', definition, { frames: '1-4', width: 2 });
  } catch (error) {
    return (error as { problems: unknown }).problems;
  }
};

test('a point reads its own frame and the parameters that it did not renounce, and nothing else', () => {
  const { steps } = type.step('comp', {
    over,
    perPoint: { makes: ['comp.beauty'], ignores: ['frames'], reads: ['frames.beauty'] },
    run,
  });
  const product = { name: '@film/x', shortName: 'x', version: '1.0.0' };
  const beauty = { kind: 'sequence', dir: '/in', frames: [1, 2], frame: (frame: number) => `/in/${frame}` };
  const given = givenTo(steps[0]!, { frame: 2 }, {
    inputs: { frames: { beauty, product } },
    outputs: { comp: { beauty: { frame: (frame: number) => `/out/${frame}` }, product } },
    parameters: { frames: '1-4', width: 320 },
    task: { name: '@film/comp', version: '1.0.0' },
  } as never) as never as Record<string, Record<string, never>>;
  const read = (path: string): unknown =>
    path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], given);

  expect(read('parameters.width')).toBe(320);
  expect((read('inputs.frames.beauty.frame') as (frame: number) => string)(2)).toBe('/in/2');
  expect(() => (read('inputs.frames.beauty.frame') as (frame: number) => string)(1)).toThrow(
    'Point 2 reads frame 1 of frames.beauty, though step comp says',
  );
  for (const hidden of [
    'parameters.frames',
    'task.version',
    'outputs.comp.product.version',
    'inputs.frames.product',
    'inputs.frames.beauty.dir',
  ]) {
    expect(() => read(hidden)).toThrow('in perPoint');
  }
});

test('a declaration that cannot be true is refused with the job', () => {
  const declared = (perPoint: object, more: object = { over }) =>
    problemsOf(type.step('comp', { ...more, perPoint: perPoint as never, run }));
  expect(declared({ makes: ['comp.beauty'] })).toMatchObject({ name: 'Comp' });
  expect(declared({ makes: ['comp.depth'] })).toEqual([
    expect.stringContaining('no sequence that Comp makes'),
  ]);
  expect(declared({ makes: ['comp.stamped'] })).toEqual([expect.stringContaining('after the version')]);
  expect(declared({ makes: [] })).toEqual([expect.stringContaining('makes nothing')]);
  expect(declared({ makes: ['comp.beauty'], reads: ['other.beauty'] })).toEqual([
    expect.stringContaining('no sequence of one product'),
  ]);
  expect(declared({ makes: ['comp.beauty'] }, {})).toEqual([expect.stringContaining('one dimension')]);
});

test('the compiler knows the sequences and the parameters', () => {
  expect(() => {
    // @ts-expect-error -- no such sequence
    type.step('a', { over, perPoint: { makes: ['comp.depth'] }, run });
    // @ts-expect-error -- no such parameter
    type.step('b', { over, perPoint: { makes: ['comp.beauty'], ignores: ['height'] }, run });
    // @ts-expect-error -- that is made, not read
    type.step('c', { over, perPoint: { makes: ['comp.beauty'], reads: ['comp.beauty'] }, run });
  }).not.toThrow();
});
