/**
 * What a handler has a run do that is not a task: the checks of a packl, a command, a job, a function of a packl.
 *
 * The change comes as variables (`PIPL_NAME`, `PIPL_VERSION`, …) and, with the assets of a product, as JSON in the
 * file that PIPL_CONTEXT names. Nothing is published: the token of such a run may read only.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { piplError, type HandlerWork, type Ticket, type TicketHandling } from '@pipl/packl';
import type { AssetPlace } from '@pipl/pipe/asset-place';
import { conclude, runChecks } from './checks.ts';
import { execute } from './execute.ts';
import { placeInputs } from './inputs.ts';
import { asChanges } from './job-environment.ts';
import { prepareJob } from './job.ts';
import { fetchPackl, type PacklSource } from './packls.ts';
import { runProgram, type Place } from './program.ts';
import { makeWorkspace } from './workspace.ts';

export interface HandlingRun {
  readonly ticket: Ticket;
  /** of the attempt */
  readonly folder: string;
  readonly work: string;
  readonly node: string;
  readonly source: PacklSource;
  /** where the assets of what it is about live */
  readonly store: (tree: string | undefined, packl: string | undefined) => AssetPlace;
  readonly place: Omit<Place, 'variables'>;
  /** installs the code of the ticket; undefined when it asks for none */
  readonly tree: () => Promise<string | undefined>;
  /** with the envsets that the packl stands on */
  readonly environment: (tree: string | undefined, packl?: string) => Readonly<Record<string, string>>;
}

type Work = Exclude<HandlerWork, { is: 'task' }>;

/** @throws RunEnded, and what its parts throw */
export async function handle(run: HandlingRun, handling: TicketHandling, work: Work): Promise<void> {
  const { ticket, source, node } = run;
  const began = performance.now();
  const fetched = isThere(ticket) ? fetchPackl(ticket.task, source) : Promise.resolve(undefined);
  const installed = run.tree();
  const store = Promise.all([installed, fetched]).then(([tree, found]) => run.store(tree, found?.dir));
  // Nobody waits for it where there are no inputs; its parts tell what is wrong.
  store.catch(() => undefined);
  const parts = [
    fetched,
    placeInputs({ ticket, source, place: store, dir: join(run.work, 'inputs') }),
    installed,
  ] as const;
  // Work that outlives the failure of its neighbour would write into a folder that is given back.
  await Promise.allSettled(parts);
  const [packl, inputs, tree] = await Promise.all(parts);
  const dir = await makeWorkspace({ dir: join(run.work, 'packl'), packl: packl?.dir, tree });
  const context = join(run.work, 'context.json');
  const told = { change: handling.change, handler: handling.handler, inputs: inputs.inputs };
  await writeFile(
    context,
    JSON.stringify({ ...told, ...(work.is === 'module' ? { options: work.options } : {}) }),
  );
  const env = {
    ...run.environment(tree, packl === undefined ? undefined : dir),
    ...variablesOf(handling),
    PIPL_CONTEXT: context,
    ...(packl === undefined ? {} : { PIPL_PACKL: dir }),
  };
  const place: Place = { ...run.place, variables: asChanges(env, process.env) };
  const { handler: name } = handling;
  switch (work.is) {
    case 'checks': {
      const { name: of, version } = ticket.task;
      const seconds = Math.round(performance.now() - began) / 1000;
      const installs = { check: 'installs', of: `${of}@${version}`, passed: true, seconds };
      const checks = await runChecks({ manifest: packl!.manifest, dir, work: run.work, env: {}, place });
      return conclude(run.folder, [installs, ...checks]);
    }
    case 'command':
      return runProgram({ name, argv: work.argv, cwd: dir, env: {} }, place);
    case 'job':
      return runJob(run, work, { dir, place });
    case 'module': {
      const file = join(dir, '.pipl-handler.mjs');
      await writeFile(file, callerOf(work));
      return runProgram({ name, argv: [node, file], cwd: dir, env: {} }, place);
    }
  }
}

/** A version that was withdrawn, or of which only something was said, may not be there to be had. */
const isThere = ({ task: { version, integrity }, handling }: Ticket): boolean =>
  version !== '' && integrity !== '' && handling?.change.op !== 'withdraw';

/** The change, for programs that are told of it. */
export const variablesOf = ({ handler, change }: TicketHandling): Record<string, string> => ({
  PIPL_HANDLER: handler,
  PIPL_SEQ: String(change.seq),
  PIPL_OP: change.op,
  PIPL_INDEX: change.index,
  PIPL_NAME: change.name,
  PIPL_VERSION: change.version,
  PIPL_BY: change.by,
  ...(change.integrity === undefined ? {} : { PIPL_INTEGRITY: change.integrity }),
});

/** Lies in the workspace, so that what it imports is found in the tree. */
const callerOf = ({ specifier, export: name }: Work & { is: 'module' }): string =>
  `import { readFileSync } from 'node:fs';
const module = await import(${JSON.stringify(specifier)});
const handler = module[${JSON.stringify(name)}];
if (typeof handler !== 'function') throw new Error(${JSON.stringify(`${specifier} exports no function ${name}.`)});
await handler(JSON.parse(readFileSync(process.env.PIPL_CONTEXT, 'utf8')));
`;

async function runJob(
  { source }: HandlingRun,
  { template: from, parameters }: Work & { is: 'job' },
  { dir, place }: { dir: string; place: Place },
): Promise<void> {
  const template =
    'text' in from ? from.text : await templateIn((await fetchPackl(from.packl, source)).dir, from.file);
  const described = { template, parameters, products: {}, byHand: true };
  const { job, steps } = prepareJob({ described, taskDir: dir, inputs: {}, outputs: {} });
  await execute({ ...place, job, steps });
}

async function templateIn(dir: string, file: string): Promise<string> {
  const path = resolve(dir, file);
  const refused = (why: string) =>
    piplError('invalid', 'PIPL_JOB_FILE', {
      what: `The job template ${file} of the handler cannot be read.`,
      why,
      hint: 'It is written PACKL/FILE; is the file among those that the packl publishes?',
    });
  if (relative(dir, path).startsWith('..')) throw refused('It is outside the packl.');
  return readFile(path, 'utf8').catch((error: Error) => {
    throw refused(error.message);
  });
}
