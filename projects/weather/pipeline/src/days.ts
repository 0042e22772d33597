/** What stands in the files between the tasks, read and checked. */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

export const kinds = ['drizzle', 'fog', 'rain', 'snow', 'sun'] as const;

export const day = z.strictObject({
  date: z.iso.date(),
  /** mm */
  precipitation: z.number().min(0),
  /** degrees Celsius */
  warmest: z.number(),
  /** degrees Celsius */
  coldest: z.number(),
  /** m/s */
  wind: z.number().min(0),
  weather: z.enum(kinds),
});
export type Day = z.output<typeof day>;

export const sample = z.strictObject({
  date: z.iso.date(),
  features: z.array(z.number()),
  weather: z.enum(kinds),
});
export type Sample = z.output<typeof sample>;

export const model = z.strictObject({
  /** of each feature in what it learned from: features are taken in deviations from their mean */
  mean: z.array(z.number()),
  deviation: z.array(z.number()),
  /** one row for each of {@link kinds}: the weight of one, then of each feature */
  weights: z.array(z.array(z.number())),
  epochs: z.int(),
});
export type Model = z.output<typeof model>;

export const metrics = z.strictObject({
  samples: z.int().min(1),
  /** 0..1 */
  accuracy: z.number(),
  /** what always saying the most frequent weather would reach, 0..1 */
  majority: z.number(),
  /** rows: what it was; columns: what the model said */
  confusion: z.array(z.array(z.int())),
});
export type Metrics = z.output<typeof metrics>;

/** @throws ZodError naming what is not as it should be */
export const readJson = async <Value>(path: string, schema: z.ZodType<Value>): Promise<Value> =>
  schema.parse(JSON.parse(await readFile(path, 'utf8')));

export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFile(path, `${JSON.stringify(value, null, 1)}\n`);
