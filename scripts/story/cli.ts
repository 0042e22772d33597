/**
 * Runs the real command `pipl` as a person would, and reads its `--json`. What it prints on stderr goes to
 * the person, indented; a refusal becomes an error that carries the command's own words.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { errorFromBody, type PiplError } from '@pipl/packl';

const bundle = resolve(import.meta.dirname, '../../packages/cli/dist/pipl.mjs');

/** How a person types it. */
export const typed = (args: readonly string[]): string =>
  ['pipl', ...args.map((arg) => (/^[\w@./=:^~+-]+$/.test(arg) ? arg : `'${arg}'`))].join(' ');

/** How another terminal types it, without anything installed. */
export const piplCommand = (args: readonly string[]): string => `${process.execPath} ${bundle} ${args.join(' ')}`;

export interface PiplOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** a person's view of what the command says besides its data */
  readonly onSay?: (line: string) => void;
}

/** @returns the `data` of the command; @throws PiplError as the command reported it, or Error for a bug */
export async function pipl<Data = unknown>(args: readonly string[], { cwd, env, onSay }: PiplOptions): Promise<Data> {
  const child = spawn(process.execPath, [bundle, '--json', ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), exit(child)]);
  for (const line of err.split('\n').filter((each) => each.trim() !== '')) onSay?.(line);
  const document = parse(out);
  if (document?.ok === true) return document.data as Data;
  const known = errorFromBody(document?.error);
  throw known ?? new Error(`${typed(args)} ended with status ${child.exitCode} and said:\n${out}${err}`);
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

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

async function exit(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode === null) await once(child, 'close');
}

function parse(out: string): { ok?: boolean; data?: unknown; error?: unknown } | undefined {
  const line = out.trim();
  return line.startsWith('{') ? (JSON.parse(line) as { ok?: boolean }) : undefined;
}
