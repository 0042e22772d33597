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
      const [{ csvParse }, { day, writeJson }] = [await import('d3-dsv'), await import('./days.ts')];
      const rows = csvParse(await readFile(inputs.observations.table.path, 'utf8'));
      const days = rows.map((row, line) => {
        const read = day.safeParse({
          date: row['date'],
          precipitation: Number(row['precipitation']),
          warmest: Number(row['temp_max']),
          coldest: Number(row['temp_min']),
          wind: Number(row['wind']),
          weather: row['weather'],
        });
        if (!read.success)
          throw new Error(`line ${line + 2}: ${read.error.issues[0]?.message ?? 'not a day'}`);
        return read.data;
      });
      await writeJson(
        outputs.days.days.path,
        days.toSorted((a, b) => a.date.localeCompare(b.date)),
      );
    },
  })
  .check('every day is there once', async ({ outputs }) => {
    const [{ z }, { day, readJson }] = [await import('zod'), await import('./days.ts')];
    const days = await readJson(outputs.days.days.path, z.array(day));
    const gap = days.find(
      ({ date }, at) => at > 0 && Date.parse(date) - Date.parse(days[at - 1]!.date) !== 86_400_000,
    );
    if (gap !== undefined) throw new Error(`${gap.date} does not follow the day before it`);
  });
