/**
 * What is kept of a run for good: its ticket, what its actions were run with, how it ended. Taken from the folder
 * of the attempt when it has ended; the folder may go then.
 *
 * The reactor decides nothing by it, so it is written beside its steps, several runs in one transaction. What a
 * crash left out is taken up at the next start. The lock of the code and the template are long and shared by many
 * runs: they are kept once, under their hash.
 */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ticket } from '@pipl/packl';
import { commitTogether } from '@pipl/registry';
import type { RunEnding, RunReport } from '@pipl/registry-client';
import type { Kysely } from 'kysely';
import type { CiTables } from './tables.ts';

export interface RunRecorded {
  readonly ticket: Ticket;
  /** absent: it ended before anything was prepared */
  readonly report?: RunReport;
  readonly ending?: RunEnding;
}

export interface RunRecords {
  /** To be called when a run may have ended. */
  collect(attempt: string): void;
  /** Takes up what ended while nobody collected. */
  catchUp(): Promise<void>;
  /** Of a run that has not ended too, as far as it goes. */
  read(attempt: string): Promise<RunRecorded | undefined>;
  /** Everything collected is written. */
  close(): Promise<void>;
}

const together = 50;
/** Milliseconds in which what ends is written at once. */
const gathering = 200;

export function openRunRecords(db: Kysely<CiTables>, runsDir: string): RunRecords {
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const writeAll = async (): Promise<void> => {
    try {
      while (waiting.size > 0) {
        const batch = [...waiting].slice(0, together);
        for (const attempt of batch) waiting.delete(attempt);
        await write(db, runsDir, batch);
      }
    } catch (error) {
      // What cannot be written now is taken up at the next start.
      process.emitWarning(`What ran could not be written down: ${String(error)}`);
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(writeAll);
    return writing;
  };
  const collect = (attempt: string): void => {
    waiting.add(attempt);
    timer ??= setTimeout(() => void flush(), gathering).unref();
  };

  return {
    collect,
    async catchUp() {
      const known = await db.selectFrom('ci_run_records').select('attempt').execute();
      const written = new Set(known.map(({ attempt }) => attempt));
      const names = await readdir(runsDir);
      for (const name of names) if (!name.startsWith('.') && !written.has(name)) collect(name);
    },
    async read(attempt) {
      const row = await db
        .selectFrom('ci_run_records')
        .select('record')
        .where('attempt', '=', attempt)
        .executeTakeFirst();
      if (row === undefined) return readFolder(join(runsDir, attempt));
      return withTexts(db, JSON.parse(row.record) as RunRecorded);
    },
    close: flush,
  };
}

async function write(db: Kysely<CiTables>, runsDir: string, attempts: readonly string[]): Promise<void> {
  const found = attempts.map((attempt) => readFolder(join(runsDir, attempt)));
  const ended = found.filter((one) => one?.ending !== undefined) as RunRecorded[];
  if (ended.length === 0) return;
  const texts = new Map(ended.flatMap(textsOf));
  await commitTogether(db, async (tx) => {
    for (const [hash, content] of texts) {
      await tx
        .insertInto('ci_texts')
        .values({ hash, content })
        .onConflict((conflict) => conflict.column('hash').doNothing())
        .execute();
    }
    for (const one of ended) {
      await tx
        .insertInto('ci_run_records')
        .values({ attempt: one.ticket.attempt, record: JSON.stringify(withoutTexts(one)) })
        .onConflict((conflict) => conflict.column('attempt').doNothing())
        .execute();
    }
  });
}

const lockKey = ({ codeLock }: Ticket): string => `code-lock:${codeLock.hash}`;

const textsOf = ({ ticket, report }: RunRecorded): [string, string][] => [
  [lockKey(ticket), ticket.codeLock.lockfile],
  ...(report === undefined ? [] : [[report.template.hash, report.template.text] as [string, string]]),
];

const withoutTexts = ({ ticket, report, ...rest }: RunRecorded): RunRecorded => ({
  ...rest,
  ticket: { ...ticket, codeLock: { ...ticket.codeLock, lockfile: '' } },
  ...(report === undefined ? {} : { report: { ...report, template: { ...report.template, text: '' } } }),
});

async function withTexts(
  db: Kysely<CiTables>,
  { ticket, report, ...rest }: RunRecorded,
): Promise<RunRecorded> {
  const keys = [lockKey(ticket), ...(report === undefined ? [] : [report.template.hash])];
  const rows = await db.selectFrom('ci_texts').selectAll().where('hash', 'in', keys).execute();
  const text = (key: string): string => rows.find(({ hash }) => hash === key)?.content ?? '';
  const template = report && { ...report.template, text: text(report.template.hash) };
  return {
    ...rest,
    ticket: { ...ticket, codeLock: { ...ticket.codeLock, lockfile: text(lockKey(ticket)) } },
    ...(report === undefined || template === undefined ? {} : { report: { ...report, template } }),
  };
}

/** Small files: reading one takes less than asking another thread for it. */
function readFolder(folder: string): RunRecorded | undefined {
  const ticket = readJson<Ticket>(join(folder, 'ticket.json'));
  const report = readJson<RunReport>(join(folder, 'report.json'));
  const ending = readJson<RunEnding>(join(folder, 'result.json'));
  if (ticket === undefined) return undefined;
  return { ticket, ...(report === undefined ? {} : { report }), ...(ending === undefined ? {} : { ending }) };
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What a power cut has torn is as if it had not been written.
    if (code === 'ENOENT' || code === 'ENOTDIR' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
