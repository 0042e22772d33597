/** From what was measured to what the model looks at. */
import { csvParse } from 'd3-dsv';
import { day, type Day, type Sample } from './days.ts';

/** @param csv the table as it was measured @throws Error naming the line that is no day */
export function daysOf(csv: string): Day[] {
  const days = csvParse(csv).map((row, line) => {
    const read = day.safeParse({
      date: row['date'],
      precipitation: Number(row['precipitation']),
      warmest: Number(row['temp_max']),
      coldest: Number(row['temp_min']),
      wind: Number(row['wind']),
      weather: row['weather'],
    });
    if (!read.success) throw new Error(`line ${line + 2}: ${read.error.issues[0]?.message ?? 'not a day'}`);
    return read.data;
  });
  return days.toSorted((a, b) => a.date.localeCompare(b.date));
}

/** @throws Error naming the first day that does not follow the one before it */
export function refuseGaps(days: readonly Day[]): void {
  const gap = days.find(
    ({ date }, at) => at > 0 && Date.parse(date) - Date.parse(days[at - 1]!.date) !== 86_400_000,
  );
  if (gap !== undefined) throw new Error(`${gap.date} does not follow the day before it`);
}

export const samplesOf = (days: readonly Day[]): Sample[] =>
  days.map((today, at) => ({
    date: today.date,
    features: featuresOf(today, days[at - 1] ?? today),
    weather: today.weather,
  }));

/** The day, the season, and the rain of the day before. */
function featuresOf(today: Day, before: Day): number[] {
  const { precipitation, warmest, coldest, wind } = today;
  const turn = (dayOfYear(today.date) / 365.25) * 2 * Math.PI;
  return [
    Math.log1p(precipitation),
    precipitation > 0 ? 1 : 0,
    warmest,
    coldest,
    warmest - coldest,
    wind,
    Math.sin(turn),
    Math.cos(turn),
    Math.log1p(before.precipitation),
  ].map((value) => Number(value.toFixed(6)));
}

const dayOfYear = (date: string): number =>
  (Date.parse(date) - Date.parse(`${date.slice(0, 4)}-01-01`)) / 86_400_000;

/** Days before a date to learn from, days from it on to be examined in. */
export const splitAt = (
  samples: readonly Sample[],
  testFrom: string,
): { train: Sample[]; test: Sample[] } => ({
  train: samples.filter(({ date }) => date < testFrom),
  test: samples.filter(({ date }) => date >= testFrom),
});
