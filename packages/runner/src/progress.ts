/**
 * What the world sees of a run while it runs: lines in `log.ndjson`, `status.json`, events to the engine.
 *
 * A job may print without end: the log keeps a bounded number of bytes, says once that it is full, and counts
 * what it left out. Writing slower than the job prints slows the job down (a promise is handed back), so a flood
 * costs time and no memory. The token of the run is masked in every form it could be printed in.
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { ReusedPoints } from '@pipl/packl';
import { writeStatus, type Status } from './run-folder.ts';

export interface LogLine {
  readonly step?: string;
  /** the session of the step that says it */
  readonly chunk?: number;
  readonly text?: string;
  readonly progress?: number;
  readonly message?: string;
  readonly event?: string;
  readonly [key: string]: unknown;
}

export interface ProgressOptions {
  readonly folder: string;
  readonly startedAt: string;
  /** never written anywhere */
  readonly secret: string;
  readonly onEvent: (
    event: 'first-action' | 'progress',
    what: { progress?: number; message?: string },
  ) => void;
  /** bytes; default 16 MiB */
  readonly logLimit?: number;
  /** bytes of one text; default 16 KiB */
  readonly lineLimit?: number;
}

export interface RunProgress {
  readonly status: Status;
  /** A promise when the log needs time; it never rejects. */
  log(line: LogLine): Promise<void> | undefined;
  firstAction(): void;
  /** percent of the whole run, and what somebody said last */
  report(progress: number, message?: string): void;
  /** points that need not run: they are in place */
  reused(points: readonly ReusedPoints[]): void;
  /** Everything is written when it resolves. */
  end(): Promise<void>;
}

/** Often enough for people, seldom enough for the disk. */
const reportEveryMs = 200;

export function openProgress(options: ProgressOptions): RunProgress {
  const { folder, onEvent } = options;
  const log = openLog(options);
  let status: Status = { startedAt: options.startedAt };
  let lastReport = -Infinity;
  let later: NodeJS.Timeout | undefined;

  const tell = (isLast = false) => {
    later = undefined;
    lastReport = performance.now();
    // The result follows at once, and says everything.
    if (!isLast) writeStatus(folder, status);
    const { progress, message } = status;
    const said = {
      ...(progress === undefined ? {} : { progress }),
      ...(message === undefined ? {} : { message }),
    };
    void log.write(said);
    onEvent('progress', said);
  };

  return {
    get status() {
      return status;
    },
    log: (line) => log.write(line),
    firstAction() {
      if (status.firstActionAt !== undefined) return;
      // With what would be reported next: one write for both.
      status = { progress: 0, ...status, firstActionAt: new Date().toISOString() };
      writeStatus(folder, status);
      void log.write({ event: 'first-action' });
      onEvent('first-action', {});
    },
    reused(points) {
      status = { ...status, reused: points };
      writeStatus(folder, status);
      for (const { step, points: all, reused, from } of points) {
        void log.write({
          event: 'reused',
          step,
          text: `${reused} of ${all} points come from ${from.join(', ')}`,
        });
      }
    },
    report(progress, message) {
      const rounded = Math.round(progress * 10) / 10;
      if (rounded === status.progress && (message ?? status.message) === status.message) return;
      status = {
        ...status,
        progress: rounded,
        ...(message === undefined ? {} : { message: log.masked(message) }),
      };
      const wait = lastReport + reportEveryMs - performance.now();
      if (wait <= 0) tell();
      else later ??= setTimeout(() => tell(), wait);
    },
    async end() {
      if (later !== undefined) {
        clearTimeout(later);
        tell(true);
      }
      await log.end();
    },
  };
}

function openLog({ folder, secret, logLimit = 16 * 1024 * 1024, lineLimit = 16 * 1024 }: ProgressOptions) {
  const stream = createWriteStream(join(folder, 'log.ndjson'), { flags: 'a' });
  const masked = maskOf(secret);
  let size = 0;
  let leftOut = 0;
  let draining: PromiseWithResolvers<void> | undefined;
  // A full disk must not end the run: what it made can still be published.
  stream.on('error', (error) => process.emitWarning(`The log of a run cannot be written: ${error.message}`));
  for (const event of ['drain', 'close']) {
    stream.on(event, () => {
      draining?.resolve();
      draining = undefined;
    });
  }
  const put = (line: LogLine): Promise<void> | undefined => {
    const text = `${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`;
    size += text.length;
    if (stream.write(text) || stream.destroyed) return undefined;
    draining ??= Promise.withResolvers();
    return draining.promise;
  };
  return {
    masked,
    write(line: LogLine): Promise<void> | undefined {
      if (size > logLimit && line.text !== undefined) {
        if (leftOut++ > 0) return undefined;
        return put({
          event: 'log-full',
          text: `The log is full (${logLimit} bytes): what follows is left out.`,
        });
      }
      if (line.text === undefined) return put(line);
      const text = line.text.length > lineLimit ? `${line.text.slice(0, lineLimit)}… (cut)` : line.text;
      return put({ ...line, text: masked(text) });
    },
    async end(): Promise<void> {
      if (leftOut > 0) void put({ event: 'log-left-out', lines: leftOut });
      stream.end();
      // The error was told already.
      await finished(stream).catch(() => undefined);
    },
  };
}

/** Raw, in a URL, in base64: the forms in which tools print what they were given. */
function maskOf(secret: string): (text: string) => string {
  if (secret === '') return (text) => text;
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const forms = [
    secret,
    encodeURIComponent(secret),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
  ];
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, '********'), text);
}
