/**
 * One command of `openjd`, from its arguments to its report. This is what other command lines build on: it
 * prints nothing but the log of a run, through `write`.
 */
import { readArguments, type Arguments } from './arguments.ts';
import { commandHelp } from './help.ts';
import type { Stops } from './local-session.ts';
import { commandLines, type CommandName } from './options.ts';
import type { OutputFormat } from './print.ts';
import { CommandFault, isOnPurpose, reportOf, UsageFault, type Report } from './report.ts';

export interface Surroundings {
  /** Relative paths are seen from here. Absolute. */
  readonly cwd: string;
  /** Takes the log of a run as it happens; without it the log is part of the report. */
  readonly write: ((text: string) => void | Promise<void>) | undefined;
  readonly stops: Stops;
}

export interface Performed {
  readonly report: Report;
  readonly output: OutputFormat;
}

/** @throws UsageFault if the arguments cannot be understood; anything else that is wrong is the report */
export async function perform(
  name: CommandName,
  args: readonly string[],
  around: Surroundings,
): Promise<Performed> {
  const given = readArguments(name, commandLines[name], args);
  const output = (given.value('--output') ?? 'human-readable') as OutputFormat;
  if (given.has('--help')) return { report: await help(name, given, around), output: 'human-readable' };
  const live = { ...around, write: output === 'human-readable' ? around.write : undefined };
  try {
    return { report: await reported(name, given, live), output };
  } catch (error) {
    if (error instanceof UsageFault) throw error;
    return { report: reportOf(error), output };
  }
}

async function reported(name: CommandName, given: Arguments, around: Surroundings): Promise<Report> {
  switch (name) {
    case 'check':
      return (await import('./check.ts')).check(given, around);
    case 'summary':
      return (await import('./summary.ts')).summary(given, around);
    case 'run':
      return (await import('./run.ts')).run(given, around);
    case 'schema':
      return (await import('./schema.ts')).schema(given);
  }
}

async function help(name: CommandName, given: Arguments, { cwd }: Surroundings): Promise<Report> {
  const { path } = given;
  if (name !== 'run' || path === undefined) return { status: 'success', message: commandHelp(name) };
  const [{ jobHelp }, { allowedExtensions, readJobTemplate }] = await Promise.all([
    import('./job-help.ts'),
    import('./template-file.ts'),
  ]);
  try {
    const extensions = allowedExtensions(given.values('--extensions'));
    return { status: 'success', message: jobHelp(readJobTemplate({ path, cwd, extensions }), path) };
  } catch (error) {
    if (!isOnPurpose(error)) throw error;
    const start = error instanceof CommandFault ? 'Error: ' : 'Error: Invalid job template: ';
    return { status: 'error', fault: 'invalid', message: start + error.message };
  }
}
