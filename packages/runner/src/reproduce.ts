/**
 * A past run again, from what is kept of it: its packls, inputs, code and variables in a folder of one's own.
 *
 * Nothing is published and nothing is written to the project: outputs go to a store inside the folder. The same
 * parts as in a real run do the work, so what goes wrong there goes wrong here. The action that failed can be held
 * just before it starts, for somebody to look around.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openStore, parseTree } from '@pipl/assets';
import type { AssetReference, Ticket } from '@pipl/packl';
import { folderPlace } from '@pipl/pipe/asset-place';
import { connect, type FailedAt } from '@pipl/registry-client';
import type { RunnerConfig } from './config.ts';
import { execute, type Execution } from './execute.ts';
import { heldStep, nameOfPoint, untilHeld, type HeldAction } from './held-action.ts';
import { contextOf } from './job-context.ts';
import { asChanges } from './job-environment.ts';
import { prepareJob, type JobSteps } from './job.ts';
import { closePlaces, prepare, type Planned, type Preparing } from './prepare.ts';
import { collectProducts, makeOutputs } from './products.ts';
import { sha256 } from './run-report.ts';
import type { Access } from './run-folder.ts';
import { fetchAlsoElsewhere } from './server-moved.ts';
import { startTimings } from './timings.ts';

export interface Reproduction {
  /** as it was submitted */
  readonly ticket: Ticket;
  /** empty, absolute; everything goes there */
  readonly folder: string;
  readonly config: RunnerConfig;
  /** who reads the packls */
  readonly access: Access;
  readonly signal: AbortSignal;
  /** what actions print, and what goes on */
  readonly onText: (text: string) => void;
}

export interface Reproduced {
  readonly folder: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** hash of the job template, as reports have it */
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Runs everything. @returns product → asset → what was made @throws RunEnded */
  rerun(): Promise<Readonly<Record<string, Readonly<Record<string, AssetReference>>>>>;
  /**
   * Runs the steps before `at`, then holds its action while `look` looks at it. Without `at`: the first action.
   * @throws RunEnded for a step before it
   */
  hold(at: FailedAt | undefined, look: (held: HeldAction) => Promise<void>): Promise<void>;
  /** Files of a folder or sequence that was made: path → digest. */
  filesOf(digest: string): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** @throws PIPL_INTEGRITY, PIPL_INSTALL, PIPL_ASSET_MISSING, PIPL_SERVER_UNREACHABLE: what the run itself would */
export async function reproduce(asked: Reproduction): Promise<Reproduced> {
  const { ticket, folder, onText } = asked;
  const run = beginning(asked);
  await mkdir(join(run.work, 'sessions'), { recursive: true });
  const [task, inputs, planned] = await prepare(run);
  const shapes = planned.described.products;
  const dir = join(run.work, 'outputs');
  const outputs = makeOutputs({ ticket, shapes, dir });
  const slots = Object.fromEntries(Object.keys(outputs).map((slot) => [slot, join(dir, slot)]));
  const { job, steps, templateText } = prepareJob({
    described: planned.described,
    taskDir: task.dir,
    inputs: inputs.folders,
    outputs: slots,
    previous: inputs.previous.folders,
    environmentTemplates: planned.environments,
  });
  const context = join(run.work, 'context.json');
  await writeFile(context, JSON.stringify(contextOf(ticket, { ...planned, inputs, outputs })));
  const place = placeOf(asked, { run, planned, context });
  const made = folderPlace(join(folder, 'made'));
  return {
    folder,
    inputs: inputs.folders,
    outputs: slots,
    template: sha256(templateText),
    parameters: planned.described.parameters,
    async rerun() {
      await execute({ ...place, job, steps });
      const products = await collectProducts({ ticket, shapes, dir, place: made });
      return Object.fromEntries(products.map(({ manifest: { name }, assets }) => [name, assets]));
    },
    hold: (at, look) => holdAt({ ...place, job, steps, at, onText, node: asked.config.node }, look),
    filesOf: (digest) => filesOf(join(folder, 'made'), digest),
    close: () => closePlaces(run),
  };
}

function beginning({ ticket, folder, config, access, signal, onText }: Reproduction): Preparing {
  const { registry: url, token } = access;
  const client = connect({ url, token, fetch: fetchAlsoElsewhere(config.serverNote) });
  const source = { client, index: ticket.index, cache: join(config.cache, 'packls'), signal };
  const report = (_percent: number, message?: string): void => {
    if (message !== undefined) onText(message);
  };
  const work = join(folder, 'work');
  return {
    ticket,
    config,
    client,
    source,
    work,
    signal,
    progress: { report },
    timings: startTimings(),
    places: [],
  };
}

interface Prepared {
  readonly run: Preparing;
  readonly planned: Planned;
  readonly context: string;
}

const placeOf = (
  { config, signal, onText }: Reproduction,
  { run, planned, context }: Prepared,
): Omit<Execution, 'job' | 'steps'> => ({
  scratch: join(run.work, 'sessions'),
  variables: asChanges({ ...planned.env, PIPL_CONTEXT: context }, process.env),
  concurrency: config.concurrency ?? availableParallelism(),
  signal,
  spareParts: undefined,
  progress: {
    log(line) {
      if (line.text !== undefined) onText(line.text);
    },
    firstAction: () => undefined,
    report: () => undefined,
  },
});

interface Holding extends Omit<Execution, 'steps'> {
  readonly steps: JobSteps;
  readonly at: FailedAt | undefined;
  readonly node: string;
  readonly onText: (text: string) => void;
}

async function holdAt(
  { steps: { order }, at, onText, node, ...place }: Holding,
  look: (held: HeldAction) => Promise<void>,
): Promise<void> {
  const index = Math.max(
    0,
    order.findIndex(({ step }) => step.name === at?.step),
  );
  if (index > 0) await execute({ ...place, steps: { order: order.slice(0, index) } });
  const note = join(place.scratch, '..', 'held');
  const { step, point } = heldStep(order[index]!, { where: at?.where, note, node });
  const points = point === undefined ? [] : [point];
  let isOver = false;
  const ended = execute({
    ...place,
    steps: { order: [{ step, count: 1, tasks: () => points.values() }] },
  }).finally(() => {
    isOver = true;
  });
  try {
    const held = await untilHeld(note, () => isOver);
    const name = point === undefined ? '' : nameOfPoint(point);
    onText(`Held before it starts: step ${step.name}${name === '' ? '' : ` (${name})`}`);
    if (held !== undefined) await look(held);
  } finally {
    await writeFile(join(note, 'go'), '');
    await ended;
  }
}

async function filesOf(root: string, digest: string): Promise<Record<string, string>> {
  const stored = await text(await openStore(root).read(digest));
  return Object.fromEntries(parseTree(stored, digest).map((file) => [file.path, file.digest]));
}
