/**
 * Runs the checks of a packl, one after the other, all of them: one run tells everything that is wrong.
 *
 * A check that exits with 0 has passed. It may leave `{"message": …, "figures": {…}}` in the file that
 * PIPL_REPORT names. What the machinery did wrong is no finding of a check: it ends the run.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { piplError, type Check, type CheckResult, type Manifest, type QaReport } from '@pipl/packl';
import { RunEnded, reasonOf } from './ending.ts';
import type { LogLine } from './progress.ts';
import { runProgram, type Place } from './program.ts';

export interface ChecksRequest {
  readonly manifest: Manifest;
  /** the clean workspace of the packl */
  readonly dir: string;
  /** private to the run */
  readonly work: string;
  readonly env: Readonly<Record<string, string>>;
  readonly place: Place;
}

const linesKept = 20;
const longestLine = 400;
const largestReport = 64 * 1024;
const longestMessage = 2000;

/** @throws RunEnded when the run was cancelled, or lost */
export async function runChecks({ manifest, dir, work, env, place }: ChecksRequest): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [at, [name, check]] of Object.entries(manifest.pipl?.checks ?? {}).entries()) {
    const report = join(work, `check-${at}.json`);
    const said = { ...env, PIPL_PACKL: dir, PIPL_CHECK: name, PIPL_REPORT: report };
    const of = `${manifest.name}@${manifest.version}`;
    results.push(
      await timed({ check: name, of }, place, async (heard) => {
        const { argv, timeout } = programOf(name, check, manifest);
        await runProgram({ name, argv, timeout, cwd: dir, env: said }, heard);
      }).then(async (result) => ({ ...result, ...(await told(report, result)) })),
    );
  }
  return results;
}

/** What came of it, as a check would say it. @throws RunEnded for anything but the work's own failure */
export async function timed(
  { check, of }: Pick<CheckResult, 'check' | 'of'>,
  place: Place,
  work: (place: Place) => Promise<unknown>,
): Promise<CheckResult> {
  const began = performance.now();
  const log: string[] = [];
  const seconds = () => Math.round(performance.now() - began) / 1000;
  try {
    await work(hearing(place, log));
    return { check, of, passed: true, seconds: seconds() };
  } catch (error) {
    const ended = error instanceof RunEnded ? error : undefined;
    if (ended?.state !== 'failed' || place.signal.aborted) throw error;
    const message = reasonOf(ended) ?? 'It failed.';
    return { check, of, passed: false, seconds: seconds(), message, ...(log.length === 0 ? {} : { log }) };
  }
}

/** The same place; what is printed there is remembered, the last lines of it. */
function hearing(place: Place, log: string[]): Place {
  const { progress } = place;
  const hear = (line: LogLine) => {
    const { text } = line;
    if (text !== undefined && line['by'] === undefined && !text.startsWith('openjd_')) {
      log.push(text.slice(0, longestLine));
      if (log.length > linesKept) log.shift();
    }
    return progress.log(line);
  };
  return {
    ...place,
    progress: {
      log: hear,
      firstAction: () => progress.firstAction(),
      report: (percent, message) => progress.report(percent, message),
    },
  };
}

function programOf(name: string, check: Check, { scripts }: Manifest) {
  if (Array.isArray(check)) return { argv: check, timeout: undefined };
  if ('command' in check) return { argv: check.command, timeout: check.timeout };
  const script = (scripts as Readonly<Record<string, unknown>> | undefined)?.[check.script];
  if (typeof script === 'string' && !script.includes('{{')) {
    return { argv: ['/bin/sh', '-c', script], timeout: check.timeout };
  }
  throw new RunEnded(
    'failed',
    piplError('invalid', 'PIPL_CHECK', {
      what: `The check "${name}" runs the script "${check.script}", which cannot be run.`,
      why: typeof script === 'string' ? 'It holds {{.' : 'package.json has no such script.',
      hint: 'Name one of "scripts", or give the check a command.',
    }),
  );
}

/** What the check says about itself. */
async function told(file: string, { message }: CheckResult): Promise<Partial<CheckResult>> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  const unread = (why: string) => ({
    message: [message, `Its report is not used: ${why}.`].filter(Boolean).join(' '),
  });
  if (text.length > largestReport) return unread(`it is larger than ${largestReport} bytes`);
  try {
    const said = JSON.parse(text) as { message?: unknown; figures?: unknown };
    const figures = Object.entries((said.figures ?? {}) as object).filter(
      ([, value]) => typeof value === 'number' || typeof value === 'string',
    );
    return {
      ...(typeof said.message === 'string' ? { message: said.message } : {}),
      ...(figures.length === 0 ? {} : { figures: Object.fromEntries(figures) as Record<string, number> }),
    };
  } catch {
    return unread('it is not JSON');
  }
}

/** The report is on the disk before anybody is told how the run ended. @throws RunEnded when a check failed */
export async function conclude(folder: string, found: readonly CheckResult[]): Promise<void> {
  const checks = found.map(({ message, ...rest }) => ({
    ...rest,
    ...(message === undefined ? {} : { message: message.slice(0, longestMessage) }),
  }));
  await writeFile(join(folder, 'checks.json'), JSON.stringify({ checks } satisfies QaReport), {
    flush: true,
  });
  const failed = checks.filter(({ passed }) => !passed);
  const [first] = failed;
  if (first === undefined) return;
  throw new RunEnded(
    'failed',
    piplError('taskFailed', 'PIPL_CHECK_FAILED', {
      what: `${failed.length} of ${checks.length} checks failed: ${failed.map(({ check }) => check).join(', ')}.`,
      why: first.message ?? 'It did not say why.',
      hint: '`pipl runs` lists runs, `pipl logs` shows what a run printed.',
      problems: failed.map(({ check, message = 'failed' }) => `${check}: ${message}`),
    }),
  );
}
