/**
 * A packl's package.json: every managed edit writes it and its line of history, or neither.
 *
 * Edits by hand are welcome: the next managed edit writes down first what was found.
 */
import { join } from 'node:path';
import { type Manifest, parseManifest, piplError } from '@pipl/packl';
import { jsonText, parseJson, readText, writeWhole } from './atomic-file.ts';
import { difference, type Json, type PatchOperation } from './json-patch.ts';
import { appendHistory, type NewLine, readHistory, unrecorded } from './packl-history.ts';

export type WrittenManifest = { [key: string]: Json | undefined } & { name: string; version: string };

export interface ReadPackl {
  readonly text: string;
  readonly written: WrittenManifest;
  readonly manifest: Manifest;
}

/** The package.json as written, with its keys in their order. @throws PIPL_NO_PACKL, PIPL_MANIFEST */
export async function readPackl(folder: string): Promise<ReadPackl> {
  const file = join(folder, 'package.json');
  const text = await readText(file);
  if (text === undefined) {
    throw piplError('notFound', 'PIPL_NO_PACKL', {
      what: `There is no packl in ${folder}.`,
      why: 'It has no package.json.',
      hint: 'Name the folder of a packl, or make one: pipl packl create NAME',
    });
  }
  const json = parseJson(text, file);
  return { text, written: json as WrittenManifest, manifest: parseManifest(json, file) };
}

/** The manifest of the packl in a folder. @throws PIPL_NO_PACKL, PIPL_MANIFEST */
export const showFolder = async (folder: string): Promise<Manifest> => (await readPackl(folder)).manifest;

/** What an edit left, with a way back for a step after it that fails. */
export interface PacklEdit {
  readonly manifest: Manifest;
  undo(): Promise<void>;
}

/**
 * Writes `edit(package.json)` and its line of history, after one for what was edited by hand before.
 * @throws PIPL_MANIFEST when the result is not a packl; PIPL_HISTORY
 */
export async function editPackl(
  folder: string,
  { comment, edit }: { comment: string; edit: (written: WrittenManifest) => WrittenManifest },
): Promise<PacklEdit> {
  const file = join(folder, 'package.json');
  const { text: before, written } = await readPackl(folder);
  const after = edit(written);
  const manifest = parseManifest(after, file);
  const lines = [...(await foundByHand(folder, written)), { comment, ops: difference(written, after) }];
  const undoHistory = await appendHistory(folder, lines);
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

async function foundByHand(folder: string, written: Json, comment?: string): Promise<NewLine[]> {
  const history = await readHistory(folder);
  const ops = unrecorded(history, written);
  const usual = history.length === 0 ? 'found without a history' : 'edited by hand';
  return ops.length === 0 ? [] : [{ comment: comment ?? usual, ops, found: true }];
}

/** What stands in package.json and in no line of its history. @throws PIPL_NO_PACKL, PIPL_HISTORY */
export async function verifyHistory(
  folder: string,
): Promise<{ readonly lines: number; readonly unrecorded: readonly PatchOperation[] }> {
  const { written } = await readPackl(folder);
  const history = await readHistory(folder);
  return { lines: history.length, unrecorded: unrecorded(history, written) };
}

/** Writes down what was edited by hand. @returns what that was; nothing is written when there is nothing */
export async function recordByHand(folder: string, comment?: string): Promise<readonly PatchOperation[]> {
  const { written } = await readPackl(folder);
  const lines = await foundByHand(folder, written, comment);
  if (lines.length > 0) await appendHistory(folder, lines);
  return lines.flatMap(({ ops }) => ops);
}
