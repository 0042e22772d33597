/**
 * The tasks of a step, in order and by position, without ever making them all.
 *
 * A product walks its rightmost part fastest; an association walks its parts together. A step without a
 * parameter space is one task without parameters.
 */
import { chunksOf } from './chunk-ranges.ts';
import { parseCombination } from './combination.ts';
import type { Combination } from './combination.ts';
import { CombinationInvalid } from './errors.ts';
import { IntRange } from './int-range.ts';
import type { StepParameterSpace, TaskParameter, TaskParameterSet, TaskParameterValue } from './types.ts';

/** One or more parameters that move together. */
interface Axis {
  readonly length: number;
  readonly names: readonly string[];
  put(index: number, into: TaskParameterSet): void;
  /** Whether the set has this axis's values at the position. */
  matches(index: number, set: TaskParameterSet): boolean;
  /** The positions at which the set's values may be: all that are, and perhaps more. */
  candidates(set: TaskParameterSet): Iterable<number>;
}

export interface ParameterSpaceOptions {
  readonly space?: StepParameterSpace | undefined;
}

export class StepParameterSpaceIterator implements Iterable<TaskParameterSet> {
  /** How many tasks there are. */
  readonly length: number;
  /** The names of the parameters, in the order they are combined. */
  readonly names: readonly string[];
  /** Some chunks ask to be resized while the step runs; this iterator gives them their default size. */
  readonly isAdaptive: boolean;
  readonly #axis: Axis;

  /** @throws CombinationInvalid if the space cannot be combined. `createJob` makes no such space. */
  constructor({ space }: ParameterSpaceOptions = {}) {
    const parameters = Object.entries(space?.taskParameterDefinitions ?? {});
    const text = space?.combination ?? parameters.map(([name]) => name).join('*');
    this.#axis = space ? axisOf(parseCombination(text), new Map(parameters)) : product([]);
    this.length = this.#axis.length;
    this.names = this.#axis.names;
    this.isAdaptive = parameters.some(
      ([, { type, ...rest }]) =>
        type === 'CHUNK[INT]' && 'chunks' in rest && (rest.chunks.targetRuntimeSeconds ?? 0) > 0,
    );
  }

  /**
   * The task at a position from 0, or from the end if negative.
   *
   * @throws RangeError outside.
   */
  at(index: number): TaskParameterSet {
    const position = index < 0 ? index + this.length : index;
    if (!Number.isInteger(position) || position < 0 || position >= this.length) {
      throw new RangeError(`there is no task ${index} among ${this.length}`);
    }
    const set: TaskParameterSet = {};
    this.#axis.put(position, set);
    return set;
  }

  /** True if one of the tasks has exactly these values. */
  includes(set: TaskParameterSet): boolean {
    if (Object.keys(set).length !== this.names.length) return false;
    return this.names.every((name) => Object.hasOwn(set, name)) && first(this.#axis, set) !== undefined;
  }

  *[Symbol.iterator](): IterableIterator<TaskParameterSet> {
    for (let index = 0; index < this.length; index += 1) yield this.at(index);
  }
}

function first(axis: Axis, set: TaskParameterSet): number | undefined {
  for (const index of axis.candidates(set)) if (axis.matches(index, set)) return index;
  return undefined;
}

function axisOf(combination: Combination, parameters: ReadonlyMap<string, TaskParameter>): Axis {
  switch (combination.kind) {
    case 'parameter': {
      const parameter = parameters.get(combination.name);
      if (!parameter) throw new CombinationInvalid(`references unknown parameter '${combination.name}'.`);
      return leaf(combination.name, parameter);
    }
    case 'product':
      return product(combination.of.map((part) => axisOf(part, parameters)));
    case 'association':
      return association(combination.of.map((part) => axisOf(part, parameters)));
  }
}

/** The values of one parameter, as text. */
interface Values {
  readonly length: number;
  at(index: number): string;
  indicesOf(value: string): Iterable<number>;
}

function leaf(name: string, parameter: TaskParameter): Axis {
  const values = valuesOf(parameter);
  const { type } = parameter;
  const is = (one: TaskParameterValue | undefined, value: string) =>
    one?.type === type && one.value === value;
  return {
    length: values.length,
    names: [name],
    put: (index, into) => void (into[name] = { type, value: values.at(index) }),
    matches: (index, set) => is(set[name], values.at(index)),
    candidates: (set) => values.indicesOf(set[name]?.value ?? ''),
  };
}

function valuesOf(parameter: TaskParameter): Values {
  const { range } = parameter;
  if (parameter.type === 'CHUNK[INT]') {
    const { defaultTaskCount, rangeConstraint } = parameter.chunks;
    const whole = typeof range === 'string' ? IntRange.parse(range) : IntRange.fromValues(range.map(BigInt));
    const chunks = chunksOf(whole, defaultTaskCount, rangeConstraint);
    return { ...chunks, indicesOf: (chunk) => found(chunks.indexOf(chunk)) };
  }
  if (typeof range !== 'string') {
    const positions = Map.groupBy(range.keys(), (index) => range[index]!);
    return {
      length: range.length,
      at: (index) => range[index]!,
      indicesOf: (value) => positions.get(value) ?? [],
    };
  }
  const integers = IntRange.parse(range);
  return {
    length: integers.length,
    at: (index) => String(integers.at(index)),
    indicesOf: (value) => (/^-?\d{1,20}$/.test(value) ? found(integers.indexOf(BigInt(value))) : []),
  };
}

const found = (index: number): number[] => (index < 0 ? [] : [index]);

function product(axes: readonly Axis[]): Axis {
  const length = axes.reduce((total, axis) => total * axis.length, 1);
  if (!Number.isSafeInteger(length))
    throw new CombinationInvalid('there are more tasks than can be counted.');
  /** The position of each axis, given that of the product. */
  const split = (index: number): number[] => {
    const positions: number[] = [];
    let rest = index;
    for (const axis of axes.toReversed()) {
      positions.unshift(rest % axis.length);
      rest = Math.floor(rest / axis.length);
    }
    return positions;
  };
  return {
    length,
    names: axes.flatMap(({ names }) => names),
    put: (index, into) => {
      const positions = split(index);
      for (const [which, axis] of axes.entries()) axis.put(positions[which]!, into);
    },
    matches: (index, set) => split(index).every((position, which) => axes[which]!.matches(position, set)),
    candidates: (set) => combined(axes, set),
  };
}

/** The positions in a product where every axis may have the set's values. */
function* combined(
  axes: readonly Axis[],
  set: TaskParameterSet,
  before: number = 0,
): IterableIterator<number> {
  const [axis, ...rest] = axes;
  if (!axis) {
    yield before;
    return;
  }
  for (const index of axis.candidates(set)) {
    if (axis.matches(index, set)) yield* combined(rest, set, before * axis.length + index);
  }
}

function association(axes: readonly Axis[]): Axis {
  const lengths = axes.map(({ length }) => length);
  if (new Set(lengths).size > 1) {
    const names = axes.map((axis) => axis.names.join(' * ')).join(', ');
    throw new CombinationInvalid(
      `associated parameters must have equally many values; (${names}) have ${lengths.join(', ')}.`,
    );
  }
  return {
    length: lengths[0] ?? 1,
    names: axes.flatMap(({ names }) => names),
    put: (index, into) => {
      for (const axis of axes) axis.put(index, into);
    },
    matches: (index, set) => axes.every((axis) => axis.matches(index, set)),
    candidates: (set) => axes[0]?.candidates(set) ?? [],
  };
}
