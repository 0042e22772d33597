/**
 * Puts one project's server together: lock, database, registry, engine, reactor, pages. One process.
 *
 * Order matters. The registry listens first; until the reactor has its state, releases are refused as not yet
 * possible, and runners that outlived the last server try again. The reactor then hears which attempts the
 * engine still knows and goes on from there. Only then does the server say that it is ready; where another
 * process of the same project reacts already, it is ready without.
 */
import { join } from 'node:path';
import { openStore } from '@pipl/assets';
import { localEngine, type Engine } from '@pipl/engine';
import type { KnownRun } from '@pipl/packl';
import { startRegistry, type Registry } from '@pipl/registry';
import manifest from '../package.json' with { type: 'json' };
import { answerElsewhere } from './elsewhere.ts';
import { openProject, type OpenProject } from './open-project.ts';
import { processIndexes, readProject, type ProjectSettings } from './project-file.ts';
import { openContents } from './provenance/contents.ts';
import { beginHandlers } from './handlers/begin.ts';
import { handlerRoutes } from './handlers/routes.ts';
import { reactorGauges, reactorLinks } from './gauges.ts';
import { releaseGuard } from './guard.ts';
import { openLedger, readRecords } from './ledger.ts';
import { loadState } from './projection.ts';
import { momentAt } from './past/moment.ts';
import { openRunRecords } from './run-records.ts';
import { createReactor, type Reactor } from './reactor.ts';
import { notYet, routes } from './routes.ts';
import { runnerCommand } from './runner-command.ts';
import { announce, lastNote, withdraw } from './server-note.ts';
import { beginTidying } from './tidying.ts';
import { takeTurns, type Turns } from './turns.ts';

export interface ServeOptions {
  readonly project: string;
  readonly port?: number;
  readonly host?: string;
  readonly onFatal: (error: unknown) => void;
}

export interface ProjectServer {
  readonly url: string;
  readonly registry: Registry;
  /** undefined while another process reacts */
  readonly reactor: Reactor | undefined;
  close(): Promise<void>;
}

export async function serveProject(options: ServeOptions): Promise<ProjectServer> {
  const file = await readProject(options.project);
  const opened = await openProject(options.project, file);
  const { db, dataDir } = opened;
  const runRecords = openRunRecords(db, join(dataDir, 'runs'));
  const contents = openContents(openStore(join(dataDir, 'assets')));
  const closing = new AbortController();
  let turns: Turns | undefined;
  let engine: Engine | undefined;
  const registry = await startRegistry({
    dataDir,
    db,
    project: file.name,
    host: options.host ?? file.host,
    port: options.port ?? file.port,
    ...file.reach,
    blobs: file.blobs,
    gates: file.gates,
    demandsProvenance: true,
    guard: releaseGuard(async (tx) => turns?.stateIn(tx)),
    handle: handlerRoutes({
      handlers: () => turns?.now?.handlers,
      engine: () => engine ?? notYet(),
      registry: () => registry,
      elsewhere: (...asked) => answerElsewhere(db, asked),
      project: options.project,
      runsDir: join(dataDir, 'runs'),
      closing: closing.signal,
      next: routes({
        reactor: () => turns?.now?.reactor,
        handlers: () => turns?.now?.handlers,
        engine: () => engine ?? notYet(),
        elsewhere: (...asked) => answerElsewhere(db, asked),
        runsDir: join(dataDir, 'runs'),
        registry: () => registry,
        tidy: (how) => tidying.tidy(how),
        concurrency: file.runs.concurrency,
        runRecords,
        moment: (at) => momentAt({ registry, handlers }, at),
        provenance: {
          registry: () => registry,
          contents,
          db,
          builder: () => builderOf(file, engine ?? notYet()),
        },
        closing: closing.signal,
      }),
    }),
    outlets: { gauges: () => reactorGauges(turns?.now?.reactor), links: reactorLinks },
  });
  const tidying = beginTidying({
    runsDir: join(dataDir, 'runs'),
    keep: file.runs.keep,
    reactor: () => turns?.now?.reactor,
    db,
    contents,
  });
  const handlers = processIndexes(file);
  turns = takeTurns({
    db,
    onFatal: options.onFatal,
    look: async () => loadState({ records: await readRecords(db), registry, handlers }),
    async begin(onEnd) {
      const ledger = openLedger(db);
      const records = await ledger.load(registry.url);
      const state = await loadState({ records, registry, handlers });
      engine = engineOf(opened, registry, file);
      const reactor = createReactor({ registry, ledger, engine, state, onFatal: onEnd });
      engine.onHint?.((attempt, what) => what === 'ended' && runRecords.collect(attempt));
      try {
        await runRecords.catchUp();
        await reactor.start();
        const handling = await beginHandlers({
          registry,
          ledger,
          engine,
          reactor,
          records,
          project: options.project,
          runsDir: join(dataDir, 'runs'),
          onFatal: onEnd,
        });
        await announce(dataDir, registry.url);
        return { reactor, handlers: handling, epoch: ledger.epoch };
      } catch (error) {
        // Nobody else knows of them: the next turn has an engine and a reactor of its own.
        await reactor.close();
        throw error;
      }
    },
  });
  await turns.settled;
  await announce(dataDir, registry.url);

  return {
    url: registry.url,
    registry,
    get reactor() {
      return turns.now?.reactor;
    },
    async close() {
      closing.abort();
      await withdraw(dataDir);
      await tidying.close();
      await turns.close();
      await runRecords.close();
      await registry.close();
      await opened.close();
    },
  };
}

/** Who vouches for how products are made: the server of this project, and the engine it gives runs to. */
const builderOf = ({ id, name }: ProjectSettings, engine: Engine): KnownRun['builder'] => ({
  id: `urn:pipl:project:${encodeURIComponent(id ?? name)}:engine:${encodeURIComponent(engine.name)}`,
  version: { pipl: manifest.version },
});

function engineOf(
  { dataDir }: OpenProject,
  { url }: Registry,
  { runs: { concurrency, timeout } }: ProjectSettings,
): Engine {
  return localEngine({
    runsDir: join(dataDir, 'runs'),
    runnerCommand: runnerCommand(),
    concurrency,
    runnerConfig: {
      registry: url,
      serverNote: lastNote(dataDir),
      assets: join(dataDir, 'assets'),
      trees: join(dataDir, 'trees'),
      cache: join(dataDir, 'cache'),
      node: process.execPath,
      pnpm: process.env['PIPL_PNPM'] ?? 'pnpm',
      timeout,
    },
  });
}
