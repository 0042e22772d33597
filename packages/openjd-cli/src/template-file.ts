/** Reads documents from files: templates, parameter values, tasks. A `.json` file is JSON and nothing more. */
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { extname, join, resolve } from 'node:path';

import { decodeEnvironmentTemplate, decodeJobTemplate, implementedExtensions } from '@pipl/openjd-model';
import type { EnvironmentTemplate, JobTemplate } from '@pipl/openjd-model';
import { readDocument } from '@pipl/openjd-model/document';
import { CommandFault } from './report.ts';

export interface TemplateFile {
  /** As the person wrote it. */
  readonly path: string;
  readonly cwd: string;
  readonly extensions: readonly string[];
}

/** `~` is the home of the person, anything else is seen from `cwd`. */
export const placeOf = (path: string, cwd: string): string =>
  path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(cwd, path);

/** @throws CommandFault if the file is not there, is no file, or cannot be read */
export function readText(path: string, { cwd, what }: { cwd: string; what?: string }): string {
  const file = placeOf(path, cwd);
  const shown = what === undefined ? `'${path}'` : `Provided ${what} '${path}'`;
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new CommandFault('missing', `${shown} does not exist.`);
  if (!found.isFile()) throw new CommandFault('missing', `${shown} is not a file.`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFault('missing', `Could not open file '${path}': ${why}`, { cause: error });
  }
}

/**
 * A document as plain values.
 *
 * @throws CommandFault, or the model's error, if it cannot be read
 */
export function documentOf(text: string, path: string): unknown {
  if (extname(path).toLowerCase() === '.json') {
    try {
      JSON.parse(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandFault('invalid', `'${path}' failed checks: it is not a valid JSON document: ${why}`, {
        cause: error,
      });
    }
  }
  return readDocument(text);
}

/** @throws CommandFault, TemplateInvalid, DocumentUnreadable */
export function readJobTemplate({ path, cwd, extensions }: TemplateFile): JobTemplate {
  const document = documentOf(readText(path, { cwd }), path);
  return decodeJobTemplate(document, { supportedExtensions: extensions });
}

/** @throws CommandFault, TemplateInvalid, DocumentUnreadable */
export function readEnvironmentTemplate({ path, cwd, extensions }: TemplateFile): EnvironmentTemplate {
  const document = documentOf(readText(path, { cwd }), path);
  return decodeEnvironmentTemplate(document, { supportedExtensions: extensions });
}

/** The extensions that `--extensions` allows. @throws CommandFault naming those that nobody knows */
export function allowedExtensions(given: readonly string[]): readonly string[] {
  if (given.length === 0) return implementedExtensions;
  const names = given
    .flatMap((text) => text.split(','))
    .map((name) => name.trim().toUpperCase())
    .filter((name) => name !== '');
  const unknown = names.filter((name) => !implementedExtensions.some((known) => known === name));
  if (unknown.length === 0) return names;
  const listed = [...new Set(unknown)].toSorted().join(', ');
  throw new CommandFault('usage', `Unsupported Open Job Description extension(s): ${listed}`);
}
