/** Features: what the model may look at. */
import { defineTaskType } from '@pipl/pipe';
import { Days, Samples } from './products.ts';

export const Features = defineTaskType({
  name: 'Features',
  needs: { days: Days },
  makes: { samples: Samples },
}).step('features', {
  async run({ inputs, outputs }) {
    const [{ z }, { samplesOf }, { day, readJson, writeJson }] = [
      await import('zod'),
      await import('./reading.ts'),
      await import('./days.ts'),
    ];
    await writeJson(
      outputs.samples.samples.path,
      samplesOf(await readJson(inputs.days.days.path, z.array(day))),
    );
  },
});
