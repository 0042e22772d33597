/**
 * A small production on a real server: seven tasks that join notes, with a diamond and a second way to its tip,
 *
 *     seed ─► a ─► b ─► d ─► f ─► g
 *              ├─► c ─┘     │
 *              └─► e ───────┘
 *
 * The server is the real command in a process of its own, so that it can be killed.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { indexName, type Row } from '@pipl/packl';
import {
  addAsset,
  createProject,
  publish,
  runningServer,
  startServer,
  stopServer,
  writer,
  type Project,
} from '@pipl/project';
import { connect, type RegistryClient, type RunView } from '@pipl/registry-client';
import { builtOnce } from '../../packages/pipe/test/built-once.ts';

const repository = resolve(import.meta.dirname, '../..');
/** As developers run it. */
export const sourceServer = [process.execPath, join(repository, 'ci/src/serve.ts')];
/** As it is shipped, built from the sources of now: half the work at each start of it and of its runners. */
export const serverCommand = [
  process.execPath,
  join(builtOnce(join(repository, 'packages/cli')), 'serve.mjs'),
];
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

const pipeline = `import { defineAssetType, defineProductType, defineTaskType, many } from '@pipl/pipe';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
const parentOf = (pid) => Number(readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1].split(' ')[1]);
const parameters = { '~standard': { version: 1, vendor: 'generated', validate: (value) => ({ value }) } };
export const Text = defineAssetType({ name: 'Text', kind: 'file', basename: () => 'note.txt' });
export const Note = defineProductType({ name: 'Note', assets: { text: Text } });
export const Join = defineTaskType({ name: 'Join', needs: { notes: many(Note) }, makes: { note: Note }, parameters })
  .step('join', {
    async run({ inputs, outputs, task, parameters: { needs, gate, counts, poison, lines = 0 } }) {
      if (counts !== undefined) appendFileSync(counts, task.name + '\\n');
      if (poison) process.kill(parentOf(process.ppid), 'SIGKILL');
      if (needs !== undefined && !existsSync(needs)) throw new Error('there is no ' + needs);
      for (let line = 1; line <= lines; line += 1) console.log('line ' + line);
      while (gate !== undefined && existsSync(dirname(gate)) && !existsSync(gate)) await sleep(10);
      const notes = inputs.notes.map(({ text }) => readFileSync(text.path, 'utf8').trim());
      writeFileSync(outputs.note.text.path, task.name + '(' + notes.join('+') + ')\\n');
    },
  });
`;

/** What a task of the generated production may be told to do besides joining notes. */
export interface TaskSource {
  /** default: what it read before */
  readonly notes?: readonly string[];
  readonly parameters?: {
    /** a file without which the step fails */
    readonly needs?: string;
    /** a file that the step waits for */
    readonly gate?: string;
    /** a file that gets a line each time the step runs */
    readonly counts?: string;
    /** the step kills the runner that runs it */
    readonly poison?: boolean;
    /** so many lines on stdout before that */
    readonly lines?: number;
  };
  /** default: `@gen/<task>-note` */
  readonly makes?: string;
  /** ranges of the notes; default `^1.0.0` */
  readonly range?: string;
}

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
  const project = await createProject({
    path: join(temp, 'gen'),
    serverCommand: command,
    pipeTarball,
    ...more,
  });
  const folder = (name: string): string => join(temp, 'packls', name);
  const start = async (): Promise<void> => void (await startServer(project, { serverCommand: command }));
  await start();
  const url = (await runningServer(project))!.url;
  const client = connect({ url });
  const asRoot = (): Promise<RegistryClient> => writer(project, () => undefined);
  const publishFolders = async (folders: readonly string[]): Promise<number> =>
    (await publish(await asRoot(), { project, folders: folders.map(folder) })).seq;
  const writeTask = (name: string, version: string, source: TaskSource = {}): Promise<void> =>
    writePackl(folder(name), taskManifest(name, version, { notes: graph[name] ?? [], ...source }));
  const writeSeed = async (version: string, text: string): Promise<void> => {
    const file = join(temp, 'note.txt');
    await writeFile(file, `${text}\n`);
    await writeJson(join(folder('seed'), 'package.json'), seedManifest(version));
    await addAsset({ project, folder: folder('seed'), name: 'text', paths: [file] });
  };
  await writeSources(folder);
  for (const task of Object.keys(graph)) await writeTask(task, '1.0.0');
  await publishFolders(['pipeline']);
  await publishFolders(Object.keys(graph));

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

/** Asks until there is an answer. @param seconds after which it is an error that there is none */
export async function eventually<T>(ask: () => Promise<T | undefined>, seconds = 60): Promise<T> {
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

async function writeSources(folder: (name: string) => string): Promise<void> {
  await writePackl(folder('pipeline'), pipelineManifest('1.0.0'));
  await writeFile(join(folder('pipeline'), 'index.js'), pipeline);
  await writePackl(folder('seed'), seedManifest('1.0.0'));
}

const taskManifest = (
  task: string,
  version: string,
  { notes = [], parameters = {}, makes = `@gen/${task}-note`, range = '^1.0.0' }: TaskSource,
): object => ({
  name: `@gen/${task}`,
  version,
  type: 'module',
  dependencies: { '@gen/pipeline': '^1.0.0', ...Object.fromEntries(notes.map((note) => [note, range])) },
  peerDependencies: { '@pipl/pipe': '^1.0.0' },
  pipl: {
    kind: 'task',
    type: '@gen/pipeline#Join',
    inputs: { notes },
    products: { note: makes },
    parameters,
  },
});

const pipelineManifest = (version: string): object => ({
  name: '@gen/pipeline',
  version,
  type: 'module',
  exports: { '.': './index.js' },
  peerDependencies: { '@pipl/pipe': '^1.0.0' },
  pipl: {
    kind: 'code',
    assetTypes: { Text: '.#Text' },
    productTypes: { Note: '.#Note' },
    taskTypes: { Join: '.#Join' },
  },
});

const seedManifest = (version: string): object => ({
  name: '@gen/seed',
  version,
  type: 'module',
  dependencies: { '@gen/pipeline': '^1.0.0' },
  pipl: { kind: 'product', type: '@gen/pipeline#Note', assets: {} },
});

async function writePackl(folder: string, manifest: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, 'package.json'), manifest);
}

const writeJson = (file: string, json: object): Promise<void> =>
  writeFile(file, JSON.stringify(json, null, 2));

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
