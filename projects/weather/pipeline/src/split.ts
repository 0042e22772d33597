/** Split: days before a date to learn from, days from it on to be examined in. */
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { Samples } from './products.ts';

export const Split = defineTaskType({
  name: 'Split',
  needs: { samples: Samples },
  makes: { train: Samples, test: Samples },
  parameters: z.strictObject({ testFrom: z.iso.date() }),
})
  .step('split', {
    async run({ inputs, outputs, parameters: { testFrom } }) {
      const [{ splitAt }, { readJson, sample, writeJson }] = [
        await import('./reading.ts'),
        await import('./days.ts'),
      ];
      const samples = await readJson(inputs.samples.samples.path, z.array(sample));
      const { train, test } = splitAt(samples, testFrom);
      await writeJson(outputs.train.samples.path, train);
      await writeJson(outputs.test.samples.path, test);
    },
  })
  .check('there is something on both sides', async ({ outputs }) => {
    const { readJson, sample } = await import('./days.ts');
    for (const { samples } of [outputs.train, outputs.test]) {
      if ((await readJson(samples.path, z.array(sample))).length === 0)
        throw new Error(`${samples.path} is empty`);
    }
  });
