/** Train: a model of the weather of a day. */
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { Model, Samples } from './products.ts';

export const Train = defineTaskType({
  name: 'Train',
  needs: { train: Samples },
  makes: { model: Model },
  parameters: z.strictObject({
    epochs: z.int().min(1).max(100_000).default(400),
    rate: z.number().positive().default(1),
  }),
})
  .step('train', {
    async run({ inputs, outputs, parameters }) {
      const [{ learn }, { readJson, sample, writeJson }] = [
        await import('./softmax.ts'),
        await import('./days.ts'),
      ];
      const samples = await readJson(inputs.train.samples.path, z.array(sample));
      await writeJson(outputs.model.weights.path, learn(samples, parameters));
    },
  })
  .check('every weight is a number', async ({ outputs }) => {
    const { model, readJson } = await import('./days.ts');
    await readJson(outputs.model.weights.path, model);
  });
