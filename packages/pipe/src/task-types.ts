/**
 * Task types: what a task needs and makes, and its steps, commands and checks.
 *
 * A task type never changes: `step`, `command` and `check` return another one, so a packl can build on the task
 * type of another packl. Inputs, outputs, parameters and points are inferred from the definition.
 */
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';
import type { PerPoint } from './per-point.ts';
import type { Previous } from './previous.ts';
import type { AssetType } from './asset-types.ts';
import type { Makes, Needs, ProductType } from './product-types.ts';
import type { Schema } from './schema.ts';
import type { TaskHandle } from './task-handle.ts';

/** A range of integers (`'1001-1024'`), integers, or strings. */
export type Range = string | readonly number[] | readonly string[];
/** Dimension → its range, from the parameters of the task. */
export type Dimensions<P> = Readonly<Record<string, (parameters: P) => Range>>;
/** Dimension → what its range function returns: inferred name by name, so that each gets the parameters. */
type Ranges = Readonly<Record<string, Range>>;
type NoRanges = Record<never, never>;

export type Point<R> = {
  readonly [Name in keyof R]: R[Name] extends readonly string[] ? string : number;
};

export interface TaskContext<N extends Needs, M extends Makes, P> {
  readonly inputs: Inputs<N>;
  readonly outputs: Outputs<M>;
  /** what the task made last, of the slots that its package.json names under `pipl.previous` */
  readonly previous: Previous<M>;
  readonly parameters: P;
  readonly task: TaskHandle<N>;
}

export interface StepContext<N extends Needs, M extends Makes, P, R = NoRanges> extends TaskContext<N, M, P> {
  readonly point: Point<R>;
  /** @param percent of this point, 0..100 @param text what happens now, one line */
  progress(percent: number, text?: string): void;
}

/** `slot.asset` of the sequences of some products. */
type SequenceOf<M extends Makes> = {
  [Slot in keyof M & string]: {
    [Asset in keyof M[Slot]['assets'] & string]: M[Slot]['assets'][Asset] extends AssetType<'sequence'>
      ? `${Slot}.${Asset}`
      : never;
  }[keyof M[Slot]['assets'] & string];
}[keyof M & string];
/** The needs that are one product. */
type Single<N extends Needs> = {
  [Slot in keyof N as N[Slot] extends ProductType ? Slot : never]: N[Slot] extends ProductType
    ? N[Slot]
    : never;
};

type Done = void | Promise<void>;

export interface Step {
  readonly name: string;
  readonly over: Dimensions<unknown>;
  readonly chunk: number | undefined;
  readonly perPoint: PerPoint | undefined;
  run(context: StepContext<Needs, Makes, unknown, Ranges>): Done;
}

/** @typeParam A what its schema gives: `{}` without one */
export interface CommandContext<N extends Needs, M extends Makes, P, A> extends TaskContext<N, M, P> {
  readonly arguments: A;
}

export interface Command {
  readonly name: string;
  readonly label: string;
  readonly arguments: Schema | undefined;
  run(context: CommandContext<Needs, Makes, unknown, unknown>): Done;
}

export interface Check {
  readonly name: string;
  run(context: TaskContext<Needs, Makes, unknown>): Done;
}

/** What a task type is, with its types forgotten: what `pipl-step` works on. */
export interface TaskDefinition {
  readonly name: string;
  readonly needs: Needs;
  readonly makes: Makes;
  readonly parameters: Schema | undefined;
  readonly steps: readonly Step[];
  readonly commands: readonly Command[];
  readonly checks: readonly Check[];
}

export interface TaskType<N extends Needs, M extends Makes, P> extends TaskDefinition {
  readonly [marker]: 1;
  readonly needs: N;
  readonly makes: M;
  /**
   * Adds a step; steps run one after the other. With `over`, it runs once for each point; points are grouped so that
   * start-up is paid once a group, `chunk` says how many (default: a quarter of the points, 1 to 32).
   *
   * @throws TypeError when the name is taken or is not one
   */
  step<R extends Ranges = NoRanges>(
    name: string,
    step: {
      readonly over?: { readonly [Name in keyof R]: (parameters: P) => R[Name] };
      readonly chunk?: number;
      /**
       * What one point makes and what it may read. With it, points that an earlier run has made from the same are
       * taken from there: of `frames: '1001-1008'` after `'1001-1004'` four run. Without it the whole step runs.
       * What a point has declared not to read fails when it is read.
       */
      readonly perPoint?: {
        readonly makes: readonly SequenceOf<M>[];
        readonly ignores?: readonly (keyof P & string)[];
        readonly reads?: readonly SequenceOf<Single<N>>[];
      };
      readonly run: (context: StepContext<N, M, P, R>) => Done;
    },
  ): TaskType<N, M, P>;
  /** Adds a command for people: `pipl do NAME`, or NAME alone in the shell of a workspace. */
  command<A = Readonly<Record<never, never>>>(
    name: string,
    command: {
      readonly label: string;
      /** of an object: its keys are the options of the command */
      readonly arguments?: Schema<A>;
      readonly run: (context: CommandContext<N, M, P, A>) => Done;
    },
  ): TaskType<N, M, P>;
  /** Adds a check of what was made: throw to say what is wrong. */
  check(name: string, run: (context: TaskContext<N, M, P>) => Done): TaskType<N, M, P>;
}

/** Global, because `pipl-step` and a pipeline may have loaded different copies of this file. */
const marker: unique symbol = Symbol.for('@pipl/pipe task type') as never;

export const isTaskType = (value: unknown): value is TaskDefinition =>
  typeof value === 'object' && value !== null && marker in value;

export function defineTaskType<
  const N extends Needs,
  const M extends Makes,
  P = Readonly<Record<never, never>>,
>(type: {
  readonly name: string;
  readonly needs: N;
  readonly makes: M;
  readonly parameters?: Schema<P>;
}): TaskType<N, M, P> {
  const { name, needs, makes, parameters } = type;
  return extended<N, M, P>({ name, needs, makes, parameters, steps: [], commands: [], checks: [] });
}

function extended<N extends Needs, M extends Makes, P>(definition: TaskDefinition): TaskType<N, M, P> {
  const { steps, commands, checks } = definition;
  const but = (change: Partial<TaskDefinition>): TaskType<N, M, P> => extended({ ...definition, ...change });
  return {
    ...definition,
    [marker]: 1,
    step: (name, { over, chunk, perPoint, run }) =>
      but({
        steps: [
          ...steps,
          { name: freeName(definition, steps, name), over: over ?? {}, chunk, perPoint, run } as Step,
        ],
      }),
    command: (name, { label, arguments: schema, run }) => {
      const command = { name: freeName(definition, commands, name), label, arguments: schema, run };
      return but({ commands: [...commands, command as Command] });
    },
    check: (name, run) =>
      but({ checks: [...checks, { name: freeName(definition, checks, name), run } as Check] }),
  } as TaskType<N, M, P>;
}

function freeName(type: TaskDefinition, taken: readonly { readonly name: string }[], name: string): string {
  if (name === '' || name.length > 64 || name.includes('{{') || /\p{Cc}/u.test(name)) {
    throw new TypeError(
      `Task type ${type.name}: ${JSON.stringify(name)} is not a name of 1 to 64 characters.`,
    );
  }
  if (taken.some((other) => other.name === name))
    throw new TypeError(`Task type ${type.name} has two called "${name}".`);
  return name;
}
