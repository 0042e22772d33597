/**
 * What run tests and scenarios expect of output, and where. A key that is not known fails the case: nothing is
 * skipped in silence.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { documentOf } from '@pipl/openjd-cli';
import { failed, passed, type Verdict } from './case.ts';

export type Fields = Readonly<Record<string, unknown>>;
export type Texts = readonly (string | { readonly anyOf: readonly string[] })[];

export const here = process.platform === 'win32' ? 'windows' : 'posix';

export const isElsewhere = (runOn: unknown): boolean =>
  runOn !== undefined && ![runOn].flat().some((one) => one === here || one === 'all');

export const readMap = (root: string, file: string): Fields =>
  documentOf(readFileSync(join(root, file), 'utf8'), file) as Fields;

export function unknownKeys(map: Fields, known: readonly string[]): Verdict | undefined {
  const unknown = Object.keys(map).filter((key) => !known.includes(key));
  return unknown.length > 0 ? failed(`the keys ${known.join(', ')}`, unknown.join(', ')) : undefined;
}

export function compareTexts(
  output: string,
  { wanted, forbidden }: { wanted: Texts; forbidden: Texts },
): Verdict {
  const has = (text: Texts[number]) =>
    typeof text === 'object'
      ? text.anyOf.some((one) => output.includes(String(one)))
      : output.includes(String(text));
  const missing = wanted.filter((text) => !has(text));
  if (missing.length > 0) return failed(`output ${JSON.stringify(missing)}`, output);
  const leaked = forbidden.filter(has);
  return leaked.length > 0 ? failed(`no output ${JSON.stringify(leaked)}`, output) : passed;
}
