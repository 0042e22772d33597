/** What is written out in an expression. */
import type { Expression } from './syntax.ts';
import { boolean, float, integer, nothing, text } from './values.ts';
import type { Value } from './values.ts';

type Literal = Extract<Expression, { kind: 'null' | 'bool' | 'int' | 'float' | 'string' }>;

/** A float that keeps its text; `.5` and `1_0.0` are written out. */
const plainFloat = /^\d+(?:\.\d+)?(?:\.?[eE][+-]?\d+)?$/;

/** @throws ExpressionInvalid for an integer beyond 64 bits. */
export function literalValue(node: Literal): Value {
  switch (node.kind) {
    case 'null':
      return nothing;
    case 'bool':
      return boolean(node.value);
    case 'int':
      return integer(node.value);
    case 'float':
      return float(node.value, plainFloat.test(node.text) ? node.text : undefined);
    case 'string':
      return text(node.value);
  }
}
