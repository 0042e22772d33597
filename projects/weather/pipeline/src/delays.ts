/** Delays: 200,000 flights, by the hour they leave in. */
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { Delays as DelaysProduct, Flights } from './products.ts';

const flight = z.object({ delay: z.number(), time: z.number().min(0).max(24) });

export const Delays = defineTaskType({
  name: 'Delays',
  needs: { flights: Flights },
  makes: { delays: DelaysProduct },
  parameters: z.strictObject({ lateFromMinutes: z.number().default(15) }),
})
  .step('aggregate', {
    async run({ inputs, outputs, parameters: { lateFromMinutes } }) {
      const { readJson, writeJson } = await import('./days.ts');
      const flights = await readJson(inputs.flights.table.path, z.array(flight));
      const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, flights: 0, late: 0 }));
      for (const { delay, time } of flights) {
        const bucket = hours[Math.min(23, Math.floor(time))]!;
        bucket.flights += 1;
        if (delay >= lateFromMinutes) bucket.late += 1;
      }
      await writeJson(outputs.delays.hours.path, hours);
    },
  })
  .check('no hour has more late flights than flights', async ({ outputs }) => {
    const { readJson } = await import('./days.ts');
    const hours = await readJson(
      outputs.delays.hours.path,
      z.array(z.object({ hour: z.int(), flights: z.int(), late: z.int() })),
    );
    const wrong = hours.find(({ flights, late }) => late > flights);
    if (wrong !== undefined)
      throw new Error(`hour ${wrong.hour}: ${wrong.late} of ${wrong.flights} are late`);
  });
