/**
 * The types of EXPR: what a signature asks for and what a value has. A union has its members once, in the
 * order of their names; unresolved is always outermost.
 */
export type ScalarName =
  | 'nulltype'
  | 'bool'
  | 'int'
  | 'float'
  | 'string'
  | 'path'
  | 'range_expr'
  | 'any'
  | 'noreturn';
export type VariableName = 'T' | 'T1' | 'T2' | 'T3';

export type Type =
  | { readonly is: ScalarName }
  | { readonly is: 'variable'; readonly name: VariableName }
  | { readonly is: 'list'; readonly of: Type }
  | { readonly is: 'union'; readonly members: readonly Type[] }
  | { readonly is: 'unresolved'; readonly of: Type };

export const scalar = (is: ScalarName): Type => ({ is });
export const types = {
  null: scalar('nulltype'),
  bool: scalar('bool'),
  int: scalar('int'),
  float: scalar('float'),
  string: scalar('string'),
  path: scalar('path'),
  rangeExpr: scalar('range_expr'),
  any: scalar('any'),
  noreturn: scalar('noreturn'),
};

export function listOf(of: Type): Type {
  return of.is === 'unresolved' ? unresolvedOf({ is: 'list', of: of.of }) : { is: 'list', of };
}

export const unresolvedOf = (of: Type): Type => (of.is === 'unresolved' ? of : { is: 'unresolved', of });

export function typeName(type: Type): string {
  switch (type.is) {
    case 'variable':
      return type.name;
    case 'list':
      return `list[${typeName(type.of)}]`;
    case 'unresolved':
      return `unresolved[${typeName(type.of)}]`;
    case 'union':
      return type.members.map(typeName).join(' | ');
    default:
      return type.is;
  }
}

export const sameType = (a: Type, b: Type): boolean => typeName(a) === typeName(b);

/** One type for several: flat, without repeats, `any` swallows all and `noreturn` counts for nothing. */
export function unionOf(all: readonly Type[]): Type {
  if (all.some(({ is }) => is === 'unresolved')) {
    return unresolvedOf(unionOf(all.map((type) => (type.is === 'unresolved' ? type.of : type))));
  }
  const flat = all.flatMap((type) => (type.is === 'union' ? type.members : [type]));
  if (flat.some(({ is }) => is === 'any')) return types.any;
  const named = new Map(flat.map((type) => [typeName(type), type]));
  if (named.size > 1) named.delete('noreturn');
  const members = [...named].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, type]) => type);
  return members.length === 1 ? members[0]! : { is: 'union', members };
}

export const membersOf = (type: Type): readonly Type[] => (type.is === 'union' ? type.members : [type]);

export type Bindings = Map<VariableName, Type>;

/** Whether an argument fits a parameter as it is; binds the type variables on the way. */
export function matches(parameter: Type, argument: Type, bindings: Bindings): boolean {
  if (parameter.is === 'any' || argument.is === 'any') return true;
  switch (parameter.is) {
    case 'variable': {
      const bound = bindings.get(parameter.name);
      if (bound) return sameType(bound, argument);
      bindings.set(parameter.name, argument);
      return true;
    }
    case 'list':
      return argument.is === 'list' && matches(parameter.of, argument.of, bindings);
    case 'union':
      return parameter.members.some((member) => matches(member, argument, bindings));
    default:
      return sameType(parameter, argument);
  }
}

/** A type with its variables replaced. An unbound one may be anything. */
export function substitute(type: Type, bindings: Bindings): Type {
  switch (type.is) {
    case 'variable':
      return bindings.get(type.name) ?? types.any;
    case 'list':
      return listOf(substitute(type.of, bindings));
    case 'union':
      return unionOf(type.members.map((member) => substitute(member, bindings)));
    default:
      return type;
  }
}

export const isGeneric = (type: Type): boolean =>
  type.is === 'variable' ||
  (type.is === 'list' && isGeneric(type.of)) ||
  (type.is === 'union' && type.members.some(isGeneric));

/** Reads `list[T1]`, `int | nulltype`, `list[string]?` as signatures write them. */
export function parseType(source: string): Type {
  const text = source.trim();
  if (text.endsWith('?')) return unionOf([parseType(text.slice(0, -1)), types.null]);
  if (text.includes(' | ')) return unionOf(text.split(' | ').map(parseType));
  const inner = /^list\[(.*)\]$/.exec(text)?.[1];
  if (inner !== undefined) return { is: 'list', of: parseType(inner) };
  if (/^T\d?$/.test(text)) return { is: 'variable', name: text as VariableName };
  return { is: text as ScalarName };
}
