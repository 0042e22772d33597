/**
 * The command `openjd`: finds the command, runs it, prints its report. Exit statuses are those of the reference:
 * 0 for success, 1 for an error, 2 for a command line that cannot be understood.
 */
import { generalHelp } from './help.ts';
import { commandLines, isCommandName } from './options.ts';
import { perform, type Surroundings } from './perform.ts';
import { printed } from './print.ts';
import { UsageFault } from './report.ts';

export interface Streams extends Omit<Surroundings, 'write'> {
  readonly write: (text: string) => void | Promise<void>;
  readonly writeError: (text: string) => void;
  readonly version: string;
}

/** @returns the exit status */
export async function runOpenjd(args: readonly string[], streams: Streams): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h') {
    await streams.write(`${generalHelp()}\n`);
    return 0;
  }
  if (name === '--version') {
    await streams.write(`Open Job Description CLI ${streams.version}\n`);
    return 0;
  }
  try {
    if (!isCommandName(name)) {
      const names = Object.keys(commandLines).join(', ');
      throw new UsageFault(
        'openjd <command> [arguments]',
        `openjd: error: invalid choice: '${name}' (choose from ${names})`,
      );
    }
    const { report, output } = await perform(name, rest, streams);
    await streams.write(await printed(report, output));
    return report.status === 'success' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageFault)) throw error;
    streams.writeError(`usage: ${error.usage}\n${error.message}\n`);
    return 2;
  }
}
