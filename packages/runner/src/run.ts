/**
 * One ticket, from its folder to its result: inputs in place, sessions, products published.
 *
 * ```
 *   claim ─▶ fetch task ──▶┐
 *            fetch inputs ─┼─▶ context ─▶ sessions ─▶ collect ─▶ release ─▶ result.json
 *            tree ─▶ template ┘
 * ```
 * Versions are pinned in the ticket; nothing here chooses. A run ends in exactly one result, and when it does
 * nothing that it started is left. Whoever gave it the folder learns the rest by observing the folder.
 */
import { setMaxListeners } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { openStore, type AssetStore } from '@pipl/assets';
import type { SpareParts } from '@pipl/openjd-sessions';
import type { RunOutcome, Ticket } from '@pipl/packl';
import { connect, type RegistryClient } from '@pipl/registry-client';
import type { RunnerConfig } from './config.ts';
import { startEarlyNode, type EarlyNode } from './early-node.ts';
import { canceled, endingOf, reasonOf, timedOut } from './ending.ts';
import { execute } from './execute.ts';
import { handle, type HandlingRun } from './handling.ts';
import { placeInputs, type PlacedInputs } from './inputs.ts';
import { asChanges, jobEnvironment } from './job-environment.ts';
import { contextOf } from './job-context.ts';
import { prepareJob } from './job.ts';
import { fetchPackl, type PacklSource, type UnpackedPackl } from './packls.ts';
import { collectProducts, makeOutputs } from './products.ts';
import type { Place } from './program.ts';
import { openProgress, type RunProgress } from './progress.ts';
import { provenanceOf, type Provenance } from './provenance.ts';
import { releaseProducts } from './release.ts';
import { environmentTemplates, runEnvironment, type RecordedEnvironment } from './run-environment.ts';
import { madeBefore, noteMade, publishMade } from './resume.ts';
import { removeScratch } from './scratch.ts';
import { claim, readRun, writeResult, type Access, type Result } from './run-folder.ts';
import { checkTask } from './task-checks.ts';
import { reportOf, writeReport } from './run-report.ts';
import { describeTask, type Described } from './template.ts';
import { startTimings, type Timings } from './timings.ts';
import { installedTree, treeOf, type TreeRequest } from './tree.ts';

export interface RunEvent {
  readonly attempt: string;
  /** `executed`: no action of it runs any more, its products are still to be published */
  readonly event: 'started' | 'first-action' | 'progress' | 'executed' | 'ended' | 'taken';
  readonly [key: string]: unknown;
}

export interface RunRequest {
  readonly folder: string;
  readonly config: RunnerConfig;
  /** asks it to end */
  readonly cancel: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  readonly spareParts?: SpareParts | undefined;
}

/** What the parts of one run share. */
interface Run {
  /** of the attempt */
  readonly folder: string;
  readonly ticket: Ticket;
  readonly config: RunnerConfig;
  readonly client: RegistryClient;
  readonly store: AssetStore;
  readonly source: PacklSource;
  readonly work: string;
  readonly signal: AbortSignal;
  readonly progress: RunProgress;
  readonly timings: Timings;
  readonly spareParts: SpareParts | undefined;
  readonly onExecuted: () => void;
}

/** Never rejects because of the ticket: how it ended is in the folder. Undefined when somebody else has it. */
export async function runTicket({
  folder,
  config,
  cancel,
  onEvent,
  spareParts,
}: RunRequest): Promise<Result | undefined> {
  const timings = startTimings();
  const attempt = basename(folder);
  const startedAt = new Date().toISOString();
  if (!claim(folder, { startedAt })) {
    onEvent({ attempt, event: 'taken' });
    return undefined;
  }
  onEvent({ attempt, event: 'started' });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const stopNow = () => stop.abort(canceled());
  cancel.addEventListener('abort', stopNow, { once: true });
  if (cancel.aborted) stopNow();
  const result = await attemptRun({ folder, config, startedAt, timings, stop, onEvent, spareParts });
  cancel.removeEventListener('abort', stopNow);
  writeResult(folder, result);
  onEvent({ attempt, event: 'ended', state: result.state });
  return result;
}

interface Attempt extends Pick<RunRequest, 'folder' | 'config' | 'onEvent' | 'spareParts'> {
  readonly startedAt: string;
  readonly timings: Timings;
  readonly stop: AbortController;
}

async function attemptRun(given: Attempt): Promise<Result> {
  const { folder, config, startedAt, timings, stop, onEvent, spareParts } = given;
  let progress: RunProgress | undefined;
  let timer: NodeJS.Timeout | undefined;
  const ended = (how: Pick<Result, 'state'> & Partial<Result>): Result => {
    timings.mark('ended');
    const { firstActionAt } = progress?.status ?? {};
    const times = { startedAt, ...(firstActionAt === undefined ? {} : { firstActionAt }) };
    return { ...how, ...times, endedAt: new Date().toISOString(), timings: timings.marks };
  };
  try {
    const { ticket, access } = readRun(folder);
    const { attempt, timeout } = ticket;
    if (timeout !== undefined) timer = setTimeout(() => stop.abort(timedOut(timeout)), timeout * 1000);
    progress = openProgress({
      folder,
      startedAt,
      secret: access.token,
      onEvent: (event, what) => {
        if (event === 'first-action') timings.mark('firstAction');
        onEvent({ attempt, event, ...what });
      },
    });
    const run = beginRun({
      folder,
      config,
      ticket,
      access,
      progress,
      timings,
      signal: stop.signal,
      spareParts,
      onExecuted: () => onEvent({ attempt, event: 'executed' }),
    });
    const done = await carryOut(run);
    await removeScratch(run.work);
    return ended({ state: 'succeeded', ...done });
  } catch (error) {
    const ending = endingOf(error);
    const reason = reasonOf(ending);
    for (const text of [reason ?? ending.state, ...(ending.error?.problems ?? [])]) {
      await progress?.log({ event: ending.state, text });
    }
    const told = ending.error === undefined ? {} : { error: ending.error.toJSON() };
    const where = ending.at === undefined ? {} : { failedAt: ending.at };
    return ended({ state: ending.state, ...(reason === undefined ? {} : { reason }), ...told, ...where });
  } finally {
    clearTimeout(timer);
    await progress?.end();
  }
}

interface Beginning extends Omit<Run, 'client' | 'store' | 'source' | 'work'> {
  readonly access: Access;
}

function beginRun({ access, ...given }: Beginning): Run {
  const { folder, config, ticket, signal } = given;
  const client = connect({ url: access.registry, token: access.token });
  const source = { client, index: ticket.index, cache: join(config.cache, 'packls'), signal };
  const store = openStore(config.assets);
  const work = join(folder, 'work');
  return { ...given, client, store, source, work };
}

async function carryOut(run: Run): Promise<Pick<Result, 'outcome' | 'provenance' | 'resumed'>> {
  const { ticket, work, timings, store } = run;
  await mkdir(join(work, 'sessions'), { recursive: true });
  const { handling } = ticket;
  if (handling !== undefined && handling.work.is !== 'task') {
    await handle(handlingRun(run), handling, handling.work);
    return {};
  }
  const earlier = await madeBefore(run.folder, ticket, store);
  if (earlier !== undefined) return publishMade(run, earlier, (made, facts) => publish(run, made, facts));
  const [task, inputs, planned] = await prepare(run);
  const shapes = planned.described.products;
  const dir = join(work, 'outputs');
  const outputs = await makeOutputs({ ticket, shapes, dir });
  const slots = Object.keys(outputs).map((slot) => [slot, join(dir, slot)]);
  const folders = { inputs: inputs.folders, outputs: Object.fromEntries(slots) as Record<string, string> };
  const { job, steps, templateText } = prepareJob({
    described: planned.described,
    taskDir: task.dir,
    ...folders,
  });
  const context = join(work, 'context.json');
  await writeFile(context, JSON.stringify(contextOf(ticket, { ...planned, inputs, outputs })));
  writeReport(run.folder, reportOf({ templateText, ...planned }));
  timings.mark('prepared');
  const variables = asChanges({ ...planned.env, PIPL_CONTEXT: context }, process.env);
  const place = { ...placeOf(run), variables };
  if (handling !== undefined) {
    const make = async (where: typeof place) => {
      await execute({ ...where, job, steps });
      // Whether everything is there; the content of what is only tried goes no further than the run.
      return collectProducts({ ticket, shapes, dir, store: openStore(join(work, 'scratch')) });
    };
    await checkTask({ ...run, ...folders, task, tree: planned.env['PIPL_TREE'], place, make });
    return {};
  }
  await execute({ ...place, job, steps });
  timings.mark('executed');
  run.onExecuted();
  const products = await collectProducts({ ticket, shapes, dir, store });
  timings.mark('collected');
  const provenance = provenanceOf(ticket, {
    templateText,
    inputs,
    described: planned.described,
    products,
    environment: planned.recorded,
  });
  noteMade(run.folder, { products, provenance });
  const outcome = await publish(run, products, provenance);
  timings.mark('released');
  return { provenance, ...(outcome === undefined ? {} : { outcome }) };
}

const placeOf = ({ work, config, signal, progress, spareParts }: Run): Omit<Place, 'variables'> => ({
  scratch: join(work, 'sessions'),
  concurrency: config.concurrency ?? availableParallelism(),
  signal,
  progress,
  spareParts,
});

function handlingRun(run: Run): HandlingRun {
  const { ticket, config, progress } = run;
  const environment = (tree: string | undefined) =>
    jobEnvironment({ attempt: ticket.attempt, node: config.node, own: process.env, tree });
  const onInstall = () => progress.report(0, 'installing what it asks for');
  const tree = () => treeFor(run, { env: environment(undefined), onInstall });
  return { ...run, node: config.node, place: placeOf(run), tree, environment };
}

interface Planned {
  readonly described: Described;
  readonly env: Readonly<Record<string, string>>;
}

/** Everything that the first action waits for, at once; the first failure ends it for all. */
async function prepare(run: Run): Promise<[UnpackedPackl, PlacedInputs, Planned]> {
  const { ticket, work, source, store, timings } = run;
  const task = marked(timings, 'task', fetchPackl(ticket.task, source));
  const inputs = marked(timings, 'inputs', placeInputs({ ticket, source, store, dir: join(work, 'inputs') }));
  const planned = marked(timings, 'template', plan(run, task));
  // Work that outlives the failure of its neighbour would write into a folder that is given back.
  await Promise.allSettled([task, inputs, planned]);
  return Promise.all([task, inputs, planned]);
}

async function plan(run: Run, task: Promise<{ dir: string }>): Promise<Planned> {
  const { ticket, config, work, signal, progress, timings } = run;
  const { codeLock, attempt, field } = ticket;
  const { node, trees } = config;
  const environment = (tree: string | undefined) => jobEnvironment({ attempt, node, own: process.env, tree });
  let early: EarlyNode | undefined;
  const onInstall = () => {
    if (field.job === undefined) {
      const env = environment(treeOf(codeLock, trees));
      early ??= startEarlyNode({ node, scratch: work, env, signal });
    }
    progress.report(0, 'installing the code of the task');
  };
  try {
    const tree = await treeFor(run, { env: environment(undefined), onInstall });
    timings.mark('tree');
    const env = environment(tree);
    const { dir: taskDir } = await task;
    const request = { field, codeLock, tree, taskDir, scratch: work, node, env, signal, early };
    const described = await describeTask(request);
    return { env, described };
  } finally {
    await early?.dismiss();
  }
}

async function treeFor(
  { ticket: { codeLock, index }, config: { trees, pnpm, registry: url }, client: { token }, signal }: Run,
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

/** A run for QA makes everything and publishes nothing. */
async function publish(
  run: Run,
  products: Parameters<typeof releaseProducts>[1],
  facts: Provenance,
): Promise<RunOutcome | undefined> {
  if (run.ticket.purpose !== 'process') return undefined;
  return releaseProducts({ ...run, facts }, products);
}
