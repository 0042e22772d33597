/**
 * What handlers read from disk: templates of the project, and the reports that runs for QA leave.
 *
 * A file that cannot be read stops nobody: it is told where its text would be, and the handling ends by it.
 */
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { QaReport } from '@pipl/packl';
import type { Declared, HandlerRun, Template } from './types.ts';

/** @returns undefined when the handler names none, or it is not there */
export async function templateOf(project: string, { handler }: Declared): Promise<Template | undefined> {
  if (handler.kind !== 'job' || !handler.template.startsWith('./')) return undefined;
  const file = resolve(project, handler.template);
  if (relative(project, file).startsWith('..')) return undefined;
  try {
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    return isMissing(error) ? undefined : { unreadable: reasonOf(error) };
  }
}

/**
 * Undefined when the run left none, or died while it wrote it. One that is there and cannot be read passes nothing: a
 * gate must not open by it.
 */
export async function reportOf(
  runsDir: string,
  { attempt, name, version }: Pick<HandlerRun, 'attempt' | 'name' | 'version'>,
): Promise<QaReport | undefined> {
  try {
    const text = await readFile(join(runsDir, attempt, 'checks.json'), 'utf8');
    const report = JSON.parse(text) as Partial<QaReport>;
    return Array.isArray(report.checks) ? { checks: report.checks } : undefined;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    const message = `checks.json of run ${attempt} cannot be read: ${reasonOf(error)}`;
    return { checks: [{ of: `${name}@${version}`, check: 'runs', passed: false, seconds: 0, message }] };
  }
}

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
