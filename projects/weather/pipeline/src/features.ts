/** Features: what the model may look at, as numbers of about the same size. */
import { defineTaskType } from '@pipl/pipe';
import { Days, Samples } from './products.ts';
import type { Day } from './days.ts';

export const Features = defineTaskType({
  name: 'Features',
  needs: { days: Days },
  makes: { samples: Samples },
}).step('features', {
  async run({ inputs, outputs }) {
    const [{ z }, { day, readJson, writeJson }] = [await import('zod'), await import('./days.ts')];
    const days = await readJson(inputs.days.days.path, z.array(day));
    await writeJson(
      outputs.samples.samples.path,
      days.map((today, at) => ({
        date: today.date,
        features: featuresOf(today, days[at - 1] ?? today),
        weather: today.weather,
      })),
    );
  },
});

/** The day, the season, and whether it rained the day before. */
function featuresOf(today: Day, before: Day): number[] {
  const { precipitation, warmest, coldest, wind } = today;
  const turn = (dayOfYear(today.date) / 365.25) * 2 * Math.PI;
  return [
    1,
    Math.log1p(precipitation),
    precipitation > 0 ? 1 : 0,
    warmest / 10,
    coldest / 10,
    (warmest - coldest) / 10,
    wind / 4,
    Math.sin(turn),
    Math.cos(turn),
    Math.log1p(before.precipitation),
    before.precipitation > 0 ? 1 : 0,
    precipitation > 0 && coldest <= 2 ? 1 : 0,
  ].map((value) => Number(value.toFixed(6)));
}

const dayOfYear = (date: string): number =>
  (Date.parse(date) - Date.parse(`${date.slice(0, 4)}-01-01`)) / 86_400_000;
