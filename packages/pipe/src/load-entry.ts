/** Imports the module that an entry point names, and says which packl it is when that does not work. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PiplError, piplError } from '@pipl/packl';
import { exportedFile } from './exports-map.ts';

export interface EntryHome {
  /** name@version */
  readonly spec: string;
  readonly dir: string;
  /** `services`: where the manifest lists it */
  readonly field: string;
}

/** @param entry `./store#createStore` @throws PIPL_ENTRY_NOT_LOADED */
export async function loadEntry({ spec, dir, field }: EntryHome, entry: string): Promise<unknown> {
  const { exports } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as { exports?: unknown };
  return importEntry({ dir, exports }, entry, (why, cause) =>
    piplError('invalid', 'PIPL_ENTRY_NOT_LOADED', {
      what: `${entry} of ${spec} cannot be loaded.`,
      why,
      hint: `Mend ${spec}: what pipl.${field} lists must be exported by a module in "exports".`,
      cause,
    }),
  );
}

type Refusal = (why: string, cause?: unknown) => PiplError;

export async function importEntry(
  { dir, exports }: { readonly dir: string; readonly exports: unknown },
  entry: string,
  refusal: Refusal,
): Promise<unknown> {
  const at = entry.lastIndexOf('#');
  const [subpath, member] = [entry.slice(0, at), entry.slice(at + 1)];
  const target = exportedFile(exports, subpath);
  if (target === undefined) throw refusal(`"exports" of its package.json has no ${subpath}.`);
  const file = join(dir, target);
  if (!existsSync(file)) throw refusal(`There is no ${file}.`);
  const loaded = await imported(file).catch((cause: unknown) => {
    if (cause instanceof PiplError) throw cause;
    throw refusal(`${target}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  });
  if (member in loaded) return loaded[member];
  throw refusal(`${subpath} exports ${Object.keys(loaded).join(', ') || 'nothing'}.`);
}

const imported = async (file: string): Promise<Record<string, unknown>> =>
  (await import(pathToFileURL(file).href)) as Record<string, unknown>;
