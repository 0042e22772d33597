/**
 * Puts one project's server together: database, registry, engine, reactor, pages. One process.
 *
 * Order matters. The registry listens first, because runners that outlived the last server may be publishing;
 * its release guard waits until the reactor has its state. The reactor then hears which attempts the engine
 * still knows and goes on from there.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { localEngine } from '@pipl/engine';
import { openDatabase, startRegistry, type Registry } from '@pipl/registry';
import { processIndexes, readProject } from './project-file.ts';
import { releaseGuard } from './guard.ts';
import { openLedger } from './ledger.ts';
import { loadState } from './projection.ts';
import { startReactor, type Reactor } from './reactor.ts';
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
  const dataDir = join(project, 'system');
  const runsDir = join(dataDir, 'runs');
  await mkdir(runsDir, { recursive: true });
  const db = await openDatabase(join(dataDir, 'db', 'pipl.sqlite'));
  await migrate(db, new Date().toISOString());

  const ready = Promise.withResolvers<Reactor>();
  const registry = await startRegistry({
    dataDir,
    db,
    project: file.name,
    host: host ?? file.host,
    port: port ?? file.port,
    guard: releaseGuard(ready.promise, { registry: () => registry, db }),
    handle: routes({ reactor: ready.promise, runsDir, engine: () => engine }),
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
  const loaded = await loadState({ ledger, registry, handlers: processIndexes(file) });
  const reactor = startReactor({ registry, ledger, engine, ...loaded, onFatal });
  ready.resolve(reactor);
  await reactor.resume();
  const runFile = join(dataDir, 'run', 'server.json');
  await announce(runFile, registry.url);

  return {
    url: registry.url,
    registry,
    reactor,
    async close() {
      await rm(runFile, { force: true });
      await reactor.close();
      await registry.close();
      await db.destroy();
    },
  };
}

async function announce(file: string, url: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  const text = JSON.stringify({ pid: process.pid, startTime: procStartTime(process.pid), url });
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}
