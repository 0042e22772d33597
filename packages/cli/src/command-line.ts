/** One command line from its arguments to its exit status. Every error ends here, in one shape. */
import { join } from 'node:path';
import { exitStatuses, PiplError } from '@pipl/packl';
import { Interrupted } from './interrupt.ts';
import { ownStreams } from './own-streams.ts';
import { runProgram } from './program.ts';
import { openTerminal, type Streams, type Terminal, wantsColor } from './terminal.ts';

/** @param streams where it speaks; else this process's own @returns the exit status */
export async function runCommandLine(
  args: readonly string[],
  streams: Streams = ownStreams(),
): Promise<number> {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const terminal = openTerminal(
    {
      json: own.includes('--json'),
      quiet: own.includes('--quiet'),
      debug: own.includes('--debug'),
      color: !own.includes('--no-color') && wantsColor(process.env, streams.out),
    },
    streams,
  );
  try {
    await runProgram(args, terminal);
    return Number(process.exitCode ?? exitStatuses.ok);
  } catch (error) {
    if (error instanceof Interrupted) return exitStatuses.interrupted;
    if (error instanceof PiplError) {
      terminal.fail(error);
      return error.exitStatus;
    }
    terminal.fail(await asBug(error, terminal));
    return exitStatuses.bug;
  }
}

/** A bug has no better words than its own; the whole story goes into a file that can be sent. */
async function asBug(error: unknown, { debug }: Terminal): Promise<PiplError> {
  const { writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const file = join(tmpdir(), `pipl-debug-${process.pid}.log`);
  if (!debug)
    writeFileSync(
      file,
      `${process.argv.join(' ')}\n${error instanceof Error ? error.stack : String(error)}\n`,
    );
  return new PiplError(
    {
      code: 'PIPL_BUG',
      kind: 'usage',
      message: 'pipl did something wrong.',
      why: error instanceof Error ? error.message : String(error),
      hint: debug ? 'Report it with what follows.' : `Report it with ${file}`,
    },
    { cause: error },
  );
}
