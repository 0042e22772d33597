/**
 * Reads one action's output: bytes become lines, lines become log records, and
 * what the action says to its session goes to `obey`.
 *
 * A secret is masked from the very line that announces it. After `deafen`, lines of
 * processes the action left behind are still logged and no longer obeyed.
 */
import { LineSplitter, lineLimit } from './lines.ts';
import type { OutputLine } from './lines.ts';
import type { SessionLog } from './log.ts';
import { mayBeMessage, readMessage, secretsIn } from './messages.ts';
import type { Message } from './messages.ts';
import { mask } from './redaction.ts';
import type { Redactor } from './redaction.ts';

/** What changes a session; plain output does not. */
export type Command = Exclude<Message, { is: 'output' | 'ignored' }>;

export class OutputReader {
  readonly #log: SessionLog;
  readonly #redactor: Redactor;
  readonly #lines: LineSplitter;
  #obey: ((command: Command) => void) | undefined;
  /** The piece of a line that comes next may be part of a secret as long as the piece. */
  #hidesPiece = false;
  #hidesRest = false;

  constructor({
    log,
    redactor,
    obey,
  }: {
    log: SessionLog;
    redactor: Redactor;
    obey: (command: Command) => void;
  }) {
    this.#log = log;
    this.#redactor = redactor;
    this.#lines = new LineSplitter((bytes, limit) => this.#cut(bytes, limit));
    this.#obey = obey;
  }

  /** Takes a chunk; a promise when the log's listener needs time. */
  read(chunk: Buffer): Promise<void> | undefined {
    return this.#hearAll(this.#lines.push(chunk));
  }

  /** Delivers a last line without a newline. */
  end(): Promise<void> | undefined {
    return this.#hearAll(this.#lines.end());
  }

  deafen(): void {
    this.#obey = undefined;
  }

  /** Cuts before what may be a secret; where that leaves too little to hand on, the rest of the line is hidden. */
  #cut(bytes: Buffer, limit: number): number {
    const cut = this.#redactor.cutBefore(bytes, limit);
    this.#hidesPiece = cut < limit / 2;
    return this.#hidesPiece ? limit : cut;
  }

  #hearAll(lines: Iterable<OutputLine>): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    for (const line of lines) {
      const wait = this.#hear(line);
      if (wait) waits.push(wait);
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  #hear(line: OutputLine): Promise<void> | undefined {
    const hides = this.#hidesPiece;
    this.#hidesPiece = false;
    if (line.part === 'next') {
      this.#hidesRest ||= hides;
      return this.#log.write('COMMAND_OUTPUT', this.#hidesRest ? mask : line.text);
    }
    if (line.part === 'whole' && !mayBeMessage(line.text)) {
      this.#hidesRest = false;
      return this.#log.write('COMMAND_OUTPUT', line.text);
    }
    const secrets = secretsIn(line.text);
    for (const secret of secrets) this.#redactor.add(secret);
    this.#hidesRest = line.part === 'first' && (hides || secrets.length > 0);
    if (hides && secrets.length === 0) return this.#log.write('COMMAND_OUTPUT', mask);
    const meaning = whole(line);
    if (meaning.is === 'output') return this.#log.write('COMMAND_OUTPUT', line.text);
    const failed = meaning.is === 'ignored' || meaning.is === 'wrong';
    const wait = this.#log.write(
      'COMMAND_OUTPUT',
      failed ? `${line.text} -- ERROR: ${meaning.reason}` : line.text,
    );
    if (meaning.is !== 'ignored') this.#obey?.(meaning);
    return wait;
  }
}

/** Half a value must never be set as if it were all of it. */
function whole({ text, part }: OutputLine): Message {
  const meaning = readMessage(text);
  const cut = part === 'first' && (meaning.is === 'env' || meaning.is === 'unset_env');
  return cut ? { is: 'wrong', reason: `the line is longer than ${lineLimit} bytes` } : meaning;
}
