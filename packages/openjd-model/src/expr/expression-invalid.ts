/** What is wrong with an expression, and where: the line of the expression with a mark under the fault. */
import { OpenJdError } from '../errors.ts';

/** A part of an expression in UTF-16 units from 0. `mark` is where the eye should go. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly mark?: number;
}

/** An expression that cannot be read or evaluated. `message` ends with the line at fault and its marks. */
export class ExpressionInvalid extends OpenJdError {
  override readonly code = 'OPENJD_EXPRESSION_INVALID';
  /** The message alone, without the line. */
  readonly reason: string;
  readonly span: Span | undefined;

  constructor(reason: string, at?: { readonly text: string; readonly span: Span }) {
    super({
      message: at ? `${reason}\n${marked(at.text, at.span)}` : reason,
      why: 'Expressions between {{ and }} follow the EXPR extension of Open Job Description.',
    });
    this.reason = reason;
    this.span = at?.span;
  }

  /** The same fault with a place, unless it has one. */
  placed(text: string, span: Span): ExpressionInvalid {
    return this.span ? this : new ExpressionInvalid(this.reason, { text, span });
  }
}

/** Marks cover one line: the one of the mark, or the first of what they cover. */
function marked(text: string, { start, end, mark = start }: Span): string {
  const from = text.lastIndexOf('\n', mark - 1) + 1;
  const to = text.indexOf('\n', mark);
  const line = text.slice(from, to < 0 ? text.length : to);
  const indent = line.length - line.trimStart().length;
  const first = Math.max(start - from, indent);
  const last = Math.max(Math.min(end - from, line.length), first + 1, mark - from + 1);
  const under = '~'.repeat(last - first);
  const at = Math.max(mark - from - first, 0);
  const isMultiline = text.trim().includes('\n');
  const cut = isMultiline ? 0 : indent;
  const shown = line.slice(cut).trimEnd();
  return `  ${shown}\n  ${' '.repeat(first - cut)}${under.slice(0, at)}^${under.slice(at + 1)}`;
}

export const overflow = (): ExpressionInvalid =>
  new ExpressionInvalid('Integer overflow: result is outside the 64-bit signed range');

/** Does what may fail; the fault has its place afterwards. */
export function placing<T>(text: string, { start, end, mark }: Span, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpressionInvalid)) throw error;
    throw error.placed(text, { start, end, ...(mark === undefined ? {} : { mark }) });
  }
}
