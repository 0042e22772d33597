/**
 * The values that names between `{{ }}` stand for. Names are dotted: `Param.Frames`.
 *
 * Flat, because lookups are whole names; a name may not be both a value and the parent of one.
 */
export class SymbolTable {
  readonly #values = new Map<string, string>();

  constructor(values: Iterable<readonly [string, string]> = []) {
    for (const [name, value] of values) this.set(name, value);
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  set(name: string, value: string): this {
    this.#values.set(name, value);
    return this;
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }
}
