/** Fills the format strings of a template when its job is made, and says where one cannot be. */
import { ExpressionInvalid } from './expr/expression-invalid.ts';
import { resolveArguments, resolveOptional } from './format-string.ts';
import type { Place } from './reader.ts';
import type { SymbolTable } from './symbol-table.ts';

/** Does what may fail because of an expression; says so there. */
export function settle<T>(work: () => T, place: Place): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpressionInvalid)) throw error;
    return place.say(error.message);
  }
}

/** A format string filled in; undefined if EXPR gives null, or fails and has said so. */
export const fillText = (text: string, symbols: SymbolTable, place: Place): string | undefined =>
  settle(() => resolveOptional(text, symbols), place);

/** Texts filled in. With EXPR a list stands for its items, and null for none. */
export function fillList(texts: readonly string[], symbols: SymbolTable, place: Place): string[] {
  return texts.flatMap(
    (text, index) => settle(() => resolveArguments([text], symbols), place.at(index)) ?? [],
  );
}
