/** Review: all shots as one movie, and a sheet that shows them at a glance. */
import { defineTaskType, many } from '@pipl/pipe';
import { z } from 'zod';
import { Frames, Movie } from './products.ts';

const parameters = z.strictObject({
  title: z.string().default('Review'),
  framesPerSecond: z.int().min(1).max(120).default(24),
  /** 10 is nearly lossless, 50 is rough */
  quantization: z.int().min(10).max(51).default(22),
});

export const Review = defineTaskType({
  name: 'Review',
  needs: { shots: many(Frames) },
  makes: { movie: Movie },
  parameters,
})
  .step('edit', {
    async run({ inputs, outputs, parameters: { title, framesPerSecond, quantization }, progress }) {
      const [{ writeMovie }, { writeSheet }] = [await import('./movie.ts'), await import('./sheet.ts')];
      const shots = inputs.shots
        .toSorted((a, b) => (a.product.name < b.product.name ? -1 : 1))
        .map(({ beauty, product }) => ({
          name: product.shortName,
          files: beauty.frames.map((frame) => beauty.frame(frame)),
        }));
      await writeMovie(
        outputs.movie.movie.path,
        shots.flatMap(({ files }) => files),
        { framesPerSecond, quantization },
      );
      progress(80, 'contact sheet');
      await writeSheet(outputs.movie.sheet.path, shots, title);
    },
  })
  .check('the movie has every frame', async ({ inputs, outputs }) => {
    const { framesOfMovie } = await import('./movie.ts');
    const wanted = inputs.shots.reduce((sum, { beauty }) => sum + beauty.frames.length, 0);
    const found = await framesOfMovie(outputs.movie.movie.path);
    if (found !== wanted) throw new Error(`it has ${found} frames, the shots have ${wanted}`);
  });
