/**
 * How the parameters of a step move together: a product walks its rightmost part fastest, an association walks
 * its parts side by side. What a task holds is computed from its position alone.
 */
import type { Combination } from './combination.ts';
import { CombinationInvalid } from './errors.ts';
import { taskValues } from './task-values.ts';
import type { TaskValues } from './task-values.ts';
import type { TaskParameter, TaskParameterSet } from './types.ts';

/** One parameter: task `i` has its value `floor(i / stride) % length`, however deep it is nested. */
export interface Leaf {
  readonly name: string;
  readonly values: TaskValues;
  readonly length: number;
  readonly stride: number;
}

/** One or more parameters that move together. */
export interface Axis {
  readonly length: number;
  /** In the order they are combined. */
  readonly leaves: readonly Leaf[];
  /** The positions at which the set's values may be: all that are, and perhaps more. */
  candidates(set: TaskParameterSet): Iterable<number>;
}

export const positionIn = ({ stride, length }: Leaf, index: number): number =>
  Math.floor(index / stride) % length;

/** Whether the task at the position has these values. */
export const matches = ({ leaves }: Axis, index: number, set: TaskParameterSet): boolean =>
  leaves.every((leaf) => {
    const { type, value } = leaf.values.at(positionIn(leaf, index));
    const given = set[leaf.name];
    return given?.type === type && given.value === value;
  });

/** @throws CombinationInvalid if there is no such parameter, or too much, or lengths differ. */
export function axisOf(combination: Combination, parameters: ReadonlyMap<string, TaskParameter>): Axis {
  switch (combination.kind) {
    case 'parameter': {
      const parameter = parameters.get(combination.name);
      if (!parameter) throw new CombinationInvalid(`references unknown parameter '${combination.name}'.`);
      return single(combination.name, taskValues(parameter));
    }
    case 'product':
      return product(combination.of.map((part) => axisOf(part, parameters)));
    case 'association':
      return association(combination.of.map((part) => axisOf(part, parameters)));
  }
}

const single = (name: string, values: TaskValues): Axis => ({
  length: values.length,
  leaves: [{ name, values, length: values.length, stride: 1 }],
  candidates: (set) => values.indicesOf(set[name]?.value ?? ''),
});

/** Of nothing: one task without parameters. */
export function product(axes: readonly Axis[]): Axis {
  const length = axes.reduce((total, axis) => total * axis.length, 1);
  if (!Number.isSafeInteger(length))
    throw new CombinationInvalid('there are more tasks than can be counted.');
  let stride = 1;
  const leaves = axes.toReversed().flatMap((axis) => {
    const before = stride;
    stride *= axis.length;
    return axis.leaves.map((leaf) => ({ ...leaf, stride: leaf.stride * before })).toReversed();
  });
  return { length, leaves: leaves.toReversed(), candidates: (set) => combined(axes, set) };
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
    if (matches(axis, index, set)) yield* combined(rest, set, before * axis.length + index);
  }
}

function association(axes: readonly Axis[]): Axis {
  const lengths = axes.map(({ length }) => length);
  if (new Set(lengths).size > 1) {
    const names = axes.map(({ leaves }) => leaves.map(({ name }) => name).join(' * ')).join(', ');
    throw new CombinationInvalid(
      `associated parameters must have equally many values; (${names}) have ${lengths.join(', ')}.`,
    );
  }
  return {
    length: lengths[0] ?? 1,
    leaves: axes.flatMap(({ leaves }) => leaves),
    candidates: (set) => axes[0]?.candidates(set) ?? [],
  };
}
