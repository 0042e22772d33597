/**
 * What the world sees of a run while it runs: lines in `log.ndjson`, `status.json`, events to the engine.
 *
 * A job may print without end: the log keeps a bounded number of bytes, says once that it is full, and counts
 * what it left out. Lines are written as fast as they come, those of one moment together. A run that is over in a moment
 * has no other status than that it began: its result says everything. The token of the run is masked in every form it
 * could be printed in.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
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
  readonly onFirstAction?: () => void;
  /** Who hears of the first action finds it in `status.json`, unless the run is over. */
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
  log(line: LogLine): void;
  firstAction(): void;
  /** percent of the whole run, and what somebody said last */
  report(progress: number, message?: string): void;
  /** points that need not run: they are in place */
  reused(points: readonly ReusedPoints[]): void;
  /** Everything is written when it returns. */
  end(): void;
}

/** Milliseconds: often enough for people, seldom enough for the disk. */
const reportEvery = 200;
/** Milliseconds after which the first report is worth a write. */
const firstReport = 50;

export function openProgress(options: ProgressOptions): RunProgress {
  const { folder, onEvent } = options;
  const log = openLog(options);
  let status: Status = { startedAt: options.startedAt };
  let lastReport = performance.now() + firstReport - reportEvery;
  let later: NodeJS.Timeout | undefined;
  let isReported = true;
  let isBeginningTold = true;

  const tell = () => {
    if (!isBeginningTold) onEvent('first-action', {});
    isBeginningTold = true;
    if (isReported) return;
    isReported = true;
    const { progress, message } = status;
    const said = {
      ...(progress === undefined ? {} : { progress }),
      ...(message === undefined ? {} : { message }),
    };
    log.write(said);
    onEvent('progress', said);
  };
  const tryToWrite = () => {
    try {
      writeStatus(folder, status);
    } catch (error) {
      // As for the log: the result says everything.
      process.emitWarning(`The status of a run cannot be written: ${(error as Error).message}`);
    }
  };
  const writeSoon = () => {
    later ??= setTimeout(
      () => {
        later = undefined;
        lastReport = performance.now();
        tryToWrite();
        tell();
      },
      Math.max(0, lastReport + reportEvery - performance.now()),
    );
  };

  return {
    get status() {
      return status;
    },
    log: (line) => log.write(line),
    firstAction() {
      if (status.firstActionAt !== undefined) return;
      status = { progress: 0, ...status, firstActionAt: new Date().toISOString() };
      isBeginningTold = false;
      options.onFirstAction?.();
      log.write({ event: 'first-action' });
      writeSoon();
    },
    reused(points) {
      status = { ...status, reused: points };
      tryToWrite();
      for (const { step, points: all, reused, from } of points) {
        log.write({
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
      isReported = false;
      writeSoon();
    },
    end() {
      clearTimeout(later);
      tell();
      log.end();
    },
  };
}

function openLog({ folder, secret, logLimit = 16 * 1024 * 1024, lineLimit = 16 * 1024 }: ProgressOptions) {
  const file = openFile(join(folder, 'log.ndjson'));
  const masked = maskOf(secret);
  let size = 0;
  let leftOut = 0;
  const put = (line: LogLine): void => {
    const text = `${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`;
    size += text.length;
    file.append(text);
  };
  return {
    masked,
    write(line: LogLine): void {
      if (size > logLimit && line.text !== undefined) {
        if (leftOut++ > 0) return;
        put({
          event: 'log-full',
          text: `The log is full (${logLimit} bytes): what follows is left out.`,
        });
        return;
      }
      if (line.text === undefined) return put(line);
      const text = line.text.length > lineLimit ? `${line.text.slice(0, lineLimit)}… (cut)` : line.text;
      put({ ...line, text: masked(text) });
    },
    end(): void {
      if (leftOut > 0) put({ event: 'log-left-out', lines: leftOut });
      file.close();
    },
  };
}

/** What is appended in one moment is one write. */
function openFile(path: string) {
  let descriptor: number | undefined;
  let waiting = '';
  let soon: NodeJS.Immediate | undefined;
  let isBroken = false;
  let isClosed = false;
  const flush = (): void => {
    clearImmediate(soon);
    soon = undefined;
    const bytes = Buffer.from(waiting);
    waiting = '';
    if (isBroken) return;
    try {
      descriptor ??= openSync(path, 'a');
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    } catch (error) {
      // A full disk must not end the run: what it made can still be published.
      isBroken = true;
      process.emitWarning(`The log of a run cannot be written: ${(error as Error).message}`);
    }
  };
  return {
    append(text: string): void {
      // Its descriptor may be somebody else's by now.
      if (isClosed) return;
      waiting += text;
      if (waiting.length > mostWaiting) flush();
      else soon ??= setImmediate(flush);
    },
    close(): void {
      flush();
      isClosed = true;
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}

/** Characters. */
const mostWaiting = 64 * 1024;

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
