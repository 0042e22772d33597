/**
 * Runs the real command `pipl` as a person would, and reads its `--json`. What it prints on stderr goes to
 * the person, indented; a refusal becomes an error that carries the command's own words.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { errorFromBody, type PiplError } from '@pipl/packl';

const bundle = process.env['PIPL_CLI'] ?? resolve(import.meta.dirname, '../../packages/cli/dist/pipl.mjs');

/** How a person types it. */
export const typed = (args: readonly string[]): string =>
  ['pipl', ...args.map((arg) => (/^[\w@./=:^~+-]+$/.test(arg) ? arg : `'${arg}'`))].join(' ');

/** How another terminal types it, without anything installed. */
export const piplCommand = (args: readonly string[]): string =>
  `${process.execPath} ${bundle} ${args.join(' ')}`;

export interface PiplOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** a person's view of what the command says besides its data */
  readonly onSay?: (line: string) => void;
}

/** @returns the `data` of the command; @throws PiplError as the command reported it, or Error for a bug */
export async function pipl<Data = unknown>(args: readonly string[], options: PiplOptions): Promise<Data> {
  const { status, out, err } = await runPipl(['--json', ...args], options);
  const document = parse(out);
  if (document?.ok === true) return document.data as Data;
  const known = errorFromBody(document?.error);
  throw known ?? new Error(`${typed(args)} ended with status ${status} and said:\n${out}${err}`);
}

/** `pipl work exec -- COMMAND…`: the output is the program's own. */
export async function piplExec(command: readonly string[], options: PiplOptions): Promise<void> {
  const args = ['work', 'exec', '--', ...command];
  const { status, out, err } = await runPipl(args, options);
  if (status !== 0) throw new Error(`${typed(args)} ended with status ${status} and said:\n${out}${err}`);
}

export async function runPipl(args: readonly string[], { cwd, env, onSay }: PiplOptions) {
  const child = spawn(process.execPath, [bundle, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  for (const line of err.split('\n').filter((each) => each.trim() !== '')) onSay?.(line);
  return { status, out, err };
}

/** The refusal of a command that must be refused. */
export async function refused(args: readonly string[], options: PiplOptions): Promise<PiplError> {
  const answer = await pipl(args, options).then(
    () => undefined,
    (error: unknown) => error as PiplError,
  );
  if (answer === undefined) throw new Error(`${typed(args)} was not refused.`);
  return answer;
}

function parse(out: string): { ok?: boolean; data?: unknown; error?: unknown } | undefined {
  const line = out.trim();
  return line.startsWith('{') ? (JSON.parse(line) as { ok?: boolean }) : undefined;
}
