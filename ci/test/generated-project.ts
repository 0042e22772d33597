/**
 * A small production on a real server: seven tasks that join notes, with a diamond and a second way to its tip,
 *
 *     seed ─► a ─► b ─► d ─► f ─► g
 *              ├─► c ─┘     │
 *              └─► e ───────┘
 *
 * The server is the real command in a process of its own, so that it can be killed.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { indexName, type Row } from '@pipl/packl';
import {
  addAsset,
  createProject,
  publish,
  readProject,
  runningServer,
  startServer,
  stopServer,
  writer,
  type Project,
} from '@pipl/project';
import { connect, type RegistryClient, type RunView } from '@pipl/registry-client';
import { builtOnce } from '../../packages/pipe/test/built-once.ts';
import {
  pipeline,
  pipelineManifest,
  seedManifest,
  taskManifest,
  type TaskSource,
  writeJson,
  writePackl,
  writeSources,
} from './generated-packls.ts';
import { copyPrepared, type Prepared } from './prepared-project.ts';

const repository = resolve(import.meta.dirname, '../..');
/** As developers run it. */
export const sourceServer = [process.execPath, join(repository, 'ci/src/serve.ts')];
const built = builtOnce(join(repository, 'packages/cli'));
/** As it is shipped, built from the sources of now: half the work at each start of it and of its runners. */
export const serverCommand = [process.execPath, join(built, 'serve.mjs')];
export const pipeTarball = join(repository, 'packages/pipe/dist/pipl-pipe-1.0.0.tgz');

/** task → the notes it reads; each makes `@gen/<task>-note` */
export const reads: Readonly<Record<string, readonly string[]>> = {
  a: ['@gen/seed'],
  b: ['@gen/a-note'],
  c: ['@gen/a-note'],
  d: ['@gen/b-note', '@gen/c-note'],
  e: ['@gen/a-note'],
  f: ['@gen/d-note', '@gen/e-note'],
  g: ['@gen/f-note'],
};

export interface GeneratedProject extends AsyncDisposable {
  readonly project: Project;
  /** nobody in particular */
  readonly client: RegistryClient;
  /** where tests keep the files that steps look for */
  readonly path: string;
  asRoot(): Promise<RegistryClient>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Kills the server with -9; its runners go on. */
  kill(): Promise<void>;
  writeSeed(version: string, text: string): Promise<void>;
  /** Publishes the next version of the seed. @returns seq of its change */
  publishSeed(version: string, text: string): Promise<number>;
  /** The same code under the next version: a new code lock for every task. */
  publishPipeline(version: string): Promise<number>;
  publishFolders(folders: readonly string[]): Promise<number>;
  folder(name: string): string;
  writeTask(name: string, version: string, source?: TaskSource): Promise<void>;
  publishTask(name: string, version: string, source?: TaskSource): Promise<number>;
  /** The newest run of a task once it is as wanted. */
  run(task: string, states: readonly RunView['state'][]): Promise<RunView>;
  /** Waits until the wave of the change has ended, over kills of the server. */
  settled(change: number): Promise<readonly RunView[]>;
  rows(): Promise<readonly Row[]>;
}

type Graph = Readonly<Record<string, readonly string[]>>;

/** @param more where the project keeps its state, if not in a file of its own; how its server is started */
export async function generatedProject(
  graph: Graph = reads,
  {
    serverCommand: command = serverCommand,
    ...more
  }: { readonly database?: string; readonly serverCommand?: readonly string[] } = {},
): Promise<GeneratedProject> {
  const temp = await mkdtemp(join(tmpdir(), 'pipl-generated-'));
  const made = { graph, path: temp, command, ...more };
  // A database is not copied along with the folder.
  if (more.database !== undefined) await makeProject(made);
  else await copyPrepared(preparedOf(graph), temp);
  const project = await readProject(join(temp, 'gen'));
  const { folder, asRoot, publishFolders, writeTask } = packlsOf(project, made);
  const start = async (): Promise<void> => void (await startServer(project, { serverCommand: command }));
  await start();
  const client = connect({ url: (await runningServer(project))!.url });
  const writeSeed = async (version: string, text: string): Promise<void> => {
    const file = join(temp, 'note.txt');
    await writeFile(file, `${text}\n`);
    await writeJson(join(folder('seed'), 'package.json'), seedManifest(version));
    await addAsset({ project, folder: folder('seed'), name: 'text', paths: [file] });
  };

  return {
    project,
    client,
    path: temp,
    asRoot,
    start,
    publishFolders,
    folder,
    writeTask,
    async publishTask(name, version, source) {
      await writeTask(name, version, source);
      return publishFolders([name]);
    },
    run: (task, states) =>
      eventually(async () => {
        const [run] = await client.runs({ task: `@gen/${task}`, limit: 1 });
        return run !== undefined && states.includes(run.state) ? run : undefined;
      }),
    stop: async () => void (await stopServer(project)),
    async kill() {
      const running = await runningServer(project);
      if (running === undefined) return;
      process.kill(running.pid, 'SIGKILL');
      while ((await runningServer(project)) !== undefined) await sleep(5);
    },
    writeSeed,
    async publishSeed(version, text) {
      await writeSeed(version, text);
      return publishFolders(['seed']);
    },
    settled: (change) => eventually(() => endedRuns(client, change), 120),
    async publishPipeline(version) {
      await writeJson(join(folder('pipeline'), 'package.json'), pipelineManifest(version));
      return publishFolders(['pipeline']);
    },
    rows: async () => (await client.rows(indexName('root/PROJ'))).rows,
    async [Symbol.asyncDispose]() {
      await stopServer(project);
      await rm(temp, { recursive: true, force: true });
    },
  };
}

interface Made {
  readonly graph: Graph;
  /** holds the project, `gen`, and the folders of its packls */
  readonly path: string;
  readonly command: readonly string[];
  readonly database?: string;
}

/** Before its first change: the pipeline and the tasks are published, the server does not run. */
async function makeProject({ graph, path, command, ...more }: Made): Promise<void> {
  const project = await createProject({
    path: join(path, 'gen'),
    serverCommand: command,
    pipeTarball,
    ...more,
  });
  const { folder, publishFolders, writeTask } = packlsOf(project, { graph, path });
  await writeSources(folder);
  for (const task of Object.keys(graph)) await writeTask(task, '1.0.0');
  await startServer(project, { serverCommand: command });
  try {
    await publishFolders(['pipeline']);
    await publishFolders(Object.keys(graph));
  } finally {
    await stopServer(project);
  }
}

const preparedOf = (graph: Graph): Prepared => ({
  of: JSON.stringify([
    pipeline,
    pipelineManifest('1.0.0'),
    seedManifest('1.0.0'),
    Object.entries(graph).map(([task, notes]) => taskManifest(task, '1.0.0', { notes })),
  ]),
  beside: built,
  make: (path) => makeProject({ graph, path, command: serverCommand }),
});

function packlsOf(project: Project, { graph, path }: Pick<Made, 'graph' | 'path'>) {
  const folder = (name: string): string => join(path, 'packls', name);
  const asRoot = (): Promise<RegistryClient> => writer(project, () => undefined);
  return {
    folder,
    asRoot,
    publishFolders: async (folders: readonly string[]): Promise<number> =>
      (await publish(await asRoot(), { project, folders: folders.map(folder) })).seq,
    writeTask: (name: string, version: string, source: TaskSource = {}): Promise<void> =>
      writePackl(folder(name), taskManifest(name, version, { notes: graph[name] ?? [], ...source })),
  };
}

/** Asks until there is an answer. @param seconds after which it is an error that there is none */
export async function eventually<T>(ask: () => Promise<T | undefined>, seconds = 120): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(25);
  }
  throw new Error(`There was no answer within ${seconds} s.`);
}

/** undefined: not yet, or the server is away */
async function endedRuns(client: RegistryClient, change: number): Promise<readonly RunView[] | undefined> {
  try {
    const { settledThrough } = await client.waves({ change });
    return settledThrough >= change ? await client.runs({ change, limit: 1000 }) : undefined;
  } catch {
    return undefined;
  }
}

/** The text that a note holds, out of the asset store. */
export async function noteText(project: Project, row: Row): Promise<string> {
  if (row.manifest.pipl?.kind !== 'product') throw new Error(`${row.name} is no product.`);
  const { openStore } = await import('@pipl/assets');
  const store = await openStore(join(project.system, 'assets'));
  const to = await mkdtemp(join(tmpdir(), 'pipl-note-'));
  const { path } = await store.checkout({ reference: row.manifest.pipl.assets['text']!, to, mode: 'copy' });
  const text = await readFile(path, 'utf8');
  await rm(to, { recursive: true, force: true });
  return text.trim();
}
