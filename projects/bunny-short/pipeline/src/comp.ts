/** Compositing: a grade and a burn-in for each frame. */
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { Frames } from './products.ts';

const triple = z.tuple([z.number(), z.number(), z.number()]);
/** Display values: 1 leaves a picture as it is. */
const grade = z.strictObject({
  gain: z.number().min(0).max(4).default(1),
  tint: triple.default([1, 1, 1]),
  contrast: z.number().min(0).max(4).default(1),
  saturation: z.number().min(0).max(4).default(1),
  vignette: z.number().min(0).max(1).default(0.25),
});

const parameters = z.strictObject({
  frames: z.string().default('1001-1024'),
  shot: z.string(),
  grade: grade.prefault({}),
});

export type Grade = z.output<typeof grade>;

export const Comp = defineTaskType({
  name: 'Comp',
  needs: { frames: Frames },
  makes: { comp: Frames },
  parameters,
})
  .step('comp', {
    over: { frame: ({ frames }) => frames },
    chunk: 32,
    // A picture is graded by itself: new pictures beside it change nothing about it.
    perPoint: { makes: ['comp.beauty'], ignores: ['frames'], reads: ['frames.beauty'] },
    async run({ inputs, outputs, parameters: { shot, grade: look }, point: { frame }, progress }) {
      const { compose } = await import('./compose.ts');
      await compose({
        from: inputs.frames.beauty.frame(frame),
        to: outputs.comp.beauty.frame(frame),
        look,
        shot,
        frame,
      });
      progress(100, `frame ${frame}`);
    },
  })
  .check('every frame is there, as big as it was', async ({ inputs, outputs, parameters: { frames } }) => {
    const [{ checkFrames }, { default: sharp }] = [await import('./check-frames.ts'), await import('sharp')];
    const { width = 0, height = 0 } = await sharp(
      inputs.frames.beauty.frame(inputs.frames.beauty.frames[0] ?? 0),
    ).metadata();
    await checkFrames(outputs.comp.beauty.written(), { frames, width, height });
  });
