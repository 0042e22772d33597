/**
 * The tasks of a step, in order and by position, without ever making them all. A step without a parameter
 * space is one task without parameters.
 *
 * Chunks with a `targetRuntimeSeconds` may be resized while the tasks are walked: set `chunksDefaultTaskCount`
 * (`proposeTaskCount` computes one). Counting and positions are those of the size that the template names.
 */
import { chunkCursor } from './chunk-ranges.ts';
import { parseCombination } from './combination.ts';
import { axisOf, matches, positionIn, product } from './task-axes.ts';
import type { Axis, Leaf } from './task-axes.ts';
import { rangeOf } from './task-values.ts';
import type { Chunks, StepParameterSpace, TaskParameter, TaskParameterSet } from './types.ts';

export interface ParameterSpaceOptions {
  readonly space?: StepParameterSpace | undefined;
}

type ChunkParameter = Extract<TaskParameter, { type: 'CHUNK[INT]' }>;

export class StepParameterSpaceIterator implements Iterable<TaskParameterSet> {
  /** How many tasks there are. */
  readonly length: number;
  /** The names of the parameters, in the order they are combined. */
  readonly names: readonly string[];
  /** Whether chunks ask to be resized while the step runs. */
  readonly isAdaptive: boolean;
  readonly #axis: Axis;
  readonly #chunked: readonly [name: string, parameter: ChunkParameter] | undefined;
  #taskCount: number | undefined;

  /** @throws CombinationInvalid if the space cannot be combined. `createJob` makes no such space. */
  constructor({ space }: ParameterSpaceOptions = {}) {
    const parameters = Object.entries(space?.taskParameterDefinitions ?? {});
    const text = space?.combination ?? parameters.map(([name]) => name).join('*');
    this.#axis = space ? axisOf(parseCombination(text), new Map(parameters)) : product([]);
    this.length = this.#axis.length;
    this.names = this.#axis.leaves.map(({ name }) => name);
    this.#chunked = parameters.flatMap(([name, one]): [string, ChunkParameter][] =>
      one.type === 'CHUNK[INT]' ? [[name, one]] : [],
    )[0];
    this.#taskCount = this.#chunked?.[1].chunks.defaultTaskCount;
    this.isAdaptive = (this.#chunked?.[1].chunks.targetRuntimeSeconds ?? 0) > 0;
  }

  /** The parameter whose values are chunks, if one is. */
  get chunksParameterName(): string | undefined {
    return this.#chunked?.[0];
  }

  /** What the template says of chunks; undefined where nothing is chunked. */
  get chunks(): Chunks | undefined {
    return this.#chunked?.[1].chunks;
  }

  /** How many values the chunks have that are still to come, at most; undefined where nothing is chunked. */
  get chunksDefaultTaskCount(): number | undefined {
    return this.#taskCount;
  }

  /** @throws RangeError for what is no positive whole number, and where chunks have a fixed size. */
  set chunksDefaultTaskCount(count: number) {
    if (!this.isAdaptive) throw new RangeError('the chunks of this space have a fixed size');
    if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${count} is no number of tasks`);
    this.#taskCount = count;
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
    return taskAt(this.#axis.leaves, position);
  }

  /** True if one of the tasks has exactly these values. */
  includes(set: TaskParameterSet): boolean {
    if (Object.keys(set).length !== this.names.length) return false;
    if (!this.names.every((name) => Object.hasOwn(set, name))) return false;
    for (const index of this.#axis.candidates(set)) if (matches(this.#axis, index, set)) return true;
    return false;
  }

  [Symbol.iterator](): IterableIterator<TaskParameterSet> {
    return this.isAdaptive && this.#chunked ? this.#adaptively(...this.#chunked) : this.#inOrder();
  }

  *#inOrder(): IterableIterator<TaskParameterSet> {
    const { leaves } = this.#axis;
    // Most values are those of the task before, and copying an object is cheaper than building it.
    const task: TaskParameterSet = {};
    for (let index = 0; index < this.length; index += 1) {
      for (const leaf of leaves) {
        if (index % leaf.stride === 0) task[leaf.name] = leaf.values.at(positionIn(leaf, index));
      }
      yield { ...task };
    }
  }

  /** Chunks go fastest, wherever they stand, so that those measured together differ in nothing else. */
  *#adaptively(name: string, { range, chunks }: ChunkParameter): IterableIterator<TaskParameterSet> {
    const { leaves } = this.#axis;
    const chunk = leaves.find((leaf) => leaf.name === name);
    const inside = chunk?.stride ?? 1;
    const block = inside * (chunk?.length ?? 1);
    const whole = rangeOf(range);
    for (let first = 0; first < this.length; first += block) {
      for (let index = first; index < first + inside; index += 1) {
        const { [name]: _first, ...task } = taskAt(leaves, index);
        const next = chunkCursor(whole, chunks.rangeConstraint);
        for (let value = next(this.#count); value !== undefined; value = next(this.#count)) {
          yield { ...task, [name]: { type: 'CHUNK[INT]', value } };
        }
      }
    }
  }

  get #count(): number {
    return this.#taskCount ?? 1;
  }
}

function taskAt(leaves: readonly Leaf[], index: number): TaskParameterSet {
  const task: TaskParameterSet = {};
  for (const leaf of leaves) task[leaf.name] = leaf.values.at(positionIn(leaf, index));
  return task;
}
