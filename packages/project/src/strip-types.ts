/**
 * TypeScript sources as the JavaScript that Node runs: types blanked, `.ts` in relative specifiers made `.js`.
 *
 * Node refuses to strip types under node_modules, so this happens when a packl is packed. Types are replaced by
 * blanks, so lines and columns stay those of the source. Only erasable TypeScript can be stripped.
 */
import { stripTypeScriptTypes } from 'node:module';
import { piplError } from '@pipl/packl';
import { init, parse } from 'es-module-lexer';

/** @param file for the error only @throws PIPL_TYPESCRIPT */
export async function strippedModule(source: string, file: string): Promise<string> {
  await init;
  try {
    return rewriteSpecifiers(withoutWarning(() => stripTypeScriptTypes(source)));
  } catch (cause) {
    throw piplError('invalid', 'PIPL_TYPESCRIPT', {
      what: `${file} cannot become JavaScript.`,
      why: ((cause as Error).message.split('\n')[0] ?? '').trim(),
      hint: 'Use erasable TypeScript only: no enums, namespaces or parameter properties.',
      cause,
    });
  }
}

/** `src/shots/render.ts` → `dist/shots/render.js`; undefined where there is nothing to strip. */
export function strippedPath(path: string): string | undefined {
  const found = /^src\/(.+)\.([mc]?)ts$/.exec(path);
  if (!found || found[1]!.endsWith('.d')) return undefined;
  return `dist/${found[1]}.${found[2]}js`;
}

function rewriteSpecifiers(code: string): string {
  const [imports] = parse(code);
  let result = '';
  let at = 0;
  for (const { specifier, start, end } of imports) {
    if (typeof specifier !== 'string' || !/^\.{1,2}\/.*\.[mc]?ts$/.test(specifier)) continue;
    const written = code.slice(start, end);
    result += code.slice(at, start) + written.replace(/ts(['"]?)$/, 'js$1');
    at = end;
  }
  return result + code.slice(at);
}

/** Node warns that stripping is experimental, once a process; people did not ask for it. */
function withoutWarning<T>(work: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
