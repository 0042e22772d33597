/** The tokens of one expression, read from the left, with the questions a parser asks of them. */
import { ExpressionInvalid } from './expression-invalid.ts';
import type { Span } from './expression-invalid.ts';
import { tokenize } from './lexer.ts';
import type { Token } from './lexer.ts';
import type { Expression } from './syntax.ts';

/** `or` leaves out `a if b else c`, which after `in` and `if` of a comprehension would be ambiguous. */
export type Parse = (tokens: TokenStream, from?: 'or') => Expression;

export class TokenStream {
  readonly text: string;
  /** How deep an expression may nest. */
  readonly deepest = 64;
  /** Parses a whole expression: brackets hold those, and the parser of atoms is below that of operators. */
  readonly parseWhole: Parse;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string, parseWhole: Parse) {
    this.text = text;
    this.parseWhole = parseWhole;
    this.#tokens = tokenize(text);
  }

  get next(): Token {
    return this.#tokens[this.#at]!;
  }

  get isDone(): boolean {
    return this.next.kind === 'end';
  }

  /** Where the text ends, and where the token before this one does. */
  get end(): number {
    return this.#tokens.at(-1)!.end;
  }

  get previousEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  skip(): Token {
    const token = this.next;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  is(operator: string): boolean {
    return this.next.kind === 'operator' && this.next.text === operator;
  }

  isWord(word: string): boolean {
    return this.next.kind === 'keyword' && this.next.text === word;
  }

  /** True if the token after this one is that operator. */
  follows(operator: string): boolean {
    const token = this.#tokens[this.#at + 1];
    return token?.kind === 'operator' && token.text === operator;
  }

  take(operator: string): boolean {
    const found = this.is(operator);
    if (found) this.#at += 1;
    return found;
  }

  takeWord(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.#at += 1;
    return found;
  }

  expect(operator: string): void {
    if (!this.take(operator)) throw this.unexpected(operator);
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected(word);
  }

  unexpected(wanted: string): ExpressionInvalid {
    if (this.next.kind === 'end') {
      return this.fault('Syntax error: unexpected EOF while parsing', { start: this.first, end: this.end });
    }
    return this.fault(`Syntax error: Expected \`${wanted}\``, this.next);
  }

  get first(): number {
    return this.#tokens[0]!.start;
  }

  fault(reason: string, span: Span): ExpressionInvalid {
    return new ExpressionInvalid(reason, { text: this.text, span });
  }

  tooDeep(): ExpressionInvalid {
    return this.fault(`Expression is nested deeper than ${this.deepest} levels`, {
      start: this.first,
      end: this.end,
    });
  }

  /** @throws ExpressionInvalid past the depth that evaluating can bear. */
  deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > this.deepest) throw this.tooDeep();
    const result = read();
    this.#depth -= 1;
    return result;
  }
}
