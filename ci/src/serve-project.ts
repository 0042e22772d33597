/**
 * Puts one project's server together: lock, database, registry, engine, reactor, pages. One process.
 *
 * Order matters. The registry listens first; until the reactor has its state, releases are refused as not yet
 * possible, and runners that outlived the last server try again. The reactor then hears which attempts the
 * engine still knows and goes on from there. Only then does the server say that it is ready.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { localEngine } from '@pipl/engine';
import { openDatabase, startRegistry, type Registry } from '@pipl/registry';
import { processIndexes, readProject } from './project-file.ts';
import { releaseGuard } from './guard.ts';
import { openLedger } from './ledger.ts';
import { lockProject } from './project-lock.ts';
import { loadState } from './projection.ts';
import { createReactor, type Reactor } from './reactor.ts';
import { routes } from './routes.ts';
import { runnerCommand } from './runner-command.ts';
import { migrate } from './tables.ts';
import { procStartTime } from './proc.ts';

export interface ServeOptions {
  readonly project: string;
  readonly port?: number;
  readonly host?: string;
  readonly onFatal: (error: unknown) => void;
}

export interface ProjectServer {
  readonly url: string;
  readonly registry: Registry;
  readonly reactor: Reactor;
  close(): Promise<void>;
}

export async function serveProject({ project, port, host, onFatal }: ServeOptions): Promise<ProjectServer> {
  const file = await readProject(project);
  const lock = await lockProject(project);
  const dataDir = join(project, 'system');
  const runsDir = join(dataDir, 'runs');
  await mkdir(runsDir, { recursive: true });
  const db = await openDatabase(join(dataDir, 'db', 'pipl.sqlite'));
  await migrate(db, new Date().toISOString());

  let reactor: Reactor | undefined;
  const closing = new AbortController();
  const registry = await startRegistry({
    dataDir,
    db,
    project: file.name,
    host: host ?? file.host,
    port: port ?? file.port,
    guard: releaseGuard(() => reactor),
    handle: routes({ reactor: () => reactor, engine: () => engine, runsDir, closing: closing.signal }),
  });
  const engine = localEngine({
    runsDir,
    runnerCommand: runnerCommand(),
    concurrency: availableParallelism(),
    runnerConfig: {
      registry: registry.url,
      assets: join(dataDir, 'assets'),
      trees: join(dataDir, 'trees'),
      cache: join(dataDir, 'cache'),
      node: process.execPath,
      pnpm: process.env['PIPL_PNPM'] ?? 'pnpm',
    },
  });
  const ledger = openLedger(db);
  const state = await loadState({ ledger, registry, handlers: processIndexes(file) });
  const running = createReactor({ registry, ledger, engine, state, onFatal });
  reactor = running;
  await running.start();
  const runFile = join(dataDir, 'run', 'server.json');
  await announce(runFile, registry.url);

  return {
    url: registry.url,
    registry,
    reactor: running,
    async close() {
      closing.abort();
      await rm(runFile, { force: true });
      await running.close();
      await registry.close();
      await db.destroy();
      lock.release();
    },
  };
}

async function announce(file: string, url: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  const text = JSON.stringify({ pid: process.pid, startTime: procStartTime(process.pid), url });
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}
