/**
 * A packl's package.json and its history: every managed edit writes both, or neither.
 *
 * The history (`.pipl-history.jsonl`) has one line an edit: who, when, why, and the edit as JSON Patch. It is
 * packed with the packl; replayed from the empty document it gives the package.json.
 */
import { appendFile, truncate } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Manifest, parseManifest, piplError } from '@pipl/packl';
import { asPiplError, jsonText, readJson, readText, writeWhole } from './atomic-file.ts';
import { applied, difference, type Json, type PatchOperation } from './json-patch.ts';

export const historyFile = '.pipl-history.jsonl';

export interface HistoryLine {
  /** ISO 8601, UTC */
  readonly at: string;
  readonly by: string;
  readonly comment: string;
  readonly ops: readonly PatchOperation[];
}

export type WrittenManifest = { [key: string]: Json | undefined } & { name: string; version: string };

/** The package.json as written, with its keys in their order. @throws PIPL_NO_PACKL, PIPL_MANIFEST */
export async function readPackl(folder: string): Promise<{ written: WrittenManifest; manifest: Manifest }> {
  const file = join(folder, 'package.json');
  const json = await readJson(file);
  if (json === undefined) {
    throw piplError('notFound', 'PIPL_NO_PACKL', {
      what: `There is no packl in ${folder}.`,
      why: 'It has no package.json.',
      hint: 'Name the folder of a packl, or make one: pipl packl create NAME',
    });
  }
  return { written: json as WrittenManifest, manifest: parseManifest(json, file) };
}

/** The manifest of the packl in a folder. @throws PIPL_NO_PACKL, PIPL_MANIFEST */
export const showFolder = async (folder: string): Promise<Manifest> => (await readPackl(folder)).manifest;

/** What an edit left, with a way back for a step after it that fails. */
export interface PacklEdit {
  readonly manifest: Manifest;
  undo(): Promise<void>;
}

/** Writes `edit(package.json)` and its line of history. @throws PIPL_MANIFEST when the result is not a packl */
export async function editPackl(
  folder: string,
  { comment, edit }: { comment: string; edit: (written: WrittenManifest) => WrittenManifest },
): Promise<PacklEdit> {
  const file = join(folder, 'package.json');
  const before = (await readText(file)) ?? '';
  const { written } = await readPackl(folder);
  const after = edit(written);
  const manifest = parseManifest(after, file);
  const undoHistory = await appendHistory(folder, comment, difference(written, after));
  try {
    await writeWhole(file, jsonText(after));
  } catch (error) {
    await undoHistory();
    throw error;
  }
  return {
    manifest,
    async undo() {
      await writeWhole(file, before);
      await undoHistory();
    },
  };
}

/** @returns what takes the line away again */
export async function appendHistory(
  folder: string,
  comment: string,
  ops: readonly PatchOperation[],
): Promise<() => Promise<void>> {
  const file = join(folder, historyFile);
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  const line: HistoryLine = { at: new Date().toISOString(), by: userInfo().username, comment, ops };
  try {
    await appendFile(file, `${JSON.stringify(line)}\n`);
  } catch (error) {
    throw asPiplError(error, file);
  }
  return () => truncate(file, size);
}

/** The edits of a packl, oldest first. */
export async function readHistory(folder: string): Promise<HistoryLine[]> {
  const text = (await readText(join(folder, historyFile))) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryLine);
}

/** The package.json that a history gives. */
export const replay = (history: readonly HistoryLine[]): Json =>
  history.reduce<Json>((document, { ops }) => applied(document, ops), {});
