/** Clean: the table of observations as typed days, in order, each once. */
import { readFile } from 'node:fs/promises';
import { defineTaskType } from '@pipl/pipe';
import { Days, Observations } from './products.ts';

export const Clean = defineTaskType({
  name: 'Clean',
  needs: { observations: Observations },
  makes: { days: Days },
})
  .step('clean', {
    async run({ inputs, outputs }) {
      const [{ daysOf }, { writeJson }] = [await import('./reading.ts'), await import('./days.ts')];
      await writeJson(outputs.days.days.path, daysOf(await readFile(inputs.observations.table.path, 'utf8')));
    },
  })
  .check('every day is there once', async ({ outputs }) => {
    const [{ z }, { refuseGaps }, { day, readJson }] = [
      await import('zod'),
      await import('./reading.ts'),
      await import('./days.ts'),
    ];
    refuseGaps(await readJson(outputs.days.days.path, z.array(day)));
  });
