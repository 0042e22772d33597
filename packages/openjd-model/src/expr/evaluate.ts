/** Evaluates the text of an expression. With values that are not known yet, the result is their type. */
import { Budget } from './budget.ts';
import type { ExpressionLimits } from './budget.ts';
import { Evaluator } from './evaluator.ts';
import type { Library } from './library.ts';
import { Names } from './names.ts';
import type { Symbols } from './names.ts';
import { parseExpression } from './parser.ts';
import { templateLibrary } from './standard-library.ts';
import type { Expression } from './syntax.ts';
import type { PathFormat, Value } from './values.ts';

export interface EvaluateOptions {
  /** Dotted names with their values; one that is not known yet is `unresolved`. */
  readonly symbols?: Symbols;
  /** The rules for paths; POSIX unless set. */
  readonly pathFormat?: PathFormat;
  readonly library?: Library;
  readonly limits?: ExpressionLimits;
}

/** @throws ExpressionInvalid with the place of the fault. */
export function evaluateExpression(source: string, options: EvaluateOptions = {}): Value {
  return evaluateParsed(source, parseExpression(source), options);
}

/** The same for an expression that was parsed before. */
export function evaluateParsed(source: string, parsed: Expression, options: EvaluateOptions = {}): Value {
  const { symbols = new Map(), pathFormat = 'POSIX', library = templateLibrary, limits } = options;
  const budget = new Budget(limits);
  const evaluator = new Evaluator(source, library, { budget, pathFormat, regexes: new Map() });
  return evaluator.evaluate(parsed, new Names(symbols));
}
