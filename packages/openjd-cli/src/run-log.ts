/**
 * The log of a run, line by line: to the screen as it happens, or kept for the one document at the end.
 *
 * Lines are written in blocks, as a flood has a million of them; a reader that is slow slows the action down.
 */
import type { LogRecord } from '@pipl/openjd-sessions';
import { microseconds, timestamp, type TimestampFormat } from './timestamps.ts';

export interface LogEntry {
  readonly timestamp: string;
  readonly message: string;
}

interface RunLogOptions {
  readonly format: TimestampFormat;
  /** Where lines go at once; without it they are kept. A promise asks for patience. */
  readonly write: ((text: string) => void | Promise<void>) | undefined;
}

const blockLength = 64 * 1024;
/** Nobody sees that a line is so late; writing each at once costs more than running a short task. */
const mostDelayMs = 20;
const heading = '='.repeat(46);

export class RunLog {
  /** Microseconds since 1970. */
  readonly start = microseconds();
  /** What was kept. */
  readonly entries: LogEntry[] = [];
  readonly #options: RunLogOptions;
  #block = '';
  #flushing: NodeJS.Timeout | undefined;

  constructor(options: RunLogOptions) {
    this.#options = options;
  }

  /** A line of ours. */
  say(message: string): void {
    void this.#line(message);
  }

  /** A record of the session; what it returns holds the session back. */
  hear({ content, message }: LogRecord): void | Promise<void> {
    if (content !== 'BANNER' || message === 'Output:') return this.#line(message);
    for (const line of ['', heading, `--------- ${message}`]) void this.#line(line);
    return this.#line(heading);
  }

  /** Writes what has not been written yet. */
  flush(): void | Promise<void> {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    const block = this.#block;
    this.#block = '';
    return block === '' ? undefined : this.#options.write?.(block);
  }

  #line(message: string): void | Promise<void> {
    const { format, write } = this.#options;
    const at = timestamp(microseconds(), { format, start: this.start });
    if (write === undefined) {
      this.entries.push({ timestamp: at, message });
      return undefined;
    }
    this.#block += `${at}\t${message}\n`;
    if (this.#block.length >= blockLength) return this.flush();
    this.#flushing ??= setTimeout(() => void this.flush(), mostDelayMs);
    return undefined;
  }
}
