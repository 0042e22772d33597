/**
 * Reads the Python subset of EXPR into a tree. What Python has and EXPR has not is refused by name.
 * Atoms and what follows them are in `atom-parser.ts`; here are the operators, loosest first.
 */
import { parsePostfix } from './atom-parser.ts';
import { ExpressionInvalid } from './expression-invalid.ts';
import { unsupportedOperators } from './left-out.ts';
import { reachOf } from './syntax.ts';
import type { BinaryOperator, ComparisonOperator, Expression } from './syntax.ts';
import { TokenStream } from './token-stream.ts';

/** @throws ExpressionInvalid with the place of the first fault. */
export function parseExpression(text: string): Expression {
  const tokens = new TokenStream(text, parseTest);
  const first = tokens.next;
  if (first.kind === 'end') throw new ExpressionInvalid('Empty expression');
  if (first.kind === 'keyword' && first.text === 'yield') {
    throw tokens.fault('Syntax error: Yield expression cannot be used here', {
      start: first.start,
      end: tokens.end,
    });
  }
  if (tokens.is('*')) {
    throw tokens.fault('Syntax error: Starred expression cannot be used here', {
      start: first.start,
      end: tokens.end,
    });
  }
  const whole = parseTest(tokens);
  if (tokens.is(',')) {
    while (tokens.take(',') && !tokens.isDone) parseTest(tokens);
    throw tokens.fault('Tuple literals are not supported; use a list instead', {
      start: reachOf(whole).start,
      end: tokens.previousEnd,
    });
  }
  if (!tokens.isDone) {
    throw tokens.fault('Syntax error: Unexpected token at the end of an expression', tokens.next);
  }
  return whole;
}

/** A whole expression: `a if b else c`, or a lambda to refuse. */
export function parseTest(tokens: TokenStream, from?: 'or'): Expression {
  return tokens.deeper(() => {
    if (from === 'or') return parseOr(tokens);
    if (tokens.isWord('lambda')) refuseLambda(tokens);
    const yes = parseOr(tokens);
    if (!tokens.takeWord('if')) return yes;
    const test = parseOr(tokens);
    tokens.expectWord('else');
    const no = parseTest(tokens);
    return { kind: 'condition', yes, test, no, start: reachOf(yes).start, end: reachOf(no).end };
  });
}

function refuseLambda(tokens: TokenStream): never {
  const { start } = tokens.next;
  tokens.skip();
  while (!tokens.is(':') && tokens.next.kind !== 'end') tokens.skip();
  tokens.expect(':');
  const body = parseTest(tokens);
  throw tokens.fault('Lambda expressions are not supported', { start, end: reachOf(body).end });
}

export const parseOr = (tokens: TokenStream): Expression => parseLogic(tokens, 'or', parseAnd);
const parseAnd = (tokens: TokenStream): Expression => parseLogic(tokens, 'and', parseNot);

function parseLogic(
  tokens: TokenStream,
  operator: 'and' | 'or',
  parseOperand: (tokens: TokenStream) => Expression,
): Expression {
  const first = parseOperand(tokens);
  const operands = [first];
  while (tokens.takeWord(operator)) operands.push(parseOperand(tokens));
  const last = operands.at(-1)!;
  return operands.length === 1
    ? first
    : { kind: 'logic', operator, operands, start: reachOf(first).start, end: reachOf(last).end };
}

function parseNot(tokens: TokenStream): Expression {
  const { start } = tokens.next;
  if (!tokens.takeWord('not')) return parseComparison(tokens);
  return tokens.deeper(() => {
    const operand = parseNot(tokens);
    return { kind: 'unary', operator: 'not', operand, start, end: reachOf(operand).end };
  });
}

function takeComparison(tokens: TokenStream): ComparisonOperator | 'is' | 'is not' | undefined {
  for (const operator of ['==', '!=', '<=', '>=', '<', '>'] as const)
    if (tokens.take(operator)) return operator;
  if (tokens.takeWord('in')) return 'in';
  if (tokens.takeWord('is')) return tokens.takeWord('not') ? 'is not' : 'is';
  if (!tokens.takeWord('not')) return undefined;
  tokens.expectWord('in');
  return 'not in';
}

function parseComparison(tokens: TokenStream): Expression {
  const first = parseArithmetic(tokens, 0);
  const rest: { operator: ComparisonOperator; operand: Expression }[] = [];
  for (let operator = takeComparison(tokens); operator; operator = takeComparison(tokens)) {
    const operand = parseArithmetic(tokens, 0);
    if (operator === 'is' || operator === 'is not') {
      throw tokens.fault(
        `'${operator}' operator is not supported; use '${operator === 'is' ? '==' : '!='}'`,
        { start: reachOf(first).start, end: reachOf(operand).end },
      );
    }
    rest.push({ operator, operand });
  }
  const last = rest.at(-1);
  return last
    ? { kind: 'comparison', first, rest, start: reachOf(first).start, end: reachOf(last.operand).end }
    : first;
}

/** From the loosest to the tightest; those of one line associate to the left. */
const levels: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '//', '/', '%', '@'],
];

export function parseArithmetic(tokens: TokenStream, level: number): Expression {
  const names = levels[level];
  if (!names) return parseUnary(tokens);
  let left = parseArithmetic(tokens, level + 1);
  let depth = 0;
  for (;;) {
    const operatorAt = tokens.next.start;
    const operator = names.find((name) => tokens.take(name));
    if (operator === undefined) break;
    const right = parseArithmetic(tokens, level + 1);
    const span = { start: reachOf(left).start, end: reachOf(right).end, mark: operatorAt };
    const refusal = unsupportedOperators[operator];
    if (refusal !== undefined) throw tokens.fault(refusal, span);
    // A long chain is a deep tree: what evaluates it recurses.
    depth += 1;
    if (depth > tokens.deepest) throw tokens.tooDeep();
    left = {
      kind: 'binary',
      operator: operator as BinaryOperator,
      operatorAt,
      left,
      right,
      start: span.start,
      end: span.end,
    };
  }
  return left;
}

function parseUnary(tokens: TokenStream): Expression {
  const { start } = tokens.next;
  const operator = (['-', '+', '~'] as const).find((one) => tokens.take(one));
  if (operator === undefined) return parsePower(tokens);
  return tokens.deeper(() => {
    const operand = parseUnary(tokens);
    if (operator === '~') {
      throw tokens.fault('Bitwise NOT (~) is not supported', { start, end: reachOf(operand).end });
    }
    // The least integer has no positive counterpart, so the sign belongs to the literal.
    if (operator === '-' && operand.kind === 'int') {
      const { end } = reachOf(operand);
      return { kind: 'int', value: -operand.value, start, end };
    }
    return { kind: 'unary', operator, operand, start, end: reachOf(operand).end };
  });
}

function parsePower(tokens: TokenStream): Expression {
  if (tokens.isWord('await')) {
    const { start } = tokens.next;
    tokens.skip();
    throw tokens.fault('Await expressions are not supported', { start, end: parsePostfix(tokens).end });
  }
  const left = parsePostfix(tokens);
  const operatorAt = tokens.next.start;
  if (!tokens.take('**')) return left;
  return tokens.deeper(() => {
    const right = parseUnary(tokens);
    return {
      kind: 'binary',
      operator: '**',
      operatorAt,
      left,
      right,
      start: reachOf(left).start,
      end: reachOf(right).end,
    };
  });
}
