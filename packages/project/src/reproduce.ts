/**
 * A past run here again: its packls, inputs, code and variables in a folder, from its record and the registry alone.
 * Then its failing action, held before it starts, or all of it, with what it makes compared to what it made.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openStore, parseTree } from '@pipl/assets';
import { type AssetReference, piplError } from '@pipl/packl';
import type { FailedAt, RegistryClient, RunRecordView } from '@pipl/registry-client';
import type { HeldAction, Reproduced } from '@pipl/runner';
import { pnpmCommand, withoutPackageManager } from './pnpm.ts';
import type { Project } from './project-file.ts';
import { findRun } from './runs.ts';
import { beforeWriting } from './watched.ts';

export type { HeldAction } from '@pipl/runner';

export interface ReproduceRun {
  readonly project: Project;
  /** an attempt or a beginning of it, or a task: its last run */
  readonly run: string;
  /** an empty folder, or none yet; else one of its own */
  readonly folder?: string | undefined;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
}

export interface Rebuilt {
  readonly attempt: string;
  readonly task: string;
  readonly folder: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly failedAt?: FailedAt;
  /** the code makes the same job as then; absent: the record does not have it */
  readonly sameJob?: boolean;
}

export interface MadeAgain {
  readonly product: string;
  readonly asset: string;
  readonly is: 'equal' | 'differs' | 'not recorded';
  /** digests */
  readonly before?: string;
  readonly now: string;
  /** of a folder or sequence that differs: only what differs */
  readonly files: readonly { readonly path: string; readonly is: 'differs' | 'missing' | 'new' }[];
}

export interface Rebuilding {
  readonly rebuilt: Rebuilt;
  /** Runs all of it. @throws what failed, as a run would end */
  rerun(): Promise<readonly MadeAgain[]>;
  hold(look: (held: HeldAction) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** @throws PIPL_NO_RUN (exit 3), PIPL_NO_RECORD (3), PIPL_NOT_EMPTY (4), and what the run itself would */
export async function rebuildRun(client: RegistryClient, asked: ReproduceRun): Promise<Rebuilding> {
  const { attempt } = await findRun(client, asked.run);
  const record = await client.runRecord(attempt);
  const { ticket, ending, report } = record;
  if (ticket === undefined) throw noRecord(attempt);
  const folder = await emptyFolder(asked.folder, attempt);
  const assets = join(asked.project.system, 'assets');
  // Only who rebuilds a run loads what runs them.
  const { reproduce } = await import('@pipl/runner');
  const reproduced = await reproduce({
    ticket,
    folder,
    config: {
      registry: client.url,
      assets,
      trees: join(asked.project.system, 'trees'),
      cache: join(asked.project.system, 'cache'),
      node: process.execPath,
      pnpm: pnpmCommand(),
    },
    access: { registry: client.url, token: client.token ?? '' },
    signal: asked.signal,
    onText: asked.onText,
  });
  const { inputs, outputs, template } = reproduced;
  const { failedAt } = ending ?? {};
  return {
    rebuilt: {
      attempt,
      task: `${ticket.task.name}@${ticket.task.version}`,
      folder,
      inputs,
      outputs,
      ...(failedAt === undefined ? {} : { failedAt }),
      ...(report === undefined ? {} : { sameJob: report.template.hash === template }),
    },
    rerun: async () => madeAgain(await ended(reproduced.rerun()), { record, reproduced, assets }),
    hold: (look) => ended(reproduced.hold(failedAt, look)),
    close: () => reproduced.close(),
  };
}

/** What ends a run says what was wrong in its `error`. */
async function ended<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw thrown instanceof Error && 'error' in thrown && thrown.error instanceof Error
      ? thrown.error
      : thrown;
  }
}

interface Beside {
  readonly record: RunRecordView;
  readonly reproduced: Reproduced;
  /** root of the project's store */
  readonly assets: string;
}

async function madeAgain(
  made: Awaited<ReturnType<Reproduced['rerun']>>,
  beside: Beside,
): Promise<readonly MadeAgain[]> {
  const all = Object.entries(made).flatMap(([product, assets]) =>
    Object.entries(assets).map(([asset, reference]) => comparedAsset({ product, asset, reference }, beside)),
  );
  return Promise.all(all);
}

async function comparedAsset(
  { product, asset, reference }: { product: string; asset: string; reference: AssetReference },
  { record, reproduced, assets }: Beside,
): Promise<MadeAgain> {
  const { digest: now, kind } = reference;
  const before = record.ending?.provenance?.products[product]?.[asset];
  if (before === undefined) return { product, asset, is: 'not recorded', now, files: [] };
  if (before === now) return { product, asset, is: 'equal', before, now, files: [] };
  const files = kind === 'file' ? [] : differing(await treeIn(assets, before), await reproduced.filesOf(now));
  return { product, asset, is: 'differs', before, now, files };
}

type Files = Readonly<Record<string, string>>;

async function treeIn(root: string, digest: string): Promise<Files> {
  const stored = await text(await openStore(root).read(digest));
  return Object.fromEntries(parseTree(stored, digest).map((file) => [file.path, file.digest]));
}

const differing = (then: Files, now: Files): MadeAgain['files'] =>
  [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((path) => then[path] !== now[path])
    .toSorted()
    .map((path) => ({
      path,
      is: now[path] === undefined ? 'missing' : then[path] === undefined ? 'new' : 'differs',
    }));

async function emptyFolder(wanted: string | undefined, attempt: string): Promise<string> {
  if (wanted === undefined) return mkdtemp(join(tmpdir(), `pipl-run-${attempt.slice(0, 8)}-`));
  beforeWriting(`rebuild the run in ${wanted}`);
  const made = await mkdir(join(wanted, 'work'), { recursive: true });
  if (made !== undefined) return wanted;
  throw piplError('conflict', 'PIPL_NOT_EMPTY', {
    what: `${wanted} has a run in it already.`,
    why: 'A run is rebuilt where nothing of another one lies about.',
    hint: 'Name another folder with --in, or remove that one.',
  });
}

const noRecord = (attempt: string) =>
  piplError('notFound', 'PIPL_NO_RECORD', {
    what: `Run ${attempt} cannot be rebuilt.`,
    why: 'Its ticket is not on record: it ran before such things were kept, or its folder was removed before.',
    hint: '`pipl run retry` runs a task that failed again.',
  });

/** The variables of a held action, without what belongs to this process's own package manager. */
export const heldEnvironment = (held: HeldAction): NodeJS.ProcessEnv =>
  withoutPackageManager({ ...held.env });
