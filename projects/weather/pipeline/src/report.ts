/** Report: one page that says how good the model is and where it errs. */
import { writeFile } from 'node:fs/promises';
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { Metrics, Report as ReportProduct } from './products.ts';

export const Report = defineTaskType({
  name: 'Report',
  needs: { metrics: Metrics },
  makes: { report: ReportProduct },
  parameters: z.strictObject({ title: z.string().default('Weather') }),
}).step('report', {
  async run({ inputs, outputs, parameters: { title } }) {
    const [{ drawn }, { kinds, metrics, readJson }] = [
      await import('./drawing.ts'),
      await import('./days.ts'),
    ];
    const { accuracy, confusion, majority, samples } = await readJson(inputs.metrics.metrics.path, metrics);
    const values = confusion.flatMap((row, was) =>
      row.map((days, said) => ({ was: kinds[was], said: kinds[said], days })),
    );
    const chart = await drawn({
      data: { values },
      mark: 'rect',
      width: 240,
      height: 240,
      encoding: {
        x: { field: 'said', type: 'nominal', title: 'the model said' },
        y: { field: 'was', type: 'nominal', title: 'it was' },
        color: { field: 'days', type: 'quantitative', scale: { type: 'sqrt' } },
      },
    });
    const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
    const text = (raw: string): string => raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    await writeFile(
      outputs.report.page.path,
      `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${text(title)}</title>
<h1>${text(title)}</h1>
<p>On ${samples} days that it had not seen, the model was right on ${percent(accuracy)}. Always saying the most
frequent weather would be right on ${percent(majority)}.</p>
${chart}
</html>
`,
    );
  },
});
