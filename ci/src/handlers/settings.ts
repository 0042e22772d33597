/**
 * Changes the handlers and gates that `.pipl` declares: one writer at a time, the whole file replaced at once, nothing
 * else of it touched.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { handlerName, Handlers, piplError, type Handler, type IndexName } from '@pipl/packl';
import { z } from 'zod';
import type { GateEntry } from '../project-file.ts';

type Written = Record<string, unknown> & {
  handlers?: Record<string, unknown[]>;
  gates?: Record<string, unknown>;
};

async function readWritten(file: string, project: string): Promise<Written> {
  const text = await readFile(file, 'utf8');
  // The original's root file is a comment.
  const isComment = text.split('\n').every((line) => line.trim() === '' || line.startsWith('#'));
  return isComment ? { name: basename(resolve(project)) } : (JSON.parse(text) as Written);
}

/** The end of the last change of each file, however it ended. */
const writing = new Map<string, Promise<void>>();

/** Two that ask at once change it one after the other: else the second would write what it read before the first. */
async function rewritten<T>(
  project: string,
  change: (written: Written) => readonly [Written, T],
): Promise<T> {
  const file = join(project, '.pipl');
  const before = writing.get(file);
  const ended = Promise.withResolvers<void>();
  writing.set(file, ended.promise);
  try {
    await before;
    const [next, result] = change(await readWritten(file, project));
    const aside = `${file}.${process.pid}.tmp`;
    await writeFile(aside, `${JSON.stringify(next, null, 2)}\n`, { flush: true });
    await rename(aside, file);
    return result;
  } finally {
    ended.resolve();
  }
}

const nameIn = (entry: unknown): string => {
  const { kind, name } = entry as { kind?: string; name?: string };
  return name ?? kind ?? '';
};

/** @throws PIPL_HANDLER_INVALID, with what is wrong @returns what is declared now */
const changed = (project: string, change: (handlers: Record<string, unknown[]>) => void): Promise<Handlers> =>
  rewritten(project, (written) => {
    const handlers = structuredClone(written.handlers ?? {});
    change(handlers);
    const parsed = Handlers.safeParse(handlers);
    if (parsed.success) return [{ ...written, handlers }, parsed.data];
    const problems = parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`);
    throw piplError('invalid', 'PIPL_HANDLER_INVALID', {
      what: 'This is no handler that pipl can follow.',
      why: problems.join('; '),
      hint: '`pipl proj handler add --help` has examples.',
      problems,
    });
  });

/** One of the same name in the same index is replaced. */
export const addHandler = (project: string, index: IndexName, handler: Handler): Promise<Handlers> =>
  changed(project, (all) => {
    const others = (all[index] ?? []).filter((entry) => nameIn(entry) !== handlerName(handler));
    all[index] = [...others, handler];
  });

export const removeHandler = (project: string, index: IndexName, name: string): Promise<Handlers> =>
  changed(project, (all) => {
    const others = (all[index] ?? []).filter((entry) => nameIn(entry) !== name);
    if (others.length === 0) delete all[index];
    else all[index] = others;
  });

/** Undefined: the index has no gate from now on. */
export const writeGate = (project: string, index: IndexName, gate: GateEntry | undefined): Promise<void> =>
  rewritten(project, ({ gates = {}, ...written }) => {
    const { [index]: _, ...others } = gates;
    const all = gate === undefined ? others : { ...others, [index]: gate };
    return [{ ...written, ...(Object.keys(all).length === 0 ? {} : { gates: all }) }, undefined];
  });
