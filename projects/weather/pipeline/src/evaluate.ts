/** Evaluate: the model is examined in days that it has not seen. Its check is the project's quality gate. */
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
      const [{ predict }, { kinds, model, readJson, sample, writeJson }] = [
        await import('./softmax.ts'),
        await import('./days.ts'),
      ];
      const learned = await readJson(inputs.model.weights.path, model);
      const samples = await readJson(inputs.test.samples.path, z.array(sample));
      const confusion = kinds.map(() => kinds.map(() => 0));
      for (const { features, weather } of samples) {
        confusion[kinds.indexOf(weather)]![predict(learned, features)]! += 1;
      }
      const right = confusion.reduce((sum, row, kind) => sum + row[kind]!, 0);
      const most = Math.max(...confusion.map((row) => row.reduce((a, b) => a + b, 0)));
      await writeJson(outputs.metrics.metrics.path, {
        samples: samples.length,
        accuracy: right / samples.length,
        majority: most / samples.length,
        confusion,
      });
    },
  })
  .check('the model is accurate enough', async ({ outputs, parameters: { accuracyAtLeast } }) => {
    const { metrics, readJson } = await import('./days.ts');
    const { accuracy } = await readJson(outputs.metrics.metrics.path, metrics);
    if (accuracy < accuracyAtLeast)
      throw new Error(`its accuracy is ${accuracy.toFixed(3)}, at least ${accuracyAtLeast} is asked for`);
  });
