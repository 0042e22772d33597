/** EXPR: `let` gives names to values, `name = expression`, each seeing those before it. */
import { evaluateExpression } from './expr/evaluate.ts';
import { ExpressionInvalid } from './expr/expression-invalid.ts';
import { parseExpression } from './expr/parser.ts';
import type { Expression } from './expr/syntax.ts';
import { anyText } from './text-readers.ts';
import { list } from './reader.ts';
import type { Place, Reader } from './reader.ts';
import type { SymbolTable } from './symbol-table.ts';

export interface Binding {
  readonly name: string;
  readonly source: string;
}

/** The two sides of a binding that was read before. */
export function splitBinding(written: string): Binding {
  const at = written.indexOf('=');
  return { name: written.slice(0, at).trim(), source: written.slice(at + 1).trim() };
}

const mostBindings = 50;

function bindingFault(written: string): string | undefined {
  if (!written.includes('=')) return `missing '=' in '${written}'.`;
  const { name, source } = splitBinding(written);
  if (name === '') return 'has empty name.';
  if (!/^[a-z_]/.test(name)) return `name '${name}' must start with lowercase letter or underscore.`;
  if (!/^[a-z_][A-Za-z0-9_]*$/.test(name))
    return `name '${name}' must have letters, digits and underscores only.`;
  return source === '' ? `binding '${name}' has no expression after '='.` : undefined;
}

/** True if the expression uses the name, other than as a variable of its own. */
function uses(node: Expression, name: string): boolean {
  if (node.kind === 'name') return node.name === name;
  if (node.kind === 'comprehension' && node.variable === name) return uses(node.source, name);
  return Object.values(node).some((child) => holds(child, name));
}

function holds(child: unknown, name: string): boolean {
  if (Array.isArray(child)) return child.some((one) => holds(one, name));
  if (typeof child !== 'object' || child === null) return false;
  return 'kind' in child
    ? uses(child as Expression, name)
    : Object.values(child).some((one) => holds(one, name));
}

const binding: Reader<string> = (value, place) => {
  const written = anyText(value, place);
  if (written === undefined) return undefined;
  const fault = bindingFault(written);
  if (fault !== undefined) return place.say(fault);
  const { name, source } = splitBinding(written);
  return attempt(name, place, () => {
    if (uses(parseExpression(source), name)) return place.say(`'${name}' references itself.`);
    return written;
  });
};

const readBindings = list(binding, { empty: 'if provided, must not be empty.', most: () => mostBindings });

/** Bindings as written, well formed, with different names. */
export const letBindings: Reader<readonly string[]> = (value, place) => {
  const read = readBindings(value, place);
  const seen = new Set<string>();
  for (const [index, written] of (Array.isArray(value) ? value : []).entries()) {
    if (typeof written !== 'string' || !written.includes('=')) continue;
    const { name } = splitBinding(written);
    if (seen.has(name)) place.at(index).say(`duplicate name '${name}'.`);
    seen.add(name);
  }
  return read;
};

/** Does what may fail for a binding; says so there. */
export function attempt<T>(name: string, place: Place, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpressionInvalid)) throw error;
    return place.say(`Invalid expression in let binding '${name}': ${error.message}`);
  }
}

/**
 * The names of a scope with those of its `let` added, in their order.
 *
 * @throws ExpressionInvalid if one cannot be evaluated.
 */
export function bindLets(bindings: readonly string[] | undefined, symbols: SymbolTable): SymbolTable {
  if (!bindings) return symbols;
  const inner = symbols.copy();
  for (const written of bindings) {
    const { name, source } = splitBinding(written);
    inner.set(name, evaluateExpression(source, { ...symbols.expressions, symbols: inner.values }));
  }
  return inner;
}
