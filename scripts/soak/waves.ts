/**
 * Waves while their server is killed with -9 at random moments and started again: the first wave of the bunny short,
 * and waves of a generated project of 200 tasks, both on SQLite and on PostgreSQL. They must end with every product
 * there once, with the digests that an undisturbed wave gives.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { indexName, type Row } from '@pipl/packl';
import { connect } from '@pipl/registry-client';
import { postgresPrograms, startCluster } from '../../registry/test/cluster.ts';
import type { SoakResult } from '../soak.ts';
import { startBunny, type BunnyProject } from '../story/bunny.ts';
import { pipl } from '../story/cli.ts';
import { followWave } from '../story/waves.ts';
import { generated } from './generated-waves.ts';

/** of each production on each database */
const killsAtFullScale = 200;
/** kills in one wave; more would leave too little between them for a render to end */
const killsAWave = 10;

export async function soak(scale: number): Promise<SoakResult> {
  const kills = Math.max(2, Math.round(killsAtFullScale * scale));
  const lost: Record<string, number> = {};
  const tried: Record<string, number> = {};
  const add = (name: string, { tried: some, lost: gone }: SoakResult) => {
    for (const [what, count] of Object.entries(some)) tried[`${name}: ${what}`] = count;
    for (const [what, count] of Object.entries(gone)) lost[what] = (lost[what] ?? 0) + count;
  };
  add('bunny on SQLite', await bunny(kills));
  add('200 tasks on SQLite', await generated(kills));
  if (postgresPrograms() === undefined) return { tried, lost, missing: 'PostgreSQL is not installed' };
  const cluster = await startCluster();
  try {
    add('bunny on PostgreSQL', await bunny(kills, () => cluster.database()));
    add('200 tasks on PostgreSQL', await generated(kills, await cluster.database()));
  } finally {
    await cluster.remove();
  }
  return { tried, lost };
}

async function bunny(wanted: number, database?: () => Promise<string>): Promise<SoakResult> {
  const undisturbed = await oneWave(0, await database?.());
  const lost = { missing: 0, twice: 0, different: 0, failedRuns: 0 };
  let kills = 0;
  let waves = 0;
  while (kills < wanted) {
    const disturbed = await oneWave(Math.min(killsAWave, wanted - kills), await database?.());
    kills += disturbed.kills;
    waves += 1;
    lost.failedRuns += disturbed.failedRuns;
    for (const [product, digests] of undisturbed.products) {
      const found = disturbed.products.get(product);
      if (found === undefined) lost.missing += 1;
      else if (found.versions.length !== 1) lost.twice += 1;
      else if (found.digests !== digests.digests) lost.different += 1;
    }
  }
  return { tried: { kills, waves, products: undisturbed.products.size * waves }, lost };
}

interface Wave {
  readonly kills: number;
  readonly failedRuns: number;
  readonly products: Map<string, { versions: string[]; digests: string }>;
}

async function oneWave(kills: number, database?: string): Promise<Wave> {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-soak-'));
  const film = await startBunny(join(folder, 'film'), { command: () => undefined }, database);
  try {
    const { published } = await film.publishModel('1.0.0');
    const change = published[0]!.seq;
    const killed = killServer(film, kills);
    const runs = await followWave({ url: film.url, change });
    killed.stop();
    const done = await killed.done;
    await pipl(['proj', 'start', '--detach'], { cwd: film.project });
    const { rows } = await connect({ url: film.url }).rows(indexName('root/PROJ'));
    return {
      kills: done,
      failedRuns: runs.filter(({ state }) => state === 'failed').length,
      products: made(rows),
    };
  } finally {
    await pipl(['proj', 'stop'], { cwd: film.project });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Kills and starts until `kills` were done or the wave ended. */
function killServer(film: BunnyProject, kills: number): { stop: () => void; done: Promise<number> } {
  const over = new AbortController();
  const run = async (): Promise<number> => {
    for (let count = 0; count < kills; count += 1) {
      await sleep(100 + Math.random() * 2_500);
      if (over.signal.aborted) return count;
      const note = await readFile(join(film.project, 'system', 'run', 'server.json'), 'utf8');
      const { pid } = JSON.parse(note) as { pid: number };
      process.kill(pid, 'SIGKILL');
      while (isThere(pid)) await sleep(5);
      await pipl(['proj', 'start', '--detach'], { cwd: film.project });
    }
    return kills;
  };
  return { stop: () => over.abort(), done: run() };
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What runs made, by name: which versions, and the digests of their assets. */
function made(rows: readonly Row[]): Wave['products'] {
  const products: Wave['products'] = new Map();
  for (const { name, version, manifest } of rows) {
    if (manifest.pipl?.kind !== 'product' || manifest.pipl.made === undefined) continue;
    const digests = JSON.stringify(
      Object.entries(manifest.pipl.assets).map(([slot, { digest }]) => [slot, digest]),
    );
    products.set(name, { versions: [...(products.get(name)?.versions ?? []), version], digests });
  }
  return products;
}
