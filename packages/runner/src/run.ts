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
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { openStore, type AssetStore } from '@pipl/assets';
import type { SpareParts } from '@pipl/openjd-sessions';
import type { RunOutcome } from '@pipl/packl';
import { folderPlace } from '@pipl/pipe/asset-place';
import { connect, type RegistryClient } from '@pipl/registry-client';
import type { Attesting } from './attest.ts';
import type { RunnerConfig } from './config.ts';
import { canceled, endingOf, reasonOf, timedOut } from './ending.ts';
import { execute } from './execute.ts';
import { handle, type HandlingRun } from './handling.ts';
import { asChanges } from './job-environment.ts';
import { contextOf } from './job-context.ts';
import { prepareJob } from './job.ts';
import { closePlaces, openPlace, prepare, treeFor, type Preparing } from './prepare.ts';
import { planPoints } from './points.ts';
import { collectProducts, makeOutputs } from './products.ts';
import type { Place } from './program.ts';
import { openProgress, type RunProgress } from './progress.ts';
import { provenanceOf } from './provenance.ts';
import { releaseProducts } from './release.ts';
import { runEnvironment } from './run-environment.ts';
import { madeBefore, noteMade, publishMade } from './resume.ts';
import { removeScratch } from './scratch.ts';
import { claim, readRun, writeResult, type Access, type Result } from './run-folder.ts';
import { checkTask } from './task-checks.ts';
import { reportOf, writeReport } from './run-report.ts';
import { fetchAlsoElsewhere } from './server-moved.ts';
import { startTimings, type Timings } from './timings.ts';

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
interface Run extends Preparing {
  /** of the attempt */
  readonly folder: string;
  readonly client: RegistryClient;
  /** the project's own; `places` may have another */
  readonly store: AssetStore;
  readonly progress: RunProgress;
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
    const { attempt, timeout = config.timeout } = ticket;
    if (timeout !== undefined) timer = setTimeout(() => stop.abort(timedOut(timeout)), timeout * 1000);
    progress = openProgress({
      folder,
      startedAt,
      secret: access.token,
      onFirstAction: () => timings.mark('firstAction'),
      onEvent: (event, what) => onEvent({ attempt, event, ...what }),
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
      progress?.log({ event: ending.state, text });
    }
    const told = ending.error === undefined ? {} : { error: ending.error.toJSON() };
    const where = ending.at === undefined ? {} : { failedAt: ending.at };
    return ended({ state: ending.state, ...(reason === undefined ? {} : { reason }), ...told, ...where });
  } finally {
    clearTimeout(timer);
    progress?.end();
  }
}

interface Beginning extends Omit<Run, 'client' | 'store' | 'source' | 'work' | 'places'> {
  readonly access: Access;
}

function beginRun({ access, ...given }: Beginning): Run {
  const { folder, config, ticket, signal } = given;
  const { registry: url, token } = access;
  const client = connect({ url, token, fetch: fetchAlsoElsewhere(config.serverNote) });
  const source = { client, index: ticket.index, cache: join(config.cache, 'packls'), signal };
  const store = openStore(config.assets);
  const work = join(folder, 'work');
  return { ...given, client, store, source, work, places: [] };
}

type Done = Pick<Result, 'outcome' | 'provenance' | 'resumed'>;

async function carryOut(run: Run): Promise<Done> {
  try {
    return await carriedOut(run);
  } finally {
    await closePlaces(run);
  }
}

async function carriedOut(run: Run): Promise<Done> {
  const { ticket, work, timings, store } = run;
  mkdirSync(work, { recursive: true });
  const { handling } = ticket;
  if (handling !== undefined && handling.work.is !== 'task') {
    await handle(handlingRun(run), handling, handling.work);
    return {};
  }
  const earlier = await madeBefore(run.folder, ticket, store);
  if (earlier !== undefined) return publishMade(run, earlier, (made, facts) => publish(run, made, { facts }));
  const [task, inputs, planned] = await prepare(run);
  const shapes = planned.described.products;
  const dir = join(work, 'outputs');
  const outputs = makeOutputs({ ticket, shapes, dir });
  const slots = Object.keys(outputs).map((slot) => [slot, join(dir, slot)]);
  const folders = {
    inputs: inputs.folders,
    outputs: Object.fromEntries(slots) as Record<string, string>,
    previous: inputs.previous.folders,
  };
  const { job, steps, templateText } = prepareJob({
    described: planned.described,
    taskDir: task.dir,
    ...folders,
    environmentTemplates: planned.environments,
  });
  const context = join(work, 'context.json');
  writeFileSync(context, JSON.stringify(contextOf(ticket, { ...planned, inputs, outputs })));
  writeReport(run.folder, reportOf({ templateText, ...planned }));
  timings.mark('prepared');
  const variables = asChanges({ ...planned.env, PIPL_CONTEXT: context }, process.env);
  const place = { ...placeOf(run), variables };
  if (handling !== undefined) {
    const make = async (where: typeof place) => {
      await execute({ ...where, job, steps });
      // Whether everything is there; the content of what is only tried goes no further than the run.
      return collectProducts({ ticket, shapes, dir, place: folderPlace(join(work, 'scratch')) });
    };
    await checkTask({ ...run, ...folders, task, tree: planned.env['PIPL_TREE'], place, make });
    return {};
  }
  const points = await planPoints({
    ...run,
    described: planned.described,
    steps,
    inputs,
    dir,
    environment: planned.recorded,
  });
  await execute({ ...place, job, steps: points.steps });
  timings.mark('executed');
  run.onExecuted();
  const products = await collectProducts({ ticket, shapes, dir, place: planned.place });
  timings.mark('collected');
  const provenance = provenanceOf(ticket, {
    templateText,
    inputs,
    described: planned.described,
    products,
    environment: planned.recorded,
    reused: points.reused,
  });
  noteMade(run.folder, { products, provenance });
  const outcome = await publish(run, products, { facts: provenance, points: await points.made(products) });
  timings.mark('released');
  return { provenance, ...(outcome === undefined ? {} : { outcome }) };
}

const placeOf = ({ work, config, signal, progress, spareParts }: Run): Omit<Place, 'variables'> => ({
  scratch: work,
  concurrency: config.concurrency ?? availableParallelism(),
  signal,
  progress,
  spareParts,
});

function handlingRun(run: Run): HandlingRun {
  const { ticket, config, progress } = run;
  const { assets, node } = config;
  const environment = (tree: string | undefined, packl?: string) =>
    runEnvironment({ attempt: ticket.attempt, node, own: process.env, tree }, { packl, assets }).env;
  const onInstall = () => progress.report(0, 'installing what it asks for');
  const tree = () => treeFor(run, { env: environment(undefined), onInstall });
  const store = (at: string | undefined, packl: string | undefined) =>
    openPlace(run, { tree: at, packl, env: environment(at, packl) });
  return { ...run, node, place: placeOf(run), tree, environment, store };
}

/** A run for QA makes everything and publishes nothing. */
async function publish(
  run: Run,
  products: Parameters<typeof releaseProducts>[1],
  more: Pick<Attesting, 'facts' | 'points'>,
): Promise<RunOutcome | undefined> {
  if (run.ticket.purpose !== 'process') return undefined;
  return releaseProducts({ ...run, ...more }, products);
}
