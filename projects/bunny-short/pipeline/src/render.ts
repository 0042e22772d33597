/** Rendering: a frame for each key of the shot, by ray casting on the processor. */
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { Curves, Frames, Model } from './products.ts';

const parameters = z.strictObject({
  frames: z.string().default('1001-1024'),
  width: z.int().min(16).max(4096).default(320),
  height: z.int().min(16).max(4096).default(180),
  mood: z.enum(['morning', 'dusk']).default('morning'),
});

export const Render = defineTaskType({
  name: 'Render',
  needs: { anim: Curves, model: Model },
  makes: { frames: Frames },
  parameters,
})
  .step('render', {
    over: { frame: ({ frames }) => frames },
    // Reading a shot and working out its ambient light costs as much as two frames.
    chunk: 12,
    perPoint: { makes: ['frames.beauty'], ignores: ['frames'] },
    async run({ inputs, outputs, parameters: { width, height, mood }, point, progress }) {
      const { rendererOf } = await import('./renderer.ts');
      const renderer = await rendererOf({
        anim: inputs.anim.scene.path,
        model: inputs.model.scene.path,
        mood,
      });
      await renderer(point.frame, { width, height, file: outputs.frames.beauty.frame(point.frame) });
      progress(100, `frame ${point.frame}`);
    },
  })
  .check(
    'every frame is there and shows something',
    async ({ outputs, parameters: { frames, width, height } }) => {
      const { checkFrames } = await import('./check-frames.ts');
      await checkFrames(outputs.frames.beauty.written(), { frames, width, height });
    },
  );
