/**
 * The tasks of a step whose chunks adapt while it runs: each chunk is as large as `taskCount` says when it is
 * asked for. The chunked parameter goes fastest, whatever the combination says, so that all tasks are measured
 * alike. Nothing is made before it is asked for; there is no random access, as no position is known before.
 */
import { IntRange } from './int-range.ts';
import { StepParameterSpaceIterator } from './parameter-space-iterator.ts';
import type { Chunks, StepParameterSpace, TaskParameter, TaskParameterSet } from './types.ts';

type ChunkParameter = Extract<TaskParameter, { type: 'CHUNK[INT]' }>;

/** One value in the place of the chunks, to walk all the others. */
const placeholder: TaskParameter = { type: 'INT', range: '0' };

export class AdaptiveChunks implements Iterable<TaskParameterSet> {
  /** The parameter whose values are chunks. */
  readonly name: string;
  readonly chunks: Chunks;
  readonly #range: IntRange;
  readonly #others: StepParameterSpaceIterator;
  #taskCount: number;

  /** @throws RangeError if the space has no chunked parameter */
  constructor(space: StepParameterSpace) {
    const found = chunked(space);
    if (!found) throw new RangeError('The parameter space has no CHUNK[INT] parameter');
    const [name, { range, chunks }] = found;
    this.name = name;
    this.chunks = chunks;
    const whole = typeof range === 'string' ? IntRange.parse(range) : IntRange.fromValues(range.map(BigInt));
    this.#range = whole.ascending();
    this.#others = othersOf(space, name);
    this.#taskCount = chunks.defaultTaskCount;
  }

  /** How many tasks the next chunk has, at most. */
  get taskCount(): number {
    return this.#taskCount;
  }

  /** @throws RangeError unless it is a whole number from 1 */
  set taskCount(count: number) {
    if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${count} is no count of tasks`);
    this.#taskCount = count;
  }

  *[Symbol.iterator](): IterableIterator<TaskParameterSet> {
    for (const { [this.name]: _place, ...set } of this.#others) {
      for (let from = 0; from < this.#range.length;) {
        const { text, next } = this.#chunk(from);
        yield { ...set, [this.name]: { type: 'CHUNK[INT]', value: text } };
        from = next;
      }
    }
  }

  #chunk(from: number): { text: string; next: number } {
    const most = Math.min(from + this.#taskCount, this.#range.length);
    if (this.chunks.rangeConstraint === 'NONCONTIGUOUS') {
      return { text: String(this.#range.slice(from, most)), next: most };
    }
    const first = this.#range.at(from)!;
    const next = firstWhere(from + 1, most, (index) => this.#range.at(index)! - first > BigInt(index - from));
    return { text: `${first}-${this.#range.at(next - 1)!}`, next };
  }
}

/** The first position from `low` that holds, or `high`; once it holds it holds for all that follow. */
function firstWhere(low: number, high: number, holds: (index: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

const chunked = ({ taskParameterDefinitions }: StepParameterSpace) =>
  Object.entries(taskParameterDefinitions).find(
    (entry): entry is [string, ChunkParameter] => entry[1].type === 'CHUNK[INT]',
  );

function othersOf(space: StepParameterSpace, name: string): StepParameterSpaceIterator {
  const taskParameterDefinitions = { ...space.taskParameterDefinitions, [name]: placeholder };
  return new StepParameterSpaceIterator({ space: { ...space, taskParameterDefinitions } });
}
