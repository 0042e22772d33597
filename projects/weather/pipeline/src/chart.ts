/** Chart: how many flights of each hour are late. */
import { writeFile } from 'node:fs/promises';
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { Chart as ChartProduct, Delays } from './products.ts';

const hour = z.object({ hour: z.int(), flights: z.int(), late: z.int() });

export const Chart = defineTaskType({
  name: 'Chart',
  needs: { delays: Delays },
  makes: { chart: ChartProduct },
  parameters: z.strictObject({ title: z.string().default('Late flights') }),
}).step('draw', {
  async run({ inputs, outputs, parameters: { title } }) {
    const [{ drawn }, { readJson }] = [await import('./drawing.ts'), await import('./days.ts')];
    const hours = await readJson(inputs.delays.hours.path, z.array(hour));
    const values = hours.map((one) => ({
      hour: one.hour,
      share: one.flights === 0 ? 0 : one.late / one.flights,
    }));
    const svg = await drawn({
      title,
      data: { values },
      mark: 'bar',
      width: 480,
      height: 200,
      encoding: {
        x: { field: 'hour', type: 'ordinal', title: 'hour of departure' },
        y: { field: 'share', type: 'quantitative', title: 'share of late flights', axis: { format: '%' } },
      },
    });
    await writeFile(outputs.chart.chart.path, svg);
  },
});
