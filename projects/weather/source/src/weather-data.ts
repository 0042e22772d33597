#!/usr/bin/env node
/**
 * `weather-data seattle|flights <file> [--fahrenheit-from YYYY-MM-DD]`
 *
 * Writes 1,461 days of Seattle as NOAA measured them (CSV, degrees Celsius), or 200,000 flights (JSON). With
 * `--fahrenheit-from` the temperatures from that day on are in degrees Fahrenheit: the mistake that a gate must catch.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { csvFormat, csvParse } from 'd3-dsv';

const usage = 'usage: weather-data seattle|flights <file> [--fahrenheit-from YYYY-MM-DD]';
const files = { seattle: 'seattle-weather.csv', flights: 'flights-200k.json' } as const;

const fahrenheit = (celsius: string | undefined): string => ((Number(celsius) * 9) / 5 + 32).toFixed(1);

function mistaken(csv: string, from: string): string {
  const days = csvParse(csv);
  const wrong = days.map((day) =>
    (day['date'] ?? '') < from
      ? day
      : { ...day, temp_max: fahrenheit(day['temp_max']), temp_min: fahrenheit(day['temp_min']) },
  );
  return `${csvFormat(wrong, days.columns)}\n`;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'fahrenheit-from': { type: 'string' } },
});
const [table, to] = positionals;
const from = values['fahrenheit-from'];
if (
  (table !== 'seattle' && table !== 'flights') ||
  to === undefined ||
  (from !== undefined && table === 'flights')
) {
  console.error(usage);
  process.exit(2);
}
// Its files lie beside what the package exports.
const source = fileURLToPath(new URL(`../data/${files[table]}`, import.meta.resolve('vega-datasets')));
if (from === undefined) await copyFile(source, to);
else await writeFile(to, mistaken(await readFile(source, 'utf8'), from));
