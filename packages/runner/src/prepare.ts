/**
 * What the first action of a run waits for: the task, its code, its job, its inputs; all of it at once.
 *
 * Where assets live is known when the code is there: a packl of it may bring a store, and then the inputs wait for it.
 */
import { join } from 'node:path';
import type { EnvironmentTemplate } from '@pipl/openjd-model';
import type { Ticket } from '@pipl/packl';
import { choosePlace, folderPlace, startStore, type AssetPlace } from '@pipl/pipe/asset-place';
import type { RegistryClient } from '@pipl/registry-client';
import type { RunnerConfig } from './config.ts';
import { startEarlyNode, type EarlyNode } from './early-node.ts';
import { placeInputs, type PlacedInputs } from './inputs.ts';
import { placePrevious, type PlacedPrevious } from './previous.ts';
import { jobEnvironment } from './job-environment.ts';
import { fetchPackl, type PacklSource, type UnpackedPackl } from './packls.ts';
import type { RunProgress } from './progress.ts';
import { environmentTemplates, graphIn, runEnvironment, type RunEnvironment } from './run-environment.ts';
import { describeTask, type Described } from './template.ts';
import type { Timings } from './timings.ts';
import { installedTree, treeOf, type TreeRequest } from './tree.ts';

export interface Preparing {
  readonly ticket: Ticket;
  readonly config: RunnerConfig;
  readonly client: Pick<RegistryClient, 'token'>;
  readonly source: PacklSource;
  readonly work: string;
  readonly signal: AbortSignal;
  readonly progress: Pick<RunProgress, 'report'>;
  readonly timings: Timings;
  /** those that were opened: whoever began the run closes them */
  readonly places: AssetPlace[];
}

export interface Planned extends Pick<RunEnvironment, 'env' | 'recorded'> {
  readonly described: Described;
  /** of envsets, outermost first */
  readonly environments: readonly EnvironmentTemplate[];
  readonly place: AssetPlace;
}

/** All that the run reads. */
export interface PlacedReads extends PlacedInputs {
  readonly previous: PlacedPrevious;
}

/** The first failure ends it for all. */
export async function prepare(run: Preparing): Promise<[UnpackedPackl, PlacedReads, Planned]> {
  const { ticket, work, source, timings } = run;
  const task = marked(timings, 'task', fetchPackl(ticket.task, source));
  const ground = layGround(run, task);
  const place = ground.then((found) => found.place);
  // Nobody waits for it where there are no inputs; the plan tells what is wrong.
  place.catch(() => undefined);
  const read = async (): Promise<PlacedReads> => {
    const [inputs, previous] = await Promise.all([
      placeInputs({ ticket, source, place, dir: join(work, 'inputs') }),
      placePrevious({ ticket, source, place, dir: join(work, 'previous') }),
    ]);
    return { ...inputs, previous };
  };
  const inputs = marked(timings, 'inputs', read());
  const planned = marked(timings, 'template', plan(run, ground));
  // Work that outlives the failure of its neighbour would write into a folder that is given back.
  await Promise.allSettled([task, inputs, planned]);
  return Promise.all([task, inputs, planned]);
}

interface Ground extends RunEnvironment {
  readonly tree: string | undefined;
  readonly taskDir: string;
  readonly place: AssetPlace;
  readonly early: EarlyNode | undefined;
}

/** The code of the task, and what follows from it. */
async function layGround(run: Preparing, task: Promise<{ dir: string }>): Promise<Ground> {
  const { ticket, config, work, signal, progress, timings } = run;
  const { codeLock, field } = ticket;
  let early: EarlyNode | undefined;
  const onInstall = () => {
    if (field.job === undefined) {
      const env = treeEnvironment(run, treeOf(codeLock, config.trees));
      early ??= startEarlyNode({ node: config.node, scratch: work, env, signal });
    }
    progress.report(0, 'installing the code of the task');
  };
  try {
    const tree = await treeFor(run, { env: treeEnvironment(run, undefined), onInstall });
    timings.mark('tree');
    const { dir: taskDir } = await task;
    const { node, assets } = config;
    const own = { attempt: ticket.attempt, node, own: process.env, tree };
    const environment = runEnvironment(own, { packl: taskDir, assets });
    const place = openPlace(run, { tree, packl: taskDir, env: environment.env });
    return { ...environment, tree, taskDir, place, early };
  } catch (error) {
    await early?.dismiss();
    throw error;
  }
}

const treeEnvironment = ({ ticket: { attempt }, config: { node } }: Preparing, tree: string | undefined) =>
  jobEnvironment({ attempt, node, own: process.env, tree });

async function plan(run: Preparing, laid: Promise<Ground>): Promise<Planned> {
  const { ticket, config, work, signal } = run;
  const { tree, taskDir, early, place, env, composed, recorded } = await laid;
  try {
    const described = describeTask({
      field: ticket.field,
      codeLock: ticket.codeLock,
      tree,
      taskDir,
      scratch: work,
      node: config.node,
      // The answer is kept in the tree, for every task: no envset speaks here.
      env: treeEnvironment(run, tree),
      signal,
      early,
    });
    const environments = environmentTemplates(composed);
    await Promise.allSettled([described, environments]);
    return {
      described: await described,
      environments: await environments,
      env,
      place,
      ...(recorded === undefined ? {} : { recorded }),
    };
  } finally {
    await early?.dismiss();
  }
}

interface PlaceAsked {
  readonly tree: string | undefined;
  /** the unpacked packl that runs */
  readonly packl: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Where its assets are: the project's own folder, another one, or the store that a packl of the tree brings. */
export function openPlace({ config, work, places }: Preparing, { tree, packl, env }: PlaceAsked): AssetPlace {
  const graph = tree === undefined || packl === undefined ? undefined : graphIn(tree, packl);
  const choice = choosePlace(graph, () => config.assets);
  const place =
    choice.is === 'folder'
      ? folderPlace(choice.root)
      : startStore({ by: choice.by, node: config.node, from: [choice.dir, tree!], cwd: work, env });
  places.push(place);
  return place;
}

export async function closePlaces({ places }: Preparing): Promise<void> {
  await Promise.all(places.map((place) => place.dispose()));
}

/** @throws PIPL_INSTALL; PIPL_INSTALL_UNREACHABLE when the registry stayed away */
export async function treeFor(
  {
    ticket: { codeLock, index },
    config: { trees, pnpm, registry: url },
    client: { token },
    signal,
  }: Preparing,
  more: Pick<TreeRequest, 'env' | 'onInstall'>,
): Promise<string | undefined> {
  if (Object.keys(codeLock.dependencies).length === 0) return undefined;
  const registry = `${url.replace(/\/+$/, '')}/${index}/`;
  return installedTree({ codeLock, trees, pnpm, registry, token, signal, ...more });
}

async function marked<T>(timings: Timings, name: string, work: Promise<T>): Promise<T> {
  const value = await work;
  timings.mark(name);
  return value;
}
