/**
 * What a command says, and where: its data on stdout, everything else on stderr.
 *
 * With `--json` the data is one document `{ok, data, warnings}`, an error `{ok: false, error}`; what follows
 * something prints one such document a line. Nobody else in this package writes to a stream.
 */
import { type PiplError } from '@pipl/packl';
import { inColumns } from './columns.ts';

export interface TerminalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly color: boolean;
  /** tells what is asked of the server, and what is written */
  readonly verbose?: boolean;
  /** makes the lines of data that programs cut at tabs, in place of those for people */
  readonly plain?: ((data: unknown) => readonly string[]) | undefined;
  /** a question is answered so that the command goes on */
  readonly yes?: boolean;
  /** nobody is asked anything */
  readonly noInput?: boolean;
}

export interface Terminal extends TerminalOptions {
  /** whether a person watches: stderr is a terminal, and neither --json nor --quiet was given */
  readonly live: boolean;
  /** The result: once at the end. `text` makes the lines for people. */
  say<T>(data: T, text: (data: T) => readonly string[]): void;
  /** One piece of something that goes on: its lines now. */
  piece<T>(data: T, text: (data: T) => readonly string[]): void;
  /** Text as it is (a log), or one JSON document a piece. */
  raw(text: string): void;
  /** What happens meanwhile, for people only. */
  note(line: string): void;
  warn(line: string): void;
  /** Replaces the lines this last drew on a person's screen. */
  draw(lines: readonly string[]): void;
  fail(error: PiplError): void;
  paint(style: 'green' | 'red' | 'yellow' | 'dim' | 'bold' | 'cyan', text: string): string;
}

/** As much of a stream as a command needs. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string | Uint8Array): unknown;
}

export interface Streams {
  readonly out: Stream;
  readonly err: Stream;
}

export function openTerminal(options: TerminalOptions, { out, err }: Streams): Terminal {
  const { json, quiet, debug, color, plain } = options;
  const live = err.isTTY === true && !json && !quiet;
  const warnings: string[] = [];
  let drawn = 0;
  const lines = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
  const forPeople = (all: readonly string[]) => lines(out.isTTY === true ? inColumns(all) : all);
  const document = (data: unknown) => `${JSON.stringify({ ok: true, data, warnings })}\n`;

  function told<T>(data: T, text: (data: T) => readonly string[]): void {
    out.write(json ? document(data) : plain === undefined ? forPeople(text(data)) : lines(plain(data)));
  }

  const terminal: Terminal = {
    ...options,
    live,
    say: told,
    piece: told,
    raw(text) {
      out.write(text);
    },
    note(line) {
      if (!quiet && !json) err.write(`${line}\n`);
    },
    warn(line) {
      warnings.push(line);
      if (!json) err.write(`${terminal.paint('yellow', 'warning:')} ${line}\n`);
    },
    draw(all) {
      if (!live) return;
      if (drawn > 0) err.write(`\u001B[${drawn}A\u001B[J`);
      err.write(lines(all.map((line) => line.slice(0, (err.columns ?? 80) - 1))));
      drawn = all.length;
    },
    fail(error) {
      if (json) out.write(`${JSON.stringify({ ok: false, error: error.toJSON() })}\n`);
      else err.write(lines(errorLines(error, terminal)));
      if (debug) err.write(lines([...error.problems, error.stack ?? '', causeOf(error)]));
    },
    // Loaded where there is colour: it costs milliseconds, and scripts see none.
    paint: (style, text) =>
      color ? process.getBuiltinModule('node:util').styleText(style, text, { validateStream: false }) : text,
  };
  return terminal;
}

/** What, why, what to do: three lines, always. */
function errorLines({ message, why, hint, exitStatus }: PiplError, { paint }: Terminal): string[] {
  const one = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ');
  return [
    `${paint('red', 'error:')} ${one(message)}`,
    `  ${paint('dim', 'why:')} ${one(why ?? 'No more is known.')}`,
    `  ${paint('dim', 'fix:')} ${one(hint ?? `\`pipl help exit-codes\` says what status ${exitStatus} means.`)}`,
  ];
}

const causeOf = ({ cause }: PiplError): string => (cause instanceof Error ? `caused by ${cause.stack}` : '');

/** NO_COLOR and TERM=dumb turn colour off, FORCE_COLOR on; else only people at a terminal see it. */
export function wantsColor(env: NodeJS.ProcessEnv, stream: { readonly isTTY?: boolean }): boolean {
  if (env['NO_COLOR'] || env['TERM'] === 'dumb') return false;
  if (env['FORCE_COLOR']) return true;
  return stream.isTTY === true;
}
