/**
 * Functions with their signatures, and the choice among them: the exact one, then one that int-to-float and
 * path-to-string allow, then a generic one. The same table says what type a call has when values are unknown.
 */
import type { Budget } from './budget.ts';
import { ExpressionInvalid } from './expression-invalid.ts';
import { noMatch } from './no-match.ts';
import type { Regex } from './regex/regex.ts';
import { isGeneric, matches, membersOf, parseType, sameType, substitute, types, unionOf } from './types.ts';
import type { Bindings, Type } from './types.ts';
import { typeOf, unresolved } from './values.ts';
import type { PathFormat, Value } from './values.ts';
import { floatOfInt, pathText } from './widen.ts';

/** What a function may use besides its arguments. */
export interface Surroundings {
  readonly budget: Budget;
  readonly pathFormat: PathFormat;
  readonly regexes: Map<string, Regex>;
}

export type Run = (args: readonly Value[], surroundings: Surroundings) => Value;

/** Name, signature such as `(list[T1], int) -> T1`, and what it does. */
export type Definition = readonly [name: string, signature: string, run: Run];

export interface Overload {
  readonly parameters: readonly Type[];
  readonly result: Type;
  readonly isGeneric: boolean;
  readonly run: Run;
}

export type Library = ReadonlyMap<string, readonly Overload[]>;

export function libraryOf(definitions: readonly Definition[]): Library {
  const library = new Map<string, Overload[]>();
  for (const [name, signature, run] of definitions) {
    const [inside = '', result = ''] = signature.slice(1).split(') -> ');
    const parameters = inside === '' ? [] : inside.split(', ').map(parseType);
    const overload = { parameters, result: parseType(result), isGeneric: parameters.some(isGeneric), run };
    library.set(name, [...(library.get(name) ?? []), overload]);
  }
  return library;
}

export interface Call {
  readonly name: string;
  readonly args: readonly Value[];
  /** The first argument stands before the dot; it is taken as it is. */
  readonly isMethod?: boolean;
}

/** @throws ExpressionInvalid if nothing of that name takes these arguments, or what the function throws. */
export function callFunction(library: Library, call: Call, surroundings: Surroundings): Value {
  const overloads = library.get(call.name);
  if (!overloads) throw new ExpressionInvalid(`Unknown function: '${call.name}'`);
  surroundings.budget.spend(1);
  const fitting = overloads.filter(({ parameters }) => parameters.length === call.args.length);
  if (call.args.some(({ is }) => is === 'unresolved')) return unresolved(resultType(fitting, call) ?? fail());
  const argumentTypes = call.args.map(typeOf);
  const exact = fitting.find((one) => !one.isGeneric && fits(one, argumentTypes));
  if (exact) return exact.run(call.args, surroundings);
  for (const one of fitting) {
    const args = one.isGeneric ? undefined : coerced(one, call);
    if (args) return one.run(args, surroundings);
  }
  const generic = fitting.find((one) => one.isGeneric && fits(one, argumentTypes));
  return generic ? generic.run(call.args, surroundings) : fail();

  function fail(): never {
    throw noMatch(call, overloads!);
  }
}

function fits({ parameters }: Overload, args: readonly Type[]): boolean {
  const bindings: Bindings = new Map();
  return parameters.every((parameter, index) => matches(parameter, args[index]!, bindings));
}

function coerced({ parameters }: Overload, { args, isMethod = false }: Call): Value[] | undefined {
  const result: Value[] = [];
  for (const [index, value] of args.entries()) {
    const parameter = parameters[index]!;
    const mayChange = !isMethod || index > 0;
    if (matches(parameter, typeOf(value), new Map())) result.push(value);
    else if (mayChange && value.is === 'int' && parameter.is === 'float') result.push(floatOfInt(value));
    else if (mayChange && value.is === 'path' && parameter.is === 'string') result.push(pathText(value));
    else return undefined;
  }
  return result;
}

const alsoAs = (type: Type): Type[] => {
  if (type.is === 'int') return [type, types.float];
  return type.is === 'path' ? [type, types.string] : [type];
};

/** The types that the call may have: one possible combination of argument types is enough. */
function resultType(overloads: readonly Overload[], { args, isMethod = false }: Call): Type | undefined {
  const possible = args.map((value): readonly Type[] =>
    value.is === 'unresolved' ? membersOf(value.type) : [typeOf(value)],
  );
  const found: Type[] = [];
  for (const one of overloads) found.push(...resultsOf(one, possible, isMethod));
  const exact = possible.every((each) => each.length === 1);
  // With types that are known, the first that fits is the one that would run.
  return found.length === 0 ? undefined : exact ? bestOf(overloads, possible, found) : unionOf(found);
}

function bestOf(overloads: readonly Overload[], possible: readonly (readonly Type[])[], found: Type[]): Type {
  const args = possible.map(([only]) => only!);
  if (args.some(({ is }) => is === 'any')) return unionOf(found);
  const exact = overloads.filter((one) => !one.isGeneric && fits(one, args));
  if (exact.length > 0) return unionOf(exact.map(({ result }) => result));
  return found[0]!;
}

function resultsOf(one: Overload, possible: readonly (readonly Type[])[], isMethod: boolean): Type[] {
  const results: Type[] = [];
  const walk = (index: number, bindings: Bindings): void => {
    const parameter = one.parameters[index];
    if (!parameter) {
      results.push(substitute(one.result, bindings));
      return;
    }
    for (const type of possible[index]!) {
      for (const candidate of (isMethod && index === 0) || one.isGeneric ? [type] : alsoAs(type)) {
        const next: Bindings = new Map(bindings);
        if (matches(parameter, candidate, next)) walk(index + 1, next);
      }
    }
  };
  walk(0, new Map());
  return results.filter((type, index) => results.findIndex((other) => sameType(other, type)) === index);
}
