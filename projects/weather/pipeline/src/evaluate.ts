/** Evaluate: the model is examined in days that it has not seen. What it finds too bad is not published. */
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { Metrics, Model, Samples } from './products.ts';

export const Evaluate = defineTaskType({
  name: 'Evaluate',
  needs: { model: Model, test: Samples },
  makes: { metrics: Metrics },
  parameters: z.strictObject({ accuracyAtLeast: z.number().min(0).max(1).default(0.8) }),
})
  .step('evaluate', {
    async run({ inputs, outputs }) {
      const [{ examine }, { model, readJson, sample, writeJson }] = [
        await import('./softmax.ts'),
        await import('./days.ts'),
      ];
      const learned = await readJson(inputs.model.weights.path, model);
      const samples = await readJson(inputs.test.samples.path, z.array(sample));
      await writeJson(outputs.metrics.metrics.path, examine(learned, samples));
    },
  })
  .check('the model is accurate enough', async ({ outputs, parameters: { accuracyAtLeast } }) => {
    const { metrics, readJson } = await import('./days.ts');
    const { accuracy } = await readJson(outputs.metrics.metrics.path, metrics);
    if (accuracy < accuracyAtLeast)
      throw new Error(`its accuracy is ${accuracy.toFixed(3)}, at least ${accuracyAtLeast} is asked for`);
  });
