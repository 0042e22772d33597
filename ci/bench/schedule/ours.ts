/**
 * The graph as a pipl project on a server of its own: every source a product, every task a packl with a
 * hand-written job template, all of them published, and run when their inputs are.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '@pipl/assets';
import { indexName, PiplError, productOf, type Manifest, type Row } from '@pipl/packl';
import { createProject, runningServer, startServer, stopServer, writer, type Project } from '@pipl/project';
import { connect, packTarball, type RegistryClient, type RunView } from '@pipl/registry-client';
import { pipeTarball, sourceServer as itsSource } from '../../test/generated-project.ts';
import { changed, script, sourceText, type Graph } from './graph.ts';

const index = indexName('root/PROJ');
const type = '@gen/pipeline#Value';
const atOnce = 100;

/** One change and everything it led to. */
export interface Wave {
  /** from the publish to the rest after it */
  readonly milliseconds: number;
  readonly runs: readonly RunView[];
}

export interface Change {
  readonly value?: number;
  readonly remark?: string;
  readonly version?: string;
}

export interface OurProject extends AsyncDisposable {
  readonly project: Project;
  readonly client: RegistryClient;
  readonly pid: number;
  /** All sources at once: everything runs. */
  first(onPublished?: () => void): Promise<Wave>;
  /** The next version of the one source that changes. */
  change(what: Change, onPublished?: () => void): Promise<Wave>;
  /** Kills the server with -9, at once, and starts it again. */
  killAndStart(): Promise<void>;
  /** what every task has made, as a number */
  results(): Promise<Map<string, number>>;
}

export async function ourProject(
  graph: Graph,
  { serverCommand = itsSource, ...more }: { database?: string; serverCommand?: readonly string[] } = {},
): Promise<OurProject> {
  const temp = await mkdtemp(join(tmpdir(), 'pipl-schedule-'));
  const project = await createProject({ path: join(temp, 'gen'), serverCommand, pipeTarball, ...more });
  await startServer(project, { serverCommand });
  const running = (await runningServer(project))!;
  const client = connect({ url: running.url });
  const publisher = await writer(project, () => undefined);
  await publish(publisher, [pipeline]);
  for (let from = 0; from < graph.tasks.length; from += atOnce) {
    await publish(publisher, graph.tasks.slice(from, from + atOnce).map(taskPackl));
  }
  const store = openStore(join(project.system, 'assets'));
  const source = async (name: string, version: string, text: string): Promise<Packl> => {
    const folder = join(temp, 'sources', name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'value.txt'), text);
    const stored = await store.addFile(join(folder, 'value.txt'));
    const reference = { type: '@gen/pipeline#Text', kind: 'file', basename: 'value.txt', ...stored };
    return { manifest: productManifest(name, version, { text: reference }) };
  };
  const wave = async (packls: readonly Packl[], onPublished?: () => void): Promise<Wave> => {
    const began = performance.now();
    const change = await publish(publisher, packls);
    onPublished?.();
    await settled(client, change);
    const milliseconds = performance.now() - began;
    return { milliseconds, runs: await client.runs({ change, limit: 10_000 }) };
  };
  let version = 0;
  return {
    project,
    client,
    pid: running.pid,
    first: async (onPublished) =>
      wave(
        await Promise.all(graph.sources.map((name) => source(name, '1.0.0', sourceText(graph, name)))),
        onPublished,
      ),
    async change({ version: wanted, ...content }, onPublished) {
      version += 1;
      const next = await source(changed, wanted ?? `1.0.${version}`, sourceText(graph, changed, content));
      return wave([next], onPublished);
    },
    async killAndStart() {
      const { pid } = (await runningServer(project))!;
      process.kill(pid, 'SIGKILL');
      while ((await runningServer(project)) !== undefined) await sleep(5);
      await startServer(project, { serverCommand });
    },
    results: async () => readResults(project, (await client.rows(index)).rows),
    async [Symbol.asyncDispose]() {
      await stopServer(project);
      await rm(temp, { recursive: true, force: true });
    },
  };
}

interface Packl {
  readonly manifest: Manifest;
  /** besides `package.json` */
  readonly files?: Readonly<Record<string, string>>;
}

/** @returns seq of the last change */
async function publish(client: RegistryClient, packls: readonly Packl[]): Promise<number> {
  const packed = await Promise.all(
    packls.map(async ({ manifest, files = {} }) => {
      const all = { 'package.json': JSON.stringify(manifest), ...files };
      const bytes = Object.entries(all).map(([name, text]) => [name, Buffer.from(text)] as const);
      return { manifest, ...(await packTarball(new Map(bytes))) };
    }),
  );
  return (await client.release({ index, packls: packed })).seq;
}

/** Looks often: what is measured may take a few milliseconds. Goes on over kills of the server. */
async function settled(client: RegistryClient, change: number): Promise<void> {
  const began = performance.now();
  for (;;) {
    if ((await settledThrough(client, change)) >= change) return;
    await sleep(performance.now() - began < 500 ? 2 : 50);
  }
}

/** 0 while the server is away. */
async function settledThrough(client: RegistryClient, change: number): Promise<number> {
  try {
    return (await client.waves({ change })).settledThrough;
  } catch (error) {
    if (error instanceof PiplError && error.retryable) return 0;
    throw error;
  }
}

const nameOf = (task: string): string => `@gen/${task}`;
/** Sources are named as they are, the value of a task after it. */
const productName = (read: string): string => (read.startsWith('t') ? `@gen/${read}-value` : nameOf(read));

const pipeline: Packl = {
  manifest: {
    name: '@gen/pipeline',
    version: '1.0.0',
    type: 'module',
    exports: { '.': './index.js' },
    pipl: {
      kind: 'code',
      assetTypes: { Text: '.#Text' },
      productTypes: { Value: '.#Value' },
      taskTypes: { Add: '.#Add' },
    },
  },
  files: { 'index.js': 'export const Text = {};\nexport const Value = {};\nexport const Add = {};\n' },
};

const productManifest = (name: string, version: string, assets: object): Manifest =>
  ({
    name: nameOf(name),
    version,
    type: 'module',
    dependencies: { '@gen/pipeline': '^1.0.0' },
    pipl: { kind: 'product', type, assets },
  }) as Manifest;

const parameter = (name: string) => ({ name, type: 'PATH' });

const job = JSON.stringify({
  specificationVersion: 'jobtemplate-2023-09',
  name: 'value',
  parameterDefinitions: ['In_a', 'In_b', 'In_c', 'Out_value'].map(parameter),
  steps: [
    {
      name: 'value',
      script: {
        actions: {
          onRun: {
            command: '/bin/sh',
            args: [
              '-ec',
              script,
              'value',
              ...['In_a', 'In_b', 'In_c', 'Out_value'].map((name) => `{{Param.${name}}}/text/value.txt`),
            ],
          },
        },
      },
    },
  ],
});

function taskPackl({ name, reads }: Graph['tasks'][number]): Packl {
  const [a, b, c] = reads.map(productName) as [string, string, string];
  return {
    manifest: {
      name: nameOf(name),
      version: '1.0.0',
      type: 'module',
      dependencies: { '@gen/pipeline': '^1.0.0', [a]: '^1.0.0', [b]: '^1.0.0', [c]: '^1.0.0' },
      pipl: {
        kind: 'task',
        type: '@gen/pipeline#Add',
        inputs: { a, b, c },
        products: { value: productName(name) },
        parameters: {},
        job: 'job.json',
        makes: { value: { type, assets: { text: { type: '@gen/pipeline#Text', kind: 'file' } } } },
      },
    },
    files: { 'job.json': job },
  };
}

async function readResults(project: Project, rows: readonly Row[]): Promise<Map<string, number>> {
  const store = openStore(join(project.system, 'assets'));
  const newest = new Map(rows.map((row) => [row.name, row]));
  for (const row of rows) {
    if (patch(row.version) > patch(newest.get(row.name)!.version)) newest.set(row.name, row);
  }
  const values = new Map<string, number>();
  for (const [name, { manifest }] of newest) {
    const task = /^@gen\/(t.*)-value$/.exec(name)?.[1];
    const digest = productOf(manifest)?.assets['text']?.digest;
    if (task === undefined || digest === undefined) continue;
    const file = join(store.root, 'sha256', digest.slice(7, 9), digest.slice(7));
    values.set(task, Number.parseInt(await readFile(file, 'utf8'), 10));
  }
  return values;
}

const patch = (version: string): number => Number(version.split('.')[2]);
