/** The names that an expression can use: those it was given, and the variables of comprehensions. */
import { nearestName } from '../edit-distance.ts';
import type { Value } from './values.ts';

/** Dotted names with their values. */
export interface Symbols {
  get(name: string): Value | undefined;
  keys(): Iterable<string>;
}

export class Names {
  readonly #symbols: Symbols;
  readonly #variables: ReadonlyMap<string, Value>;

  constructor(symbols: Symbols, variables: ReadonlyMap<string, Value> = new Map()) {
    this.#symbols = symbols;
    this.#variables = variables;
  }

  within(variable: string, value: Value): Names {
    return new Names(this.#symbols, new Map([...this.#variables, [variable, value]]));
  }

  get(name: string): Value | undefined {
    return this.#variables.get(name) ?? this.#symbols.get(name);
  }

  /** True if `a` or `a.b` has a value, for `a.b.c`. */
  hasPrefixOf(dotted: string): boolean {
    for (let at = dotted.lastIndexOf('.'); at > 0; at = dotted.lastIndexOf('.', at - 1)) {
      if (this.get(dotted.slice(0, at))) return true;
    }
    return false;
  }

  /** Why a comprehension may not call its variable that. */
  shadows(variable: string): string | undefined {
    if (this.#variables.has(variable)) {
      return `List comprehension variable '${variable}' shadows an outer comprehension variable`;
    }
    return this.#symbols.get(variable)
      ? `List comprehension variable '${variable}' shadows a variable`
      : undefined;
  }

  unknown(name: string): string {
    const suggestion = nearestName(name, [...this.#variables.keys(), ...this.#symbols.keys()]);
    return `Undefined variable: '${name}'.${suggestion === undefined ? '' : ` Did you mean: ${suggestion}`}`;
  }
}
