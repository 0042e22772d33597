/**
 * A reader takes an unknown value at a place and gives a typed one, or says what is wrong there.
 *
 * Readers compose, and they go on after a problem, so one pass finds everything. A reader that gives
 * `undefined` has said why; its caller need not say more.
 */
import type { Problem, ProblemPath } from './errors.ts';
import type { Extension, Rules } from './rules.ts';
import { WrittenFloat } from './written-float.ts';

/** Nobody reads more; a hostile template must not make us write a book. */
const mostProblems = 500;

/** Where a reader stands: the path in the document, the rules there, and where problems go. */
export class Place {
  readonly rules: Rules;
  readonly problems: Problem[];
  readonly #outer: Place | undefined;
  readonly #parts: ProblemPath;

  constructor(rules: Rules, problems: Problem[] = [], parts: ProblemPath = [], outer?: Place) {
    this.rules = rules;
    this.problems = problems;
    this.#parts = parts;
    this.#outer = outer;
  }

  /** Put together when it is asked for: of a million places few have a problem. */
  get path(): ProblemPath {
    return this.#outer ? [...this.#outer.path, ...this.#parts] : this.#parts;
  }

  at(...parts: ProblemPath): Place {
    return new Place(this.rules, this.problems, parts, this);
  }

  /** The place that holds this one, or the one that holds that. */
  up(levels: number): Place {
    return new Place(this.rules, this.problems, this.path.slice(0, this.path.length - levels));
  }

  /** Always undefined, so that a reader can end with it. */
  say(message: string): undefined {
    if (this.problems.length < mostProblems) this.problems.push({ path: this.path, message });
    return undefined;
  }
}

export type Reader<T> = (value: unknown, place: Place) => T | undefined;

export interface Field<T, Required extends boolean> {
  readonly read: Reader<T>;
  readonly required: Required;
  readonly needs: string | undefined;
}

type Fields = Readonly<Record<string, Field<never, boolean> | Field<unknown, boolean>>>;

type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;

export type ReadFrom<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Field<infer _, true> ? K : never]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends Field<infer _, true> ? never : K]?: ValueOf<F[K]>;
};

export const required = <T>(read: Reader<T>): Field<T, true> => ({ read, required: true, needs: undefined });

/** `needs` names the extension without which the field is refused. */
export const optional = <T>(read: Reader<T>, needs?: Extension): Field<T, false> => ({
  read,
  required: false,
  needs,
});

/** How a value that has the wrong type is named in a message. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'sequence';
  if (value instanceof WrittenFloat) return `floating point \`${value.text}\``;
  switch (typeof value) {
    case 'string':
      return `string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)}`;
    case 'number':
    case 'bigint':
      return `${typeof value === 'bigint' || Number.isInteger(value) ? 'integer' : 'floating point'} \`${value}\``;
    case 'boolean':
      return `boolean \`${value}\``;
    case 'object':
      return 'map';
    default:
      return typeof value;
  }
}

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenFloat);

/** An object with exactly these fields. */
export function object<F extends Fields>(name: string, fields: F): Reader<ReadFrom<F>> {
  const known = Object.keys(fields);
  const listed = known.map((key) => `\`${key}\``).join(', ');
  return (value, place) => {
    if (!isMap(value)) return place.say(`invalid type: ${describe(value)}, expected struct ${name}`);
    const result: Record<string, unknown> = {};
    const before = place.problems.length;
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(fields, key)) place.say(`unknown field \`${key}\`, expected one of ${listed}`);
    }
    for (const key of known) {
      const read = readField(key, fields[key]!, value, place);
      if (read !== undefined) result[key] = read;
    }
    return place.problems.length > before ? undefined : (result as ReadFrom<F>);
  };
}

function readField(
  key: string,
  field: Field<unknown, boolean>,
  from: Readonly<Record<string, unknown>>,
  place: Place,
): unknown {
  if (!Object.hasOwn(from, key) || from[key] === undefined) {
    return field.required ? place.say(`missing field \`${key}\``) : undefined;
  }
  if (field.needs !== undefined && !place.rules.extensions.has(field.needs)) {
    return place.at(key).say(needsMessage(key, field.needs));
  }
  return field.read(from[key], place.at(key));
}

/** How a field of an extension is refused. Some are the subject of their own sentence. */
function needsMessage(key: string, extension: string): string {
  if (key === 'endOfLine') return `requires the ${extension} extension.`;
  if (key.startsWith('onWrap')) return `${key} requires the ${extension} extension.`;
  return `'${key}' requires the ${extension} extension.`;
}

export interface ListOptions {
  /** Said when the list is empty; without it an empty list is fine. */
  readonly empty?: string;
  readonly most?: (rules: Rules) => number;
}

/** A list. Items that cannot be read are left out of the result, after they said why. */
export function list<T>(item: Reader<T>, options: ListOptions = {}): Reader<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) return place.say(`invalid type: ${describe(value)}, expected a sequence`);
    if (value.length === 0 && options.empty !== undefined) return place.say(options.empty);
    const most = options.most?.(place.rules);
    if (most !== undefined && value.length > most) {
      return place.say(`has ${value.length} elements; at most ${most} are allowed.`);
    }
    const result: T[] = [];
    for (const [index, element] of value.entries()) {
      const read = item(element, place.at(index));
      if (read !== undefined) result.push(read);
    }
    return result;
  };
}

/** One of a few words. */
export function oneOf<const T extends string>(...words: readonly T[]): Reader<T> {
  const listed = words.map((word) => `\`${word}\``).join(' or ');
  return (value, place) => {
    if (typeof value !== 'string') return place.say(`invalid type: ${describe(value)}, expected ${listed}`);
    const found = words.find((word) => word === value);
    return found ?? place.say(`unknown variant \`${value}\`, expected ${listed}`);
  };
}

export const boolean: Reader<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : place.say(`invalid type: ${describe(value)}, expected a boolean`);

/** A reader followed by a check of what it read. The check may say things; the value stays. */
export function checked<T>(read: Reader<T>, check: (value: T, place: Place) => void): Reader<T> {
  return (value, place) => {
    const result = read(value, place);
    if (result !== undefined) check(result, place);
    return result;
  };
}
