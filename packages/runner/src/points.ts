/**
 * Points that need not run: what earlier runs of the same code have made from the same is put in place instead.
 *
 * A step takes part when its type declares what its points make and read (`perPoint`), and when no step comes before
 * it, whose outputs it might read. A point's key is everything it may have read: the step as the template has it,
 * parameters, inputs by content, environment, Node and platform, its number; the code itself is the server's part
 * of the question. Where anything is doubtful the point runs: a file that the store does not have, a server that
 * knows nothing of points, a type of an older `@pipl/pipe`.
 */
import { frameOf, type AssetStore } from '@pipl/assets';
import { IntRange, type TaskParameterSet } from '@pipl/openjd-model';
import {
  canonicalJson,
  PiplError,
  productOf,
  shortHash,
  type Manifest,
  type ReusedPoints,
  type Ticket,
} from '@pipl/packl';
import type { KnownPoint, MadePoint, PointOutput, RegistryClient } from '@pipl/registry-client';
import type { PlacedInputs } from './inputs.ts';
import type { PlacedPrevious } from './previous.ts';
import type { JobSteps, StepTasks } from './job.ts';
import { placeKnown, treeFiles } from './point-files.ts';
import type { RunProgress } from './progress.ts';
import type { Described, PointsDescription } from './template.ts';

export interface PointsRequest {
  readonly ticket: Ticket;
  readonly client: Pick<RegistryClient, 'knownPoints'>;
  /** of the project: what a packl's own store keeps is not reused */
  readonly store: Pick<AssetStore, 'has' | 'read' | 'checkout'>;
  readonly progress: Pick<RunProgress, 'log' | 'reused'>;
  readonly described: Described;
  readonly steps: JobSteps;
  readonly inputs: Pick<PlacedInputs, 'inputs' | 'used'> & {
    readonly previous: Pick<PlacedPrevious, 'used'>;
  };
  /** folder of all outputs */
  readonly dir: string;
  /** what envsets say; no folder of this machine is in it */
  readonly environment: unknown;
}

export interface PlannedPoints {
  /** without the points that are in place already */
  readonly steps: JobSteps;
  readonly reused: readonly ReusedPoints[];
  /** What later runs may take of this one, once its products are in the store. */
  made(products: readonly { readonly manifest: Manifest }[]): Promise<MadePoint[]>;
}

interface KeyedStep {
  readonly tasks: StepTasks;
  readonly points: PointsDescription;
  /** number → key */
  readonly keys: ReadonlyMap<number, string>;
}

export async function planPoints(request: PointsRequest): Promise<PlannedPoints> {
  const { ticket, steps, described } = request;
  const nothing = { steps, reused: [], made: () => Promise.resolve([]) };
  const reuse = ticket.reuse ?? ticket.field.policy?.reuse ?? true;
  if (ticket.purpose !== 'process' || !reuse) return nothing;
  const taking = steps.order.filter(
    ({ step }) => described.points?.[step.name] !== undefined && (step.dependencies ?? []).length === 0,
  );
  if (taking.length === 0) return nothing;
  const keyed = await Promise.all(
    taking.map((tasks) => keyedStep(request, tasks, described.points![tasks.step.name]!)),
  );
  const known = await askedFor(
    request,
    keyed.flatMap(({ keys }) => [...keys.values()]),
  );
  const placed = new Map<string, ReadonlySet<number>>();
  const reused: ReusedPoints[] = [];
  for (const one of keyed) {
    const there = await placeKnown(request, one, known);
    placed.set(one.tasks.step.name, new Set(there.keys()));
    const from = [...new Set([...there.values()].map(({ attempt }) => attempt))];
    if (there.size > 0)
      reused.push({ step: one.tasks.step.name, points: one.keys.size, reused: there.size, from });
  }
  if (reused.length > 0) request.progress.reused(reused);
  return {
    reused,
    steps: { order: steps.order.map((one) => without(one, placed.get(one.step.name), described)) },
    made: (products) => madePoints(request, { keyed, placed, products }),
  };
}

async function keyedStep(
  request: PointsRequest,
  tasks: StepTasks,
  points: PointsDescription,
): Promise<KeyedStep> {
  const frames = await framesRead(request, points);
  const common = commonKey(request, tasks.step.name, points);
  const keys = new Map<number, string>();
  for (const number of numbersOf(tasks, points.dimension)) {
    const read = frames.map(({ slot, asset, digests }) => [slot, asset, digests?.get(number) ?? null]);
    // A frame that cannot be told leaves the point without a key: it runs.
    if (frames.some(({ digests }) => digests === undefined)) continue;
    keys.set(number, shortHash(canonicalJson(['point', common, read, number])));
  }
  return { tasks, points, keys };
}

/** Everything but the number and the frames of that number. */
function commonKey(
  { ticket, described, inputs, environment }: PointsRequest,
  step: string,
  points: PointsDescription,
): string {
  const parameters = Object.entries(described.parameters).filter(([name]) => !points.ignores.includes(name));
  const whole = inputs.used.filter(({ slot }) => !points.reads.some((one) => one.slot === slot));
  const context = whole.map(({ slot, name, version, assets }) => ({
    slot,
    name,
    version,
    assets,
    said: saidOf(inputs, { slot, name }),
  }));
  return shortHash(
    canonicalJson({
      job: withoutSpaces(described.template, step),
      parameters: Object.fromEntries(parameters),
      inputs: context,
      ...(inputs.previous.used.length === 0 ? {} : { previous: inputs.previous.used }),
      task: ticket.task.name,
      config: ticket.field.config ?? {},
      makes: points.makes.map(({ slot, asset }) => [
        ticket.products.find((product) => product.slot === slot)?.name ?? '',
        asset,
      ]),
      environment: environment ?? {},
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    }),
  );
}

interface WrittenTemplate {
  readonly steps: readonly { readonly name: string; readonly parameterSpace?: unknown }[];
}

/** The job as far as it is about this step; which points there are is no matter of one of them. */
function withoutSpaces(template: unknown, step: string): object {
  const { steps, ...rest } = template as WrittenTemplate;
  return {
    ...rest,
    steps: steps.filter(({ name }) => name === step).map((one) => ({ ...one, parameterSpace: undefined })),
  };
}

/** Type and metadata of an input: a point sees them. */
function saidOf({ inputs }: Pick<PlacedInputs, 'inputs'>, { slot, name }: { slot: string; name: string }) {
  const found = [inputs[slot]].flat().find((one) => one?.name === name);
  return found === undefined ? {} : { type: found.type, metadata: found.metadata };
}

interface FramesRead {
  readonly slot: string;
  readonly asset: string;
  /** number → digest; undefined when the store cannot tell */
  readonly digests: ReadonlyMap<number, string> | undefined;
}

const framesRead = ({ inputs, store }: PointsRequest, { reads }: PointsDescription): Promise<FramesRead[]> =>
  Promise.all(
    reads.map(async ({ slot, asset }) => {
      const tree = inputs.used.find((input) => input.slot === slot)?.assets[asset];
      const files = tree === undefined ? undefined : await treeFiles(store, tree);
      const digests = files?.flatMap(({ path, digest }) => {
        const frame = frameOf(path);
        return frame === undefined ? [] : [[frame, digest] as const];
      });
      return { slot, asset, digests: digests && new Map(digests) };
    }),
  );

const numbersOf = ({ tasks }: StepTasks, dimension: string): number[] => {
  const numbers: number[] = [];
  const queue = tasks();
  for (let next = queue.next(); next.done !== true; next = queue.next())
    numbers.push(...numbersIn(next.value, dimension));
  return numbers;
};

const numbersIn = (set: TaskParameterSet, dimension: string): number[] =>
  [...IntRange.parse(String(set[dimension]?.value ?? ''))].map(Number);

const mostKeys = 5_000;

/** By key. None where the server knows nothing of points: then everything runs. */
async function askedFor(
  { client, ticket, progress }: PointsRequest,
  keys: readonly string[],
): Promise<ReadonlyMap<string, KnownPoint>> {
  const known = new Map<string, KnownPoint>();
  try {
    for (let from = 0; from < keys.length; from += mostKeys) {
      const points = await client.knownPoints(ticket.attempt, keys.slice(from, from + mostKeys));
      for (const point of points) known.set(point.key, point);
    }
  } catch (error) {
    if (!(error instanceof PiplError)) throw error;
    progress.log({ event: 'no-points', text: `Earlier runs were not asked: ${error.message}` });
  }
  return known;
}

/** The tasks of a step that are left; of a chunk the numbers that are left. */
function without(
  tasks: StepTasks,
  placed: ReadonlySet<number> | undefined,
  { points }: Described,
): StepTasks {
  const dimension = points?.[tasks.step.name]?.dimension;
  if (placed === undefined || placed.size === 0 || dimension === undefined) return tasks;
  const left: TaskParameterSet[] = [];
  const queue = tasks.tasks();
  for (let next = queue.next(); next.done !== true; next = queue.next()) {
    const numbers = numbersIn(next.value, dimension).filter((number) => !placed.has(number));
    if (numbers.length === 0) continue;
    const value = IntRange.fromValues(numbers.map(BigInt)).toString();
    left.push({ ...next.value, [dimension]: { ...next.value[dimension]!, value } });
  }
  return { step: tasks.step, count: left.length, tasks: () => left.values() };
}

interface Finished {
  readonly keyed: readonly KeyedStep[];
  readonly placed: ReadonlyMap<string, ReadonlySet<number>>;
  readonly products: readonly { readonly manifest: Manifest }[];
}

/** Points that ran, each with the one file that it made in each of its outputs. */
async function madePoints(
  { ticket, store }: PointsRequest,
  { keyed, placed, products }: Finished,
): Promise<MadePoint[]> {
  const made: MadePoint[] = [];
  for (const { tasks, points, keys } of keyed) {
    const outputs = await Promise.all(
      points.makes.map(async ({ slot, asset }) => {
        const name = ticket.products.find((product) => product.slot === slot)?.name;
        const manifest = products.find((one) => one.manifest.name === name)?.manifest;
        const tree = manifest === undefined ? undefined : productOf(manifest)?.assets[asset]?.digest;
        const files = tree === undefined ? undefined : await treeFiles(store, tree);
        return new Map(
          files?.flatMap(({ path, digest, size, executable }) => {
            const frame = frameOf(path);
            // What may be executed would be put back without that.
            return frame === undefined || executable
              ? []
              : [[frame, { slot, asset, name: path, digest, size } satisfies PointOutput] as const];
          }),
        );
      }),
    );
    for (const [number, key] of keys) {
      if (placed.get(tasks.step.name)?.has(number) === true) continue;
      const files = outputs.flatMap((one) => one.get(number) ?? []);
      if (files.length === points.makes.length) made.push({ key, outputs: files });
    }
  }
  return made;
}
