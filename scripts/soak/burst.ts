/**
 * Ten thousand publishes in a burst, by four publishers at once, while the server is killed with -9: every version
 * that was acknowledged is in the feed once, and in the end everything is made from the newest versions. Runs are
 * few: while one task runs, what came meanwhile is one more run, not one for each publish.
 *
 * The last fifth goes on without kills: that server has lived through thousands of publishes and their runs. Memory is
 * flat when it holds what a server started anew over the same project holds: the versions and runs there are, and
 * nothing of how they came.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { indexName, PiplError, productOf, type Change, type ProductField } from '@pipl/packl';
import { writer } from '@pipl/project';
import { connect, packTarball, type RegistryClient } from '@pipl/registry-client';
import { startCluster, postgresPrograms } from '../../registry/test/cluster.ts';
import { graphOf, resultsOf, sourceValue } from '../../ci/bench/schedule/graph.ts';
import { ourProject, type OurProject } from '../../ci/bench/schedule/ours.ts';
import type { SoakResult } from '../soak.ts';
import { heapOf, inspectable } from './heap.ts';
import { serverFile } from './server-file.ts';

const publishes = 10_000;
const publishers = 4;
const index = indexName('root/PROJ');
/** of all publishes, the part during which the server is killed */
const disturbed = 0.8;
/** A server lives at most about so many times as long as the last one took to start. */
const lives = 4;
/** MB of heap beside what a server started anew holds: code that it has meanwhile used, caches with a limit */
const allowance = 12;
const serverCommand = [process.execPath, inspectable, serverFile];

export async function soak(scale: number): Promise<SoakResult> {
  const count = Math.max(100, Math.round(publishes * scale));
  const sqlite = await burst(count);
  if (postgresPrograms() === undefined) return { ...sqlite, missing: 'PostgreSQL is not installed' };
  const cluster = await startCluster();
  try {
    const postgres = await burst(count, await cluster.database());
    const lost = Object.fromEntries(
      Object.entries(sqlite.lost).map(([what, some]) => [what, some + (postgres.lost[what] ?? 0)]),
    );
    return {
      tried: sqlite.tried,
      lost,
      sqlite: sqlite['more'],
      postgres: { ...postgres.tried, ...(postgres['more'] as object) },
    };
  } finally {
    await cluster.remove();
  }
}

async function burst(count: number, database?: string): Promise<SoakResult> {
  const graph = graphOf(30);
  await using project = await ourProject(graph, {
    serverCommand,
    ...(database === undefined ? {} : { database }),
  });
  await project.first();
  const began = performance.now();
  const acknowledged: string[] = [];
  const sources = graph.sources.filter((name) => name !== 'left' && name !== 'right');
  const contents = await contentsOf(project.client);
  const holds = new Map(graph.sources.map((name) => [name, sourceValue(graph, name)]));
  let next = 0;
  let last = 0;
  const publisher = async () => {
    while (next < count) {
      const at = next++;
      const source = sources[at % sources.length]!;
      const version = `1.${1 + Math.floor(at / sources.length)}.0`;
      // In turn what one of the sources held at first: what is made last is known beforehand.
      const from = sources[(at * 7) % sources.length]!;
      holds.set(source, sourceValue(graph, from));
      const name = `@gen/${source}`;
      last = Math.max(last, await publishOne(project, { name, version, assets: contents.get(from)! }));
      acknowledged.push(`${name}@${version}`);
    }
  };
  let kills = 0;
  const killer = (async () => {
    // Where starts take long everything does: a server that hardly lives is no burst.
    let start = 1_000;
    while (acknowledged.length < count * disturbed) {
      await sleep(start * (0.5 + Math.random() * lives));
      if (acknowledged.length >= count * disturbed) break;
      const killed = performance.now();
      await project.killAndStart();
      start = performance.now() - killed;
      kills += 1;
    }
  })();
  await Promise.all([...Array.from({ length: publishers }, publisher), killer]);
  const seconds = (performance.now() - began) / 1000;
  await settledAfter(project.client, last);
  const counts = await countAll(project.client, acknowledged);
  const made = await project.results();
  const wrong = [...resultsOf(graph, holds)].filter(([task, value]) => made.get(task) !== value).length;
  const living = await heapOf(project.project);
  await project.killAndStart();
  // This is answered by npm's side, which is loaded then; the other one has had it for long.
  await fetch(`${project.client.url}/${index}/-/ping`);
  const heapMB = { living, anew: await heapOf(project.project) };
  return {
    tried: { publishes: count, kills, runs: counts.runs, superseded: counts.superseded },
    lost: {
      changes: counts.missing,
      twice: counts.twice,
      gaps: counts.gaps,
      sameRunTwice: counts.sameRun,
      wrong,
      grown: heapMB.living > heapMB.anew + allowance ? 1 : 0,
    },
    more: { publishesPerSecond: Math.round(count / seconds), heapMB },
  };
}

/** Asks again until it is sure: an answer that a kill took may have been a yes. @returns its seq, as far as known */
async function publishOne(
  { project }: OurProject,
  { name, version, assets }: { name: string; version: string; assets: ProductField['assets'] },
): Promise<number> {
  const manifest = {
    name,
    version,
    type: 'module' as const,
    dependencies: { '@gen/pipeline': '^1.0.0' },
    pipl: { kind: 'product' as const, type: '@gen/pipeline#Value', assets },
  };
  const packed = await packTarball(new Map([['package.json', Buffer.from(JSON.stringify(manifest))]]));
  for (;;) {
    try {
      const client = await writerOf(project);
      return (await client.release({ index, packls: [{ manifest, ...packed }] })).seq;
    } catch (error) {
      if (!(error instanceof PiplError)) throw error;
      if (error.code === 'PIPL_VERSION_TAKEN') return 0;
      if (!error.retryable) throw error;
      await sleep(50);
    }
  }
}

/** What the sources hold at first, by source. */
async function contentsOf(client: RegistryClient): Promise<Map<string, ProductField['assets']>> {
  const { rows } = await client.rows(index);
  return new Map(
    rows.flatMap(({ name, manifest }) => {
      const product = productOf(manifest);
      return product === undefined ? [] : [[name.replace('@gen/', ''), product.assets] as const];
    }),
  );
}

const writers = new Map<string, Promise<RegistryClient>>();
const writerOf = (project: OurProject['project']): Promise<RegistryClient> => {
  const known = writers.get(project.path) ?? writer(project, () => undefined);
  writers.set(project.path, known);
  known.catch(() => writers.delete(project.path));
  return known;
};

async function settledAfter(client: RegistryClient, change: number): Promise<void> {
  while ((await client.waves({ change })).settledThrough < change) await sleep(100);
}

async function countAll({ url }: RegistryClient, acknowledged: readonly string[]) {
  const client = connect({ url });
  const seen: Change[] = [];
  for (let since = 0; ;) {
    const { changes, through } = await client.changes({ since, limit: 1_000 });
    if (changes.length === 0) break;
    seen.push(...changes);
    since = through ?? changes.at(-1)!.seq;
  }
  const times = new Map<string, number>();
  for (const { op, name, version } of seen) {
    if (op === 'publish') times.set(`${name}@${version}`, (times.get(`${name}@${version}`) ?? 0) + 1);
  }
  const runs = seen.filter(({ op }) => op === 'run');
  const keys = runs.map(({ run = '' }) => run.slice(0, run.lastIndexOf('.')));
  return {
    missing: acknowledged.filter((spec) => !times.has(spec)).length,
    twice: acknowledged.filter((spec) => (times.get(spec) ?? 0) > 1).length,
    gaps: seen.filter(({ seq }, at) => at > 0 && seq !== seen[at - 1]!.seq + 1).length,
    sameRun: keys.length - new Set(keys).size,
    runs: runs.length,
    superseded: await supersededIn(client),
  };
}

/** Of the newest runs there are. */
const supersededIn = async (client: RegistryClient): Promise<number> =>
  (await client.runs({ limit: 10_000 })).filter(({ state }) => state === 'superseded').length;
