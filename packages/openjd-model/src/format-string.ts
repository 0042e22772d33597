/**
 * Format strings: text with names between `{{` and `}}`.
 *
 * Parsing gives segments with their offsets, so that whoever checks or resolves can say where. Which names
 * exist is the business of the caller (`scopes.ts` for templates, a `SymbolTable` for values).
 */
import { nearestName } from './edit-distance.ts';
import { FormatStringInvalid } from './errors.ts';
import type { FormatStringFault } from './errors.ts';
import { evaluateParsed } from './expr/evaluate.ts';
import { display } from './expr/display.ts';
import { ExpressionInvalid } from './expr/expression-invalid.ts';
import { parseExpression } from './expr/parser.ts';
import type { Expression } from './expr/syntax.ts';
import type { Value } from './expr/values.ts';
import type { SymbolTable } from './symbol-table.ts';

export interface TextSegment {
  readonly kind: 'text';
  readonly text: string;
}

/** `{{ name }}` between `start` and `end`, in UTF-16 units from 0. */
export interface NameSegment {
  readonly kind: 'name';
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** With EXPR: `{{ anything }}`. `source` is what stands between the braces. */
export interface ExpressionSegment {
  readonly kind: 'expression';
  readonly source: string;
  readonly expression: Expression;
  readonly start: number;
  readonly end: number;
}

export type Segment = TextSegment | NameSegment | ExpressionSegment;

export interface FormatString {
  readonly text: string;
  readonly segments: readonly Segment[];
}

/** More than any template needs; they keep a hostile one from costing much. */
const longestText = 1024 * 1024;
const mostSegments = 1000;
const longestExpression = 64 * 1024;

const dottedName = /^[A-Za-z_][A-Za-z0-9_]*(?:\s*\.\s*[A-Za-z_][A-Za-z0-9_]*)*$/;
const beginsLikeName = /^[A-Za-z_][\w.\s]*/;

/**
 * With `expressions` (EXPR) anything of the expression language may stand between the braces.
 *
 * @throws ExpressionInvalid for an expression that cannot be read, FormatStringInvalid for braces without a partner, and for anything but a dotted name in them.
 */
export function parseFormatString(
  text: string,
  { expressions = false }: { expressions?: boolean } = {},
): FormatString {
  if (text.length > longestText) {
    throw invalid(text, { start: 0, end: longestText, reason: `Longer than ${longestText} characters.` });
  }
  const segments: Segment[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{{', at);
    const plain = text.slice(at, open < 0 ? text.length : open);
    const stray = plain.indexOf('}}');
    if (stray >= 0) {
      throw invalid(text, {
        start: at,
        end: at + stray + 2,
        reason: 'Reason: Braces mismatch: }} without {{.',
      });
    }
    if (plain !== '') segments.push({ kind: 'text', text: plain });
    if (open < 0) break;
    const segment = expressions ? expressionAt(text, open) : nameAt(text, open);
    segments.push(segment);
    if (segments.length > mostSegments) {
      throw invalid(text, { start: open, end: segment.end, reason: `More than ${mostSegments} segments.` });
    }
    at = segment.end;
  }
  return { text, segments };
}

function nameAt(text: string, start: number): NameSegment {
  const close = text.indexOf('}}', start + 2);
  if (close < 0) {
    throw invalid(text, { start, end: text.length, reason: 'Reason: Braces mismatch: {{ without }}.' });
  }
  const end = close + 2;
  const name = text.slice(start + 2, close).trim();
  if (name === '') throw invalid(text, { start, end, reason: 'Reason: Empty expression.' });
  if (!dottedName.test(name)) throw invalid(text, { start, end, ...whyNotName(name) });
  return { kind: 'name', name: name.replace(/\s/g, ''), start, end };
}

/** Braces between quotes belong to the text between them. */
const untilClosed = /^(?:'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"|(?!\}\})[^'"])*\}\}/;

function expressionAt(text: string, start: number): ExpressionSegment {
  const plain = text.indexOf('}}', start + 2);
  if (plain < 0) {
    throw invalid(text, { start, end: text.length, reason: 'Reason: Braces mismatch: {{ without }}.' });
  }
  const quoted = untilClosed.exec(text.slice(start + 2, start + 2 + longestExpression))?.[0].length;
  const end = quoted === undefined ? plain + 2 : start + 2 + quoted;
  const source = text.slice(start + 2, end - 2);
  if (source.trim() === '') throw invalid(text, { start, end, reason: 'Reason: Empty expression.' });
  return {
    kind: 'expression',
    source,
    expression: inFormat({ start, end }, () => parseExpression(source)),
    start,
    end,
  };
}

/** Says where in a format string an expression failed. */
export function inFormat<T>({ start, end }: { start: number; end: number }, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpressionInvalid)) throw error;
    throw new ExpressionInvalid(
      `Failed to parse interpolation expression at [${start}, ${end}]. ${error.message}`,
    );
  }
}

function whyNotName(source: string): { reason: string; needsExtension?: boolean } {
  if (source.includes('{')) return { reason: `Reason: Unexpected '{' in '${source}'.` };
  if (beginsLikeName.test(source)) {
    return { reason: 'complex expressions require the EXPR extension.', needsExtension: true };
  }
  return { reason: `Reason: Unexpected '${source[0]}' in '${source}'; expected a name.` };
}

const invalid = (text: string, fault: Omit<FormatStringFault, 'text'>) =>
  new FormatStringInvalid({ text, ...fault });

/** The error for a name that has no value, with the nearest one that has. */
export function unknownName(
  text: string,
  segment: NameSegment,
  known: Iterable<string>,
): FormatStringInvalid {
  const { name, start, end } = segment;
  const reason = `Undefined variable: '${name}'.`;
  return new FormatStringInvalid({ text, start, end, reason, suggestion: nearestName(name, known) });
}

/**
 * The text with every name replaced by its value, and every expression by its text.
 *
 * @throws FormatStringInvalid if it cannot be parsed, or names something that `symbols` lacks;
 * ExpressionInvalid if an expression fails.
 */
export function resolveFormatString(text: string, symbols: SymbolTable): string {
  if (!text.includes('{{') && !text.includes('}}')) return text;
  const { segments } = parseFormatString(text, { expressions: symbols.expressions !== undefined });
  return segments
    .map((segment) => {
      if (segment.kind === 'text') return segment.text;
      if (segment.kind === 'expression') return display(valueOf(segment, symbols));
      const value = symbols.get(segment.name);
      if (value === undefined) throw unknownName(text, segment, symbols.names);
      return value;
    })
    .join('');
}

/**
 * A format string that becomes exactly this text. Braces can only be written as the text of an expression, so
 * a text with two of them next to each other needs EXPR.
 *
 * @throws FormatStringInvalid for such a text without `expressions`.
 */
export function escapeFormatString(
  text: string,
  { expressions = false }: { expressions?: boolean } = {},
): string {
  const braces = /\{\{|\}\}/.exec(text);
  if (!braces) return text;
  if (expressions) return text.replace(/\{{2,}|\}{2,}/g, (run) => `{{ '${run}' }}`);
  const { index: start } = braces;
  const reason = 'Reason: braces can only be written as the text of an expression, which needs EXPR.';
  throw invalid(text, { start, end: start + 2, reason });
}

/** What an expression is worth where these names are known. */
export function valueOf({ source, expression, start, end }: ExpressionSegment, symbols: SymbolTable): Value {
  return inFormat({ start, end }, () =>
    evaluateParsed(source, expression, { ...symbols.expressions, symbols: symbols.values }),
  );
}

/** The value of a text that is one expression and nothing else; undefined for other texts, and without EXPR. */
export function resolveWhole(text: string, symbols: SymbolTable): Value | undefined {
  if (!symbols.expressions || !text.includes('{{')) return undefined;
  const { segments } = parseFormatString(text, { expressions: true });
  const [only] = segments;
  return segments.length === 1 && only?.kind === 'expression' ? valueOf(only, symbols) : undefined;
}

/** The text, or undefined where EXPR gives null: then the field is as if it had not been written. */
export function resolveOptional(text: string, symbols: SymbolTable): string | undefined {
  const whole = resolveWhole(text, symbols);
  if (!whole) return resolveFormatString(text, symbols);
  return whole.is === 'nulltype' ? undefined : display(whole);
}

/** Arguments of a command. With EXPR a list stands for all its items, and null for none. */
export function resolveArguments(args: readonly string[], symbols: SymbolTable): string[] {
  return args.flatMap((argument) => {
    const whole = resolveWhole(argument, symbols);
    return whole ? argumentsOf(whole) : [resolveFormatString(argument, symbols)];
  });
}

function argumentsOf(value: Value): string[] {
  if (value.is === 'nulltype') return [];
  return value.is === 'list' ? value.items.flatMap(argumentsOf) : [display(value)];
}
