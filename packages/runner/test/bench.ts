/**
 * What a run needs around it: a real registry, an asset store, folders, and tasks whose jobs are shell scripts.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@pipl/assets';
import {
  indexName,
  parseManifest,
  type CodeLock,
  type Manifest,
  type Pin,
  type TaskField,
  type Ticket,
} from '@pipl/packl';
import { openDatabase, startRegistry } from '@pipl/registry';
import { packTarball } from '@pipl/registry-client';
import type { RunnerConfig } from '../src/config.ts';
import type { Result } from '../src/run-folder.ts';
import { runTicket, type RunEvent } from '../src/run.ts';

export const index = indexName('root/PROJ');
export const noCode: CodeLock = { hash: 'none', dependencies: {}, lockfile: '' };

/** One step that runs a shell script; parameters and points as the caller wants them. */
export const shellJob = (
  script: string,
  more: { parameters?: object[]; space?: object; steps?: object[] } = {},
) => ({
  specificationVersion: 'jobtemplate-2023-09',
  name: 'shell',
  ...(more.parameters === undefined ? {} : { parameterDefinitions: more.parameters }),
  steps: [
    {
      name: 'work',
      ...(more.space === undefined ? {} : { parameterSpace: more.space }),
      script: {
        actions: { onRun: { command: 'sh', args: ['-eu', '{{Task.File.script}}'] } },
        embeddedFiles: [{ name: 'script', type: 'TEXT', data: script }],
      },
    },
    ...(more.steps ?? []),
  ],
});

export const path = (name: string) => ({ name, type: 'PATH' });

export interface TaskSetup {
  readonly job: object;
  readonly field?: Partial<TaskField>;
  readonly files?: Readonly<Record<string, string>>;
}

let counter = 0;

export async function makeBench(options: { config?: Partial<RunnerConfig> } = {}) {
  const root = await mkdtemp(join(tmpdir(), 'pipl-runner-'));
  const dataDir = join(root, 'system');
  const db = await openDatabase(join(dataDir, 'db', 'pipl.sqlite'));
  const registry = await startRegistry({ dataDir, db, project: 'PROJ', host: '127.0.0.1', port: 0 });
  await registry.createIndex(index);
  const store = openStore(join(dataDir, 'assets'));
  const config: RunnerConfig = {
    registry: registry.url,
    assets: store.root,
    trees: join(dataDir, 'trees'),
    cache: join(dataDir, 'cache'),
    node: process.execPath,
    pnpm: 'pnpm',
    concurrency: 2,
    ...options.config,
  };
  const runsDir = join(dataDir, 'runs');
  await mkdir(runsDir, { recursive: true });

  async function publish(json: object, files: Readonly<Record<string, string>> = {}): Promise<Pin> {
    const manifest: Manifest = parseManifest(json);
    const all = { ...files, 'package.json': JSON.stringify(json) };
    const entries = Object.entries(all).map(([file, text]) => [file, Buffer.from(text)] as const);
    const { tarball, integrity } = await packTarball(new Map(entries));
    await registry.release(
      { index, packls: [{ manifest, integrity, tarball }] },
      { is: 'user', name: 'root' },
    );
    return { name: manifest.name, version: manifest.version, integrity };
  }

  /** A task with a hand-written job, published, and a ticket for it. */
  async function ticketFor(
    { job, field = {}, files = {} }: TaskSetup,
    more: Partial<Ticket> = {},
  ): Promise<Ticket> {
    const number = (counter += 1);
    const name = `@test/task${number}`;
    const pipl: TaskField = {
      kind: 'task',
      type: '@test/code/tasks#Shell',
      inputs: {},
      products: {},
      parameters: {},
      job: './job.json',
      ...field,
    };
    const task = await publish(
      { name, version: '1.0.0', pipl },
      { ...files, 'job.json': JSON.stringify(job) },
    );
    const runKey = `key${number}`;
    const products = Object.entries(pipl.products).map(([slot, product]) => ({
      slot,
      name: product,
      version: '1.0.0',
    }));
    const attempt = `${runKey}.1`;
    return {
      runKey,
      attempt,
      purpose: 'process',
      index,
      task,
      field: pipl,
      inputs: [],
      products,
      codeLock: noCode,
      ...more,
    };
  }

  /** @param url of the registry, as the runner is told */
  async function place(ticket: Ticket, url = registry.url): Promise<{ folder: string; token: string }> {
    const folder = join(runsDir, ticket.attempt);
    await mkdir(folder);
    const packls = ticket.products.map(({ name }) => name);
    const expires = new Date(Date.now() + 600_000);
    const token = await registry.issueRunToken({ attempt: ticket.attempt, index, packls, expires });
    await writeFile(join(folder, 'ticket.json'), JSON.stringify(ticket));
    await writeFile(join(folder, 'access.json'), JSON.stringify({ registry: url, token }), {
      mode: 0o600,
    });
    return { folder, token };
  }

  async function run(
    ticket: Ticket,
    {
      cancel = new AbortController().signal,
      config: own = {} as Partial<RunnerConfig>,
      url = registry.url,
    } = {},
  ) {
    const { folder, token } = await place(ticket, url);
    const events: RunEvent[] = [];
    const result = await runTicket({
      folder,
      config: { ...config, ...own },
      cancel,
      onEvent: (event) => events.push(event),
    });
    return { result: result!, folder, token, events, ...(await written(folder)) };
  }

  return {
    root,
    dataDir,
    registry,
    store,
    config,
    runsDir,
    publish,
    ticketFor,
    place,
    run,
    async [Symbol.asyncDispose]() {
      await registry.close();
      await db.destroy();
      await makeWritable(root);
      await rm(root, { recursive: true, force: true });
    },
  };
}

export type Bench = Awaited<ReturnType<typeof makeBench>>;

export async function written(folder: string) {
  const log = (await readFile(join(folder, 'log.ndjson'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const texts = log.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
  const saved = JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as Result;
  return { log, texts, saved };
}

/** Trees are read-only; root removes them anyway, others do not. */
async function makeWritable(root: string): Promise<void> {
  const { execFileSync } = await import('node:child_process');
  execFileSync('chmod', ['-R', 'u+w', root]);
}
