/** Parentheses, lists with their comprehensions, and the braces that EXPR leaves out. */
import { leftOut } from './left-out.ts';
import type { Expression } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

export function parseBrackets(tokens: TokenStream): Expression {
  const token = tokens.next;
  if (tokens.is('(')) return parseParentheses(tokens);
  if (tokens.is('[')) return parseList(tokens);
  if (tokens.is('{')) throw refuseBraces(tokens);
  if (tokens.is('...')) throw tokens.fault(leftOut.ellipsis, token);
  throw tokens.fault('Syntax error: Expected an expression', token);
}

function parseParentheses(tokens: TokenStream): Expression {
  const { start } = tokens.skip();
  if (tokens.take(')')) throw tokens.fault(leftOut.tuple, { start, end: tokens.previousEnd });
  const inner = tokens.parseWhole(tokens);
  if (tokens.is(':=')) {
    tokens.skip();
    const { end } = tokens.parseWhole(tokens);
    throw tokens.fault(leftOut.walrus, { start: inner.start, end });
  }
  if (tokens.is(',')) {
    while (tokens.take(',') && !tokens.is(')')) tokens.parseWhole(tokens);
    tokens.expect(')');
    throw tokens.fault(leftOut.tuple, { start, end: tokens.previousEnd });
  }
  if (tokens.isWord('for')) {
    while (!tokens.is(')') && tokens.next.kind !== 'end') tokens.skip();
    tokens.expect(')');
    throw tokens.fault(leftOut.generator, { start, end: tokens.previousEnd });
  }
  tokens.expect(')');
  return { ...inner, reach: { start, end: tokens.previousEnd } };
}

function parseList(tokens: TokenStream): Expression {
  const { start } = tokens.skip();
  const items: Expression[] = [];
  while (!tokens.take(']')) {
    const from = tokens.next.start;
    if (tokens.take('*')) {
      const { end } = tokens.parseWhole(tokens);
      throw tokens.fault(leftOut.star, { start: from, end });
    }
    const item = tokens.parseWhole(tokens);
    if (items.length === 0 && (tokens.isWord('for') || tokens.isWord('async'))) {
      return parseComprehension(tokens, item, start);
    }
    items.push(item);
    if (!tokens.take(',') && !tokens.is(']')) throw tokens.unexpected(']');
  }
  return { kind: 'list', items, start, end: tokens.previousEnd };
}

function parseComprehension(tokens: TokenStream, item: Expression, start: number): Expression {
  tokens.takeWord('async');
  tokens.expectWord('for');
  const variable = parseVariable(tokens);
  tokens.expectWord('in');
  const source = tokens.parseWhole(tokens, 'or');
  let condition: Expression | undefined;
  let [hasManyFor, hasManyIf] = [false, false];
  for (;;) {
    if (tokens.takeWord('if')) {
      hasManyIf ||= condition !== undefined;
      condition = tokens.parseWhole(tokens, 'or');
    } else if (tokens.takeWord('for')) {
      hasManyFor = true;
      parseVariable(tokens);
      tokens.expectWord('in');
      tokens.parseWhole(tokens, 'or');
    } else break;
  }
  tokens.expect(']');
  const place = { start, end: tokens.previousEnd };
  if (hasManyFor) throw tokens.fault(leftOut.manyFor, place);
  if (hasManyIf) throw tokens.fault(leftOut.manyIf, place);
  return { kind: 'comprehension', item, variable, source, condition, ...place };
}

function parseVariable(tokens: TokenStream): string {
  const token = tokens.skip();
  const hasMore = tokens.is(',');
  while (!tokens.isWord('in') && tokens.next.kind !== 'end') tokens.skip();
  if (hasMore || (token.kind === 'operator' && token.text === '(')) {
    throw tokens.fault(leftOut.unpacking, { start: token.start, end: tokens.previousEnd });
  }
  if (token.kind !== 'name') throw tokens.fault('Syntax error: Expected a name after `for`', token);
  if (!/^[a-z_]/.test(token.text)) {
    throw tokens.fault(
      `Loop variable '${token.text}' must start with a lowercase letter or underscore`,
      token,
    );
  }
  return token.text;
}

function refuseBraces(tokens: TokenStream) {
  const { start } = tokens.skip();
  let [depth, isDict, isComprehension, isEmpty] = [1, false, false, true];
  while (depth > 0 && tokens.next.kind !== 'end') {
    if (tokens.is('{') || tokens.is('[') || tokens.is('(')) depth += 1;
    if (tokens.is('}') || tokens.is(']') || tokens.is(')')) depth -= 1;
    if (depth === 1 && (tokens.is(':') || tokens.is('**'))) isDict = true;
    if (depth === 1 && tokens.isWord('for')) isComprehension = true;
    if (depth > 0) isEmpty = false;
    tokens.skip();
  }
  const span = { start, end: tokens.previousEnd };
  if (depth > 0) return tokens.unexpected('}');
  if (isDict || isEmpty)
    return tokens.fault(isComprehension ? leftOut.dictComprehension : leftOut.dict, span);
  return tokens.fault(isComprehension ? leftOut.setComprehension : leftOut.set, span);
}
