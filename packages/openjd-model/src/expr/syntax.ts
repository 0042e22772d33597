/** The tree of an expression. Every node knows its part of the text. */
interface Placed {
  readonly start: number;
  readonly end: number;
  /** With the parentheses around it, if there are any. */
  readonly reach?: { readonly start: number; readonly end: number };
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export type Expression = Placed &
  (
    | { readonly kind: 'null' }
    | { readonly kind: 'bool'; readonly value: boolean }
    | { readonly kind: 'int'; readonly value: bigint }
    | { readonly kind: 'float'; readonly value: number; readonly text: string }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string; readonly nameAt: number }
    | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Expression[] }
    | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression; readonly open: number }
    | {
        readonly kind: 'slice';
        readonly of: Expression;
        readonly open: number;
        readonly bounds: readonly (Expression | undefined)[];
      }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    | {
        readonly kind: 'comprehension';
        readonly item: Expression;
        readonly variable: string;
        readonly source: Expression;
        readonly condition: Expression | undefined;
      }
    | { readonly kind: 'unary'; readonly operator: '-' | '+' | 'not'; readonly operand: Expression }
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly operatorAt: number;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'comparison';
        readonly first: Expression;
        readonly rest: readonly { readonly operator: ComparisonOperator; readonly operand: Expression }[];
      }
    | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly operands: readonly Expression[] }
    | {
        readonly kind: 'condition';
        readonly test: Expression;
        readonly yes: Expression;
        readonly no: Expression;
      }
  );

/** Where a node begins and ends for the node that holds it: its parentheses belong to it. */
export const reachOf = (node: Expression): { readonly start: number; readonly end: number } =>
  node.reach ?? node;

/** `a.b.c` as text, if the node is nothing else. */
export function dottedName(node: Expression): string | undefined {
  if (node.kind === 'name') return node.name;
  if (node.kind !== 'attribute') return undefined;
  const of = dottedName(node.of);
  return of === undefined ? undefined : `${of}.${node.name}`;
}
