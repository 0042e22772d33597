#!/usr/bin/env node
/**
 * `weather-exam <accuracy> <first day of the examination>`: the quality gate of the project, a check of its data.
 *
 * Before a new version of the observations reaches anybody, a model learns from its days before that date and is
 * examined in the others. Data that cannot be learned from, or of which one part does not fit the other, is refused.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { daysOf, refuseGaps, samplesOf, splitAt } from './reading.ts';
import { examine, learn } from './softmax.ts';

const context = z.object({
  inputs: z.object({ subject: z.object({ assets: z.object({ table: z.object({ path: z.string() }) }) }) }),
});

async function exam(atLeast: number, testFrom: string): Promise<void> {
  const told = context.parse(JSON.parse(await readFile(process.env['PIPL_CONTEXT'] ?? '', 'utf8')));
  const days = daysOf(await readFile(told.inputs.subject.assets.table.path, 'utf8'));
  refuseGaps(days);
  const { train, test } = splitAt(samplesOf(days), testFrom);
  if (train.length === 0 || test.length === 0)
    throw new Error(`there are no days on one side of ${testFrom}`);
  const { accuracy, majority, samples } = examine(learn(train, { epochs: 400, rate: 1 }), test);
  const message = `its accuracy is ${accuracy.toFixed(3)} on ${samples} days, at least ${atLeast} is asked for`;
  const report = process.env['PIPL_REPORT'];
  const figures = { accuracy: Number(accuracy.toFixed(4)), majority: Number(majority.toFixed(4)) };
  if (report !== undefined) await writeFile(report, JSON.stringify({ message, figures }));
  if (accuracy < atLeast) throw new Error(message);
  console.log(message);
}

const [atLeast, testFrom] = process.argv.slice(2);
exam(Number(atLeast), testFrom ?? '').catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
