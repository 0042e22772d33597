/** Names as people write them: packls, indexes, specs. Pure; errors say what is allowed. */
import { piplError } from './errors.ts';

declare const indexBrand: unique symbol;
/** `owner/name`, for example `root/PROJ`. */
export type IndexName = string & { readonly [indexBrand]: true };

const indexPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const packlPattern = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** @throws PIPL_INDEX_NAME */
export function indexName(text: string): IndexName {
  if (!indexPattern.test(text)) {
    throw piplError('usage', 'PIPL_INDEX_NAME', {
      what: `"${text}" is not the name of an index.`,
      why: 'An index is named owner/name, letters, digits, dot, dash and underscore.',
      hint: 'For example root/PROJ. `pipl proj index list-indexes` lists them.',
    });
  }
  return text as IndexName;
}

/** @throws PIPL_PACKL_NAME */
export function packlName(text: string): string {
  if (!packlPattern.test(text) || text.length > 214) {
    throw piplError('invalid', 'PIPL_PACKL_NAME', {
      what: `"${text}" is not a name for a packl.`,
      why: 'A packl is an npm package: lower case, at most 214 characters, optionally @scope/name.',
      hint: 'For example @film/sh010-comp.',
    });
  }
  return text;
}

/** `@film/bunny@^1.0.0` → name and range; no range → undefined. */
export function parseSpec(spec: string): { name: string; range: string | undefined } {
  const at = spec.indexOf('@', 1);
  const name = packlName(at < 0 ? spec : spec.slice(0, at));
  const range = at < 0 ? undefined : spec.slice(at + 1);
  return { name, range: range === '' ? undefined : range };
}

/** The part of a packl's name that people use in file names: `@film/sh010-comp` → `sh010-comp`. */
export const shortName = (name: string): string => name.slice(name.indexOf('/') + 1);
