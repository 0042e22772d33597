/**
 * Combination expressions: `A * (B, C)`. A product takes every combination, rightmost fastest; an
 * association in parentheses walks its parts side by side, so they must be equally long.
 */
import { CombinationInvalid } from './errors.ts';

export type Combination =
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'product'; readonly of: readonly Combination[] }
  | { readonly kind: 'association'; readonly of: readonly Combination[] };

/** Deeper nesting says nothing that a flat expression could not. */
const deepest = 32;
const token = / *([A-Za-z_][A-Za-z0-9_]*|[*(),]) */y;

/** @throws CombinationInvalid if the text is not a combination expression. */
export function parseCombination(text: string): Combination {
  const tokens = tokensOf(text);
  if (tokens.length === 0) throw new CombinationInvalid('combination expression is empty.');
  const cursor = { tokens, at: 0, depth: 0 };
  const parsed = product(cursor);
  const rest = tokens[cursor.at];
  if (rest === undefined) return parsed;
  throw new CombinationInvalid(rest === ')' || rest === ',' ? `unmatched '${rest}'.` : missingOperator);
}

const missingOperator = 'missing operator between parameters.';

interface Cursor {
  readonly tokens: readonly string[];
  at: number;
  depth: number;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const { lastIndex } = token;
    const found = token.exec(text)?.[1];
    if (found !== undefined) tokens.push(found);
    else if (/^ *$/.test(text.slice(lastIndex))) break;
    else
      throw new CombinationInvalid(
        `unexpected ${JSON.stringify(text.slice(lastIndex).replace(/^ +/, '')[0])}.`,
      );
  }
  return tokens;
}

function product(cursor: Cursor): Combination {
  const of = [factor(cursor)];
  while (cursor.tokens[cursor.at] === '*') {
    cursor.at += 1;
    of.push(factor(cursor));
  }
  return of.length === 1 ? of[0]! : { kind: 'product', of };
}

function factor(cursor: Cursor): Combination {
  const next = cursor.tokens[cursor.at];
  if (next === undefined) throw new CombinationInvalid('trailing operator in combination expression.');
  if (next === '*') throw new CombinationInvalid("operator '*' without left operand.");
  if (next === ')' || next === ',') throw new CombinationInvalid(`unexpected '${next}'.`);
  cursor.at += 1;
  return next === '(' ? association(cursor) : { kind: 'parameter', name: next };
}

function association(cursor: Cursor): Combination {
  if (cursor.tokens[cursor.at] === ')')
    throw new CombinationInvalid('empty group in combination expression.');
  if (cursor.tokens[cursor.at] === undefined) throw new CombinationInvalid("unmatched '('.");
  cursor.depth += 1;
  if (cursor.depth > deepest) throw new CombinationInvalid(`nested deeper than ${deepest} groups.`);
  const of = [product(cursor)];
  while (cursor.tokens[cursor.at] === ',') {
    cursor.at += 1;
    of.push(product(cursor));
  }
  const end = cursor.tokens[cursor.at];
  if (end === undefined) throw new CombinationInvalid("unmatched '('.");
  if (end !== ')') throw new CombinationInvalid(missingOperator);
  cursor.at += 1;
  cursor.depth -= 1;
  return of.length === 1 ? of[0]! : { kind: 'association', of };
}

/** The parameters in the order they are named, as often as they are. */
export function namesIn(combination: Combination): string[] {
  return combination.kind === 'parameter' ? [combination.name] : combination.of.flatMap(namesIn);
}

/** Those inside an association, however deep. */
export function associatedNames(combination: Combination): string[] {
  switch (combination.kind) {
    case 'parameter':
      return [];
    case 'product':
      return combination.of.flatMap(associatedNames);
    case 'association':
      return namesIn(combination);
  }
}
