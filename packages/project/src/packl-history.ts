/**
 * The history of a packl, `.pipl-history.jsonl`: one line an edit, with who, when, why, and the edit as JSON Patch.
 *
 * It is packed with the packl. Replayed from the empty document, or from the last line that sets the whole document,
 * it gives the package.json. What somebody edited by hand stands in no line: {@link verifyHistory} finds it, and
 * the next managed edit writes it down first.
 */
import { appendFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { piplError } from '@pipl/packl';
import { asPiplError, readText } from './atomic-file.ts';
import { applied, difference, type Json, type PatchOperation } from './json-patch.ts';
import { beforeWriting } from './watched.ts';

export const historyFile = '.pipl-history.jsonl';

export interface HistoryLine {
  /** ISO 8601, UTC */
  readonly at: string;
  readonly by: string;
  readonly comment: string;
  readonly ops: readonly PatchOperation[];
  /** the edit was made by hand, and found at that time by that person's command */
  readonly found?: true;
}

/** The edits of a packl, oldest first. @throws PIPL_HISTORY (exit 7) when a line is none */
export async function readHistory(folder: string): Promise<HistoryLine[]> {
  const file = join(folder, historyFile);
  return parseHistory((await readText(file)) ?? '', file);
}

/** A last line without its end is what a crash left of an append: it never happened. @throws PIPL_HISTORY */
export function parseHistory(text: string, where = historyFile): HistoryLine[] {
  const whole = text.split('\n').slice(0, -1);
  return whole.flatMap((line, at) =>
    line.trim() === '' ? [] : [parsedLine(line, { where, number: at + 1 })],
  );
}

function parsedLine(line: string, { where, number }: { where: string; number: number }): HistoryLine {
  try {
    const parsed = JSON.parse(line) as Partial<HistoryLine> | null;
    if (typeof parsed?.at === 'string' && Array.isArray(parsed.ops)) return parsed as HistoryLine;
  } catch {
    // told below, like a line of something else
  }
  throw piplError('invalid', 'PIPL_HISTORY', {
    what: `Line ${number} of ${where} is no line of a history.`,
    why: 'Each is a JSON object with at, by, comment and ops.',
    hint: 'Take the file from a copy, or remove that line; pipl packl log --record then writes down what is missing.',
  });
}

/** The package.json that a history gives. @throws TypeError when an edit does not fit what is before it */
export const replay = (history: readonly HistoryLine[]): Json => {
  const start = history.findLastIndex(({ ops }) => ops[0]?.path === '');
  return history.slice(Math.max(0, start)).reduce<Json>((document, { ops }) => applied(document, ops), {});
};

/** What turns the replayed history into this document: nothing, when every edit was written down. */
export function unrecorded(history: readonly HistoryLine[], written: Json): readonly PatchOperation[] {
  try {
    return difference(replay(history), written);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return [{ op: 'replace', path: '', value: written }];
  }
}

export interface NewLine {
  readonly comment: string;
  readonly ops: readonly PatchOperation[];
  readonly found?: true;
}

/** @returns what takes the lines away again @throws PIPL_UNWRITABLE */
export async function appendHistory(folder: string, lines: readonly NewLine[]): Promise<() => Promise<void>> {
  const file = join(folder, historyFile);
  beforeWriting(`edit ${folder}: ${lines.map(said).join('; ')}`);
  const at = new Date().toISOString();
  // Not imported: it costs milliseconds, and who only reads a packl writes no history.
  const by = process.getBuiltinModule('node:os').userInfo().username;
  const size = await wholeSize(file);
  const all = lines.map(({ comment, ops, found }): HistoryLine => {
    return { at, by, comment, ops, ...(found === undefined ? {} : { found }) };
  });
  try {
    await appendFile(file, all.map((line) => `${JSON.stringify(line)}\n`).join(''));
  } catch (error) {
    throw asPiplError(error, file);
  }
  return () => (size === undefined ? rm(file, { force: true }) : truncate(file, size));
}

/** Bytes up to the end of the last whole line (what a crash left after it is taken away); undefined: no file. */
async function wholeSize(file: string): Promise<number | undefined> {
  const text = await readText(file);
  if (text === undefined) return undefined;
  if (text === '' || text.endsWith('\n')) return Buffer.byteLength(text);
  const whole = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1));
  await truncate(file, whole);
  return whole;
}

/** What was found there is only named: it is as long as the file. */
const said = ({ comment, ops, found }: NewLine): string =>
  found === undefined
    ? `${comment} (${ops.map((one) => [one.op, one.path, ...('value' in one ? [JSON.stringify(one.value)] : [])].join(' ')).join(', ')})`
    : comment;
