/** Changes the handlers that `.pipl` declares: one writer, the whole file replaced at once, nothing else of it touched. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { handlerName, Handlers, piplError, type Handler, type IndexName } from '@pipl/packl';
import { z } from 'zod';

type Written = Record<string, unknown> & { handlers?: Record<string, unknown[]> };

async function readWritten(file: string, project: string): Promise<Written> {
  const text = await readFile(file, 'utf8');
  // The original's root file is a comment.
  const isComment = text.split('\n').every((line) => line.trim() === '' || line.startsWith('#'));
  return isComment ? { name: basename(resolve(project)) } : (JSON.parse(text) as Written);
}

const nameIn = (entry: unknown): string => {
  const { kind, name } = entry as { kind?: string; name?: string };
  return name ?? kind ?? '';
};

/** @throws PIPL_HANDLER_INVALID, with what is wrong @returns what is declared now */
async function changed(
  project: string,
  change: (handlers: Record<string, unknown[]>) => void,
): Promise<Handlers> {
  const file = join(project, '.pipl');
  const written = await readWritten(file, project);
  const handlers = structuredClone(written.handlers ?? {});
  change(handlers);
  const parsed = Handlers.safeParse(handlers);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`);
    throw piplError('invalid', 'PIPL_HANDLER_INVALID', {
      what: 'This is no handler that pipl can follow.',
      why: problems.join('; '),
      hint: '`pipl proj handler add --help` has examples.',
      problems,
    });
  }
  const aside = `${file}.${process.pid}.tmp`;
  await writeFile(aside, `${JSON.stringify({ ...written, handlers }, null, 2)}\n`, { flush: true });
  await rename(aside, file);
  return parsed.data;
}

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
