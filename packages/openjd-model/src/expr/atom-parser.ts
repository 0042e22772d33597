/** Reads names, literals and brackets, and what follows them: attributes, calls, subscripts. */
import { leftOut } from './left-out.ts';
import { parseBrackets } from './bracket-parser.ts';
import { reachOf } from './syntax.ts';
import type { Expression } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

export function parsePostfix(tokens: TokenStream): Expression {
  let read = parseAtom(tokens);
  for (let depth = 0; ; depth += 1) {
    if (depth > tokens.deepest) throw tokens.tooDeep();
    const open = tokens.next.start;
    if (tokens.take('.')) read = parseAttribute(tokens, read);
    else if (tokens.take('(')) {
      const args = parseArguments(tokens, read);
      read = { kind: 'call', callee: read, args, start: reachOf(read).start, end: tokens.previousEnd };
    } else if (tokens.take('[')) read = parseSubscript(tokens, read, open);
    else return read;
  }
}

function parseAttribute(tokens: TokenStream, of: Expression): Expression {
  const token = tokens.skip();
  // Keywords are fine as attributes: a parameter may be called `if`.
  if (token.kind !== 'name' && token.kind !== 'keyword') {
    if (token.kind === 'int' || token.kind === 'float')
      throw tokens.fault('Syntax error: Invalid Syntax', token);
    throw tokens.fault('Syntax error: Expected an identifier', token);
  }
  return {
    kind: 'attribute',
    of,
    name: token.text,
    nameAt: token.start,
    start: reachOf(of).start,
    end: token.end,
  };
}

function parseArguments(tokens: TokenStream, callee: Expression): Expression[] {
  const args: Expression[] = [];
  let hasKeyword = false;
  while (!tokens.take(')')) {
    const { start } = tokens.next;
    if (tokens.take('*')) {
      const { end } = tokens.parseWhole(tokens);
      throw tokens.fault(leftOut.star, { start, end });
    }
    if (tokens.take('**') || (tokens.next.kind === 'name' && tokens.follows('='))) {
      hasKeyword = true;
      if (tokens.follows('=')) {
        tokens.skip();
        tokens.skip();
      }
      if (!tokens.is('{')) tokens.parseWhole(tokens);
      else while (!tokens.is(')') && tokens.next.kind !== 'end') tokens.skip();
    } else args.push(parseArgument(tokens));
    if (!tokens.take(',') && !tokens.is(')')) throw tokens.unexpected(')');
  }
  if (hasKeyword)
    throw tokens.fault(leftOut.keyword, { start: reachOf(callee).start, end: tokens.previousEnd });
  return args;
}

function parseArgument(tokens: TokenStream): Expression {
  const argument = tokens.parseWhole(tokens);
  if (tokens.is(':=')) {
    tokens.skip();
    throw tokens.fault(leftOut.walrus, { start: argument.start, end: tokens.parseWhole(tokens).end });
  }
  if (!tokens.isWord('for') && !tokens.isWord('async')) return argument;
  while (!tokens.is(')') && tokens.next.kind !== 'end') tokens.skip();
  throw tokens.fault(leftOut.generator, { start: argument.start, end: tokens.previousEnd });
}

function parseSubscript(tokens: TokenStream, of: Expression, open: number): Expression {
  const from = tokens.next.start;
  const bound = () =>
    tokens.is(':') || tokens.is(']') || tokens.is(',') ? undefined : tokens.parseWhole(tokens);
  const first = bound();
  const bounds = [first];
  while (bounds.length < 3 && tokens.take(':')) bounds.push(bound());
  if (tokens.is(',')) {
    while (!tokens.is(']') && tokens.next.kind !== 'end') tokens.skip();
    throw tokens.fault(leftOut.tuple, { start: from, end: tokens.previousEnd });
  }
  const isSlice = bounds.length > 1;
  if (!isSlice && !first) throw tokens.fault('Syntax error: Expected index or slice expression', tokens.next);
  tokens.expect(']');
  const place = { of, open, start: reachOf(of).start, end: tokens.previousEnd };
  if (isSlice || !first) return { kind: 'slice', bounds, ...place };
  return { kind: 'index', at: first, ...place };
}

function parseAtom(tokens: TokenStream): Expression {
  const token = tokens.next;
  const { start, end } = token;
  switch (token.kind) {
    case 'name':
      tokens.skip();
      return wordNode(token.text, { start, end }) ?? { kind: 'name', name: token.text, start, end };
    case 'int':
      tokens.skip();
      return { kind: 'int', value: token.value, start, end };
    case 'float':
      tokens.skip();
      return { kind: 'float', value: token.value, text: token.text, start, end };
    case 'string':
    case 'f-string':
      return parseStrings(tokens);
    case 'keyword':
      return parseKeyword(tokens);
    case 'operator':
      return parseBrackets(tokens);
    case 'end':
      throw tokens.fault('Syntax error: Expected an expression', { start: tokens.first, end: tokens.end });
  }
}

/** Literals of one word: Python's and JSON's. */
function wordNode(word: string, place: { start: number; end: number }): Expression | undefined {
  if (word === 'None' || word === 'null') return { kind: 'null', ...place };
  if (word === 'True' || word === 'true') return { kind: 'bool', value: true, ...place };
  if (word === 'False' || word === 'false') return { kind: 'bool', value: false, ...place };
  return undefined;
}

function parseKeyword(tokens: TokenStream): Expression {
  const token = tokens.skip();
  const text = token.kind === 'keyword' ? token.text : '';
  const literal = wordNode(text, { start: token.start, end: token.end });
  if (literal) return literal;
  if (text === 'yield') throw tokens.fault(leftOut.yield, token);
  throw tokens.fault(
    `Syntax error: Expected an identifier, but found a keyword \`${text}\` that cannot be used here`,
    token,
  );
}

/** Strings that follow each other are one. */
function parseStrings(tokens: TokenStream): Expression {
  const { start } = tokens.next;
  let value = '';
  let isFormatted = false;
  while (tokens.next.kind === 'string' || tokens.next.kind === 'f-string') {
    const token = tokens.skip();
    if (token.kind === 'string') value += token.value;
    else isFormatted = true;
  }
  const place = { start, end: tokens.previousEnd };
  if (isFormatted) throw tokens.fault(leftOut.formatted, place);
  return { kind: 'string', value, ...place };
}
