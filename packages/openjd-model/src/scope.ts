/**
 * The names that exist somewhere, in layers. With EXPR they have types, and sometimes values already; then
 * what is written between braces is evaluated as far as it can be.
 */
import { evaluateExpression } from './expr/evaluate.ts';
import { hostLibrary, templateLibrary } from './expr/standard-library.ts';
import type { Library } from './expr/library.ts';
import { types } from './expr/types.ts';
import { sizeOf, typeOf, unresolved } from './expr/values.ts';
import type { Value } from './expr/values.ts';
import { attempt, splitBinding } from './let-bindings.ts';
import type { Place } from './reader.ts';

export type Entry = readonly [name: string, value: Value];

/** On a host paths are mapped; what they become is not known when a template is read. */
const onHost = hostLibrary();

export class Scope {
  readonly #names: ReadonlyMap<string, Value>;
  readonly #outer: Scope | undefined;
  /** The functions that exist here: a host has more than a template. */
  readonly library: Library;

  constructor(names: Iterable<Entry>, { outer, isHost = false }: { outer?: Scope; isHost?: boolean } = {}) {
    this.#names = new Map(names);
    this.#outer = outer;
    this.library = isHost ? onHost : (outer?.library ?? templateLibrary);
  }

  within(names: Iterable<Entry>, { isHost = false }: { isHost?: boolean } = {}): Scope {
    return new Scope(names, { outer: this, isHost });
  }

  get(name: string): Value | undefined {
    return this.#names.get(name) ?? this.#outer?.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *keys(): Generator<string, undefined> {
    yield* this.#names.keys();
    if (this.#outer) yield* this.#outer.keys();
    return undefined;
  }
}

/** Values larger than this are known by their type alone, so that many of them cost little. */
const largestKept = 64 * 1024;

/** What `let` adds to a scope. Problems are told of `place`, which is that of the list. */
export function letEntries(bindings: readonly string[] | undefined, scope: Scope, place: Place): Entry[] {
  let inner = scope;
  return (bindings ?? []).map((written, index): Entry => {
    const { name, source } = splitBinding(written);
    const at = place.at(index);
    if (scope.has(name)) at.say(`'${name}' shadows a name of an enclosing scope.`);
    const { library } = scope;
    const found = attempt(name, at, () => evaluateExpression(source, { symbols: inner, library }));
    const value = found ?? unresolved(types.any);
    const entry: Entry = [name, sizeOf(value) > largestKept ? unresolved(typeOf(value)) : value];
    inner = inner.within([entry]);
    return entry;
  });
}
