/** What the compiler infers and refuses; `tsc` checks the expected errors, the tests check what happens then. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineAssetType, defineProductType, defineTaskType, many } from '../src/index.ts';

const GltfScene = defineAssetType({
  name: 'GltfScene',
  kind: 'file',
  basename: ({ product, revision }) => `${product.shortName}_v${String(revision).padStart(3, '0')}.glb`,
});
const FrameSequence = defineAssetType({
  name: 'FrameSequence',
  kind: 'sequence',
  basename: ({ product, frame }) => `${product.shortName}.${String(frame).padStart(4, '0')}.png`,
});
const Anim = defineProductType({ name: 'Anim', assets: { scene: GltfScene } });
const Frames = defineProductType({ name: 'Frames', assets: { beauty: FrameSequence } });
const Render = defineTaskType({
  name: 'Render',
  needs: { anim: Anim, takes: many(Frames) },
  makes: { frames: Frames },
  parameters: z.object({ frames: z.string().default('1001-1024'), width: z.int().min(16).default(320) }),
});

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(equal: Equal<A, B>): boolean => equal;

test('inputs, outputs, parameters and the point are inferred', () => {
  const rendered = Render.step('render', {
    over: { frame: ({ frames }) => frames, view: () => ['left', 'right'] as const, pass: () => [1, 2] },
    run({ inputs, outputs, parameters, point, progress }) {
      same<typeof inputs.anim.scene.path, string>(true);
      same<(typeof inputs.takes)[number]['beauty']['frames'], readonly number[]>(true);
      same<typeof inputs.anim.product.version, string>(true);
      same<ReturnType<typeof outputs.frames.beauty.frame>, string>(true);
      same<typeof parameters, { frames: string; width: number }>(true);
      same<typeof point, { readonly frame: number; readonly view: string; readonly pass: number }>(true);
      progress(100, `frame ${point.frame.toFixed()} ${point.view.toUpperCase()}`);
    },
  })
    .check('there', ({ outputs }) => void outputs.frames.beauty.written().size)
    .command('view', { label: 'View', run: ({ outputs }) => void outputs.frames.beauty.dir });

  expect(rendered.steps.map(({ name }) => name)).toEqual(['render']);
  expect(Render.steps).toEqual([]);
});

test('wrong uses are refused by the compiler', () => {
  // @ts-expect-error no such input
  Render.step('x', { run: ({ inputs }) => void inputs.rig });
  // @ts-expect-error a file has no frames
  Render.step('x', { run: ({ inputs }) => void inputs.anim.scene.frame(1) });
  // @ts-expect-error a sequence has no single path
  Render.step('x', { run: ({ outputs }) => void outputs.frames.beauty.path });
  // @ts-expect-error no such parameter
  Render.step('x', { over: { frame: ({ start }) => start }, run: () => {} });
  // @ts-expect-error no such dimension
  Render.step('x', { over: { frame: ({ frames }) => frames }, run: ({ point }) => void point.view });
  // @ts-expect-error a step without points has none
  Render.step('x', { run: ({ point }) => void point.frame });
  // @ts-expect-error the name of a file does not depend on a frame
  defineAssetType({ name: 'X', kind: 'file', basename: ({ frame }) => `${String(frame)}.png` });
  // @ts-expect-error not a kind
  defineAssetType({ name: 'X', kind: 'image', basename: () => 'x.png' });

  expect(Render.steps).toEqual([]);
});

test('names that cannot be are refused when they are written', () => {
  const once = Render.step('render', { run: () => {} });

  expect(() => once.step('render', { run: () => {} })).toThrow('Task type Render has two called "render".');
  expect(() => Render.step('', { run: () => {} })).toThrow('is not a name of 1 to 64 characters');
  expect(() => Render.step('{{Param.X}}', { run: () => {} })).toThrow('is not a name');
  expect(() => defineProductType({ name: 'P', assets: { product: GltfScene } })).toThrow(
    'cannot be called "product"',
  );
});
