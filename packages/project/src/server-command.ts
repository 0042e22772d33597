/**
 * The server as a command line: how it is spawned and how its refusal is read.
 *
 * Which command that is, the caller says: this package may not import the server. A refusal is an
 * {@link ErrorBody} as the last line of stderr.
 */
import { spawn } from 'node:child_process';
import { errorFromBody, PiplError, piplError } from '@pipl/packl';

export interface CommandEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

const keptOfStderr = 64 * 1024;

/**
 * Runs the server's command to its end (`--init`, `--fsck`).
 * @returns what it said on stdout @throws what the command refused with
 */
export async function runServerCommand(
  serverCommand: readonly string[],
  args: readonly string[],
): Promise<string> {
  const [file, ...first] = serverCommand;
  const child = spawn(file!, [...first, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptOfStderr);
  });
  const end = await new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, stderr }));
  });
  if (end.status !== 0) throw serverRefusal(end);
  return stdout;
}

/** The error that a server which ended left on its stderr; or that it left none. */
export function serverRefusal({ status, signal, stderr }: CommandEnd): PiplError {
  const lines = stderr.trim().split('\n');
  const told = errorFromBody(parsed(lines.at(-1) ?? ''));
  if (told) return told.code === 'PIPL_SERVER_BUG' ? withStory(told, lines.slice(0, -1)) : told;
  return piplError('unreachable', 'PIPL_SERVER_ENDED', {
    what: `The server ended by itself (${signal ?? `status ${status}`}).`,
    why: lines.findLast((line) => /\w*Error\b/.test(line))?.trim() ?? (lines.at(-1) || 'It did not say why.'),
    hint: 'PROJ/system/run/server.log has the whole story.',
  });
}

const mostOfStory = 60;

/** Its stack and what it said before: the log may be gone when somebody wants to know, as after a test. */
function withStory(told: PiplError, lines: readonly string[]): PiplError {
  const cause = new Error(told.why ?? told.message);
  cause.stack = lines.slice(-mostOfStory).join('\n');
  return new PiplError(told.toJSON(), { cause });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined; // not every last line is an error body
  }
}
