/**
 * The values that names between `{{ }}` stand for. Names are dotted: `Param.Frames`.
 *
 * Flat, because lookups are whole names; a name may not be both a value and the parent of one. Without EXPR
 * all values are text; with it they have types, and `expressions` says how to evaluate with them.
 */
import { display } from './expr/display.ts';
import type { EvaluateOptions } from './expr/evaluate.ts';
import type { Value } from './expr/values.ts';
import { text } from './expr/values.ts';

/** How expressions are evaluated here: the rules for paths, the functions, the limits. */
export type ExpressionSettings = Omit<EvaluateOptions, 'symbols'>;

export class SymbolTable {
  readonly #values = new Map<string, Value>();
  /** Set where the template asked for EXPR. */
  readonly expressions: ExpressionSettings | undefined;

  constructor(values: Iterable<readonly [string, string | Value]> = [], expressions?: ExpressionSettings) {
    this.expressions = expressions;
    for (const [name, value] of values) this.set(name, value);
  }

  get(name: string): string | undefined {
    const value = this.#values.get(name);
    return value && display(value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  set(name: string, value: string | Value): this {
    this.#values.set(name, typeof value === 'string' ? text(value) : value);
    return this;
  }

  get values(): ReadonlyMap<string, Value> {
    return this.#values;
  }

  /** The same names, to which others can be added apart. */
  copy(): SymbolTable {
    return new SymbolTable(this.#values, this.expressions);
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }
}
