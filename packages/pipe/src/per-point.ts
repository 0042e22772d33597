/**
 * What a point of a step may read and what it makes, as its task type declares it: with that the points that are
 * known from earlier runs need not run again.
 *
 * A declaration that is not true would give old results for new inputs. So it is enforced where that can be: what
 * a point has declared not to read is not there for it, and reading it fails. What a program that the point starts
 * reads by itself is the word of whoever wrote the type.
 */
import type { AssetType } from './asset-types.ts';
import type { AnyPoint, Dimension } from './points.ts';
import type { Makes, Needs } from './product-types.ts';
import type { Step, TaskContext, TaskDefinition } from './task-types.ts';

export interface PerPoint {
  /** outputs, `slot.asset`, all sequences: a point makes the frame of its number in each, and nothing else */
  readonly makes: readonly string[];
  /** parameters that only say which points there are */
  readonly ignores?: readonly string[];
  /** inputs, `slot.asset`, sequences: a point reads the frame of its number and nothing else of the product */
  readonly reads?: readonly string[];
}

/** The same for those who load no code. */
export interface PointsDescription {
  /** the one dimension of the step, integers */
  readonly dimension: string;
  readonly makes: readonly { readonly slot: string; readonly asset: string }[];
  readonly ignores: readonly string[];
  readonly reads: readonly { readonly slot: string; readonly asset: string }[];
}

interface Parts {
  readonly type: TaskDefinition;
  readonly step: Step;
  readonly dimensions: readonly Dimension[];
}

const placeOf = (written: string) => {
  const dot = written.indexOf('.');
  return { slot: written.slice(0, dot), asset: written.slice(dot + 1) };
};

/** What is wrong with the declaration of a step, a line each. */
export function perPointProblems({ type, step, dimensions }: Parts): string[] {
  const { perPoint } = step;
  if (perPoint === undefined) return [];
  const where = `perPoint of step ${step.name}`;
  const [only] = dimensions;
  const problems: string[] = [];
  if (dimensions.length !== 1 || only?.of !== 'integers')
    problems.push(`${where} needs one dimension of integers`);
  if (perPoint.makes.length === 0) problems.push(`${where} makes nothing`);
  for (const written of perPoint.makes) {
    const { slot, asset } = placeOf(written);
    const sequence = type.makes[slot]?.assets[asset];
    if (sequence?.kind !== 'sequence')
      problems.push(`${where}: ${written} is no sequence that ${type.name} makes`);
    else if (isNamedByVersion(sequence))
      problems.push(`${where}: the frames of ${written} are named after the version of the product`);
  }
  for (const written of perPoint.reads ?? []) {
    const { slot, asset } = placeOf(written);
    const need = type.needs[slot];
    if (need === undefined || 'many' in need || need.assets[asset]?.kind !== 'sequence')
      problems.push(`${where}: ${written} is no sequence of one product that ${type.name} needs`);
  }
  return problems;
}

/** Then the same frame of the next version would be another file. */
function isNamedByVersion({ basename }: AssetType): boolean {
  const named = (version: string): string =>
    basename({
      product: { name: '@any/product', shortName: 'product', version },
      revision: version,
      frame: 1,
    } as never);
  return named('1.0.0') !== named('2.3.4');
}

/** Step → what its points are; steps that declare nothing are left out. */
export const describedPoints = (type: TaskDefinition): Record<string, PointsDescription> =>
  Object.fromEntries(
    type.steps.flatMap(({ name, over, perPoint }) => {
      const [dimension] = Object.keys(over);
      if (perPoint === undefined || dimension === undefined) return [];
      const { makes, ignores = [], reads = [] } = perPoint;
      return [[name, { dimension, makes: makes.map(placeOf), ignores, reads: reads.map(placeOf) }]];
    }),
  );

type Task = TaskContext<Needs, Makes, unknown>;

/** What the point is given: everything, but what it has declared not to read. */
export function givenTo(step: Step, point: AnyPoint, task: Task): Task {
  const { perPoint } = step;
  if (perPoint === undefined) return task;
  const { ignores = [], reads = [] } = perPoint;
  const refuse = (what: string) => (): never => {
    throw new Error(`${what}, though step ${step.name} says in perPoint that its points do not.`);
  };
  const [number] = Object.values(point);
  const inputs: Record<string, unknown> = { ...task.inputs };
  for (const [slot, assets] of Object.entries(bySlot(reads))) {
    inputs[slot] = onlyFrame(inputs[slot] as object, { assets, number: Number(number), slot, refuse });
  }
  // Its name is all of a task that stays the same when it gets another version.
  const hidden = Object.keys(task.task).filter((name) => name !== 'name');
  const refuseVersion = () => refuse('A point reads the version of what it makes');
  const outputs = Object.entries(task.outputs).map(([slot, made]) => [
    slot,
    { ...made, product: without(made.product, ['version'], refuseVersion) },
  ]);
  return {
    ...task,
    inputs: inputs as Task['inputs'],
    outputs: Object.fromEntries(outputs) as Task['outputs'],
    parameters: without(task.parameters as object, ignores, (name) =>
      refuse(`A point reads the parameter ${name}`),
    ),
    task: without(task.task, hidden, (name) => refuse(`A point reads ${name} of its task`)),
  };
}

const bySlot = (written: readonly string[]): Record<string, string[]> =>
  written.map(placeOf).reduce<Record<string, string[]>>((all, { slot, asset }) => {
    (all[slot] ??= []).push(asset);
    return all;
  }, {});

interface Frame {
  readonly assets: readonly string[];
  readonly number: number;
  readonly slot: string;
  readonly refuse: (what: string) => () => never;
}

/** Of a product that a point reads frame by frame nothing but these frames is there. */
function onlyFrame(product: object, { assets, number, slot, refuse }: Frame): object {
  const shown: Record<string, unknown> = {};
  for (const asset of assets) {
    const sequence = (product as Record<string, { frame(frame: number): string }>)[asset]!;
    shown[asset] = {
      kind: 'sequence',
      frames: [number],
      frame: (frame: number) =>
        frame === number
          ? sequence.frame(frame)
          : refuse(`Point ${number} reads frame ${frame} of ${slot}.${asset}`)(),
      get dir() {
        return refuse(`A point reads the folder of ${slot}.${asset}`)();
      },
    };
  }
  const others = Object.keys(product).filter((name) => !assets.includes(name));
  return without({ ...product, ...shown }, others, (name) => refuse(`A point reads ${name} of ${slot}`));
}

/** The same object, but that reading some of its properties fails. */
function without<T extends object>(
  given: T,
  names: readonly string[],
  refuse: (name: string) => () => never,
): T {
  const left = { ...given };
  for (const name of names) Object.defineProperty(left, name, { enumerable: false, get: refuse(name) });
  return left;
}
