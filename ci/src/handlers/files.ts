/** What handlers read from disk: templates of the project, and the reports that runs for QA leave. */
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { QaReport } from '@pipl/packl';
import type { Declared } from './types.ts';

/** @returns undefined when the handler names none, or it is not there */
export async function templateOf(project: string, { handler }: Declared): Promise<string | undefined> {
  if (handler.kind !== 'job' || !handler.template.startsWith('./')) return undefined;
  const file = resolve(project, handler.template);
  if (relative(project, file).startsWith('..')) return undefined;
  return readFile(file, 'utf8').catch(() => undefined);
}

/** Undefined when the run left none, or died while it wrote it. */
export async function reportOf(runsDir: string, attempt: string): Promise<QaReport | undefined> {
  const text = await readFile(join(runsDir, attempt, 'checks.json'), 'utf8').catch(() => '');
  try {
    const report = JSON.parse(text) as Partial<QaReport>;
    return Array.isArray(report.checks) ? { checks: report.checks } : undefined;
  } catch {
    return undefined;
  }
}
