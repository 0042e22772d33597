/** What Python has and EXPR has not, and how it is refused. */
export const unsupportedOperators: Readonly<Record<string, string>> = {
  '|': 'Bitwise OR (|) is not supported',
  '^': 'Bitwise XOR (^) is not supported',
  '&': 'Bitwise AND (&) is not supported',
  '<<': 'Left shift (<<) is not supported',
  '>>': 'Right shift (>>) is not supported',
  '@': 'Matrix multiply (@) is not supported',
};

export const leftOut = {
  tuple: 'Tuple literals are not supported; use a list instead',
  generator: 'Generator expressions are not supported; use a list comprehension',
  walrus: 'Walrus operator (:=) is not supported',
  star: 'Star expressions are not supported',
  keyword: 'Keyword arguments are not supported',
  dict: 'Dict literals are not supported',
  dictComprehension: 'Dict comprehensions are not supported; only list comprehensions are allowed',
  set: 'Set literals are not supported',
  setComprehension: 'Set comprehensions are not supported; only list comprehensions are allowed',
  formatted: 'f-strings are not supported; use string concatenation',
  ellipsis: 'Ellipsis (...) is not supported',
  yield: 'Unsupported expression type',
  manyFor: "Multiple 'for' clauses in list comprehensions are not supported",
  manyIf: "Multiple 'if' clauses in a list comprehension are not supported; combine with 'and'",
  unpacking: 'Tuple unpacking in list comprehension is not supported',
} as const;
