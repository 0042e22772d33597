/**
 * The story of the bunny short while its server is killed: nine runs of a first model, two of a new grade, seven of
 * the next model. As many films are made as it takes for all kills to fall into waves.
 *
 * An undisturbed film says what must come out: each product's versions, each with its digests, and how many runs.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexName, type Row } from '@pipl/packl';
import { readProject, stopServer, type Project } from '@pipl/project';
import { connect } from '@pipl/registry-client';
import type { SoakResult } from '../soak.ts';
import { startBunny, type BunnyProject, type Published } from '../story/bunny.ts';
import { followWave } from '../story/waves.ts';
import { aftermath } from './aftermath.ts';
import { addUp, withEvidence, type Lost, type OnKills } from './evidence.ts';
import { serverCommand } from './server-file.ts';
import { whileKilling, type Kills } from './server-kills.ts';

/** milliseconds; a wave takes ten seconds and more */
const longestLife = 1_500;
/** of one wave */
const mostKills = 20;
/** milliseconds for a wave, on a busy machine too */
const patience = 900_000;
/** about what the first wave takes */
const killsOfAWave = 8;

const waves: readonly ((film: BunnyProject) => Promise<Published>)[] = [
  (film) => film.publishModel('1.0.0'),
  (film) => film.publishGrade(),
  (film) => film.publishModel('1.1.0'),
];

/** How many waves of a film there have to be. */
export const wavesFor = (kills: number): number => (kills > killsOfAWave ? waves.length : 1);

export interface Film {
  readonly waves: number;
  readonly kills: Kills;
  readonly runs: number;
  readonly failedRuns: number;
  /** name@version of what runs made → the digests of its assets */
  readonly products: ReadonlyMap<string, string>;
  /** what shows by itself that something went wrong, each 0 */
  readonly lost: Lost;
}

/** @throws Error when not even that goes well */
export async function undisturbedFilm(count: number): Promise<Film> {
  const film = await makeFilm({ count, kills: 0 });
  if (film.failedRuns + Object.values(film.lost).reduce((sum, some) => sum + some, 0) === 0) return film;
  throw new Error(`An undisturbed film went wrong: ${film.failedRuns} failed, ${JSON.stringify(film.lost)}`);
}

interface BunnyOptions {
  readonly undisturbed: Film;
  /** @returns address of an empty PostgreSQL database; absent: SQLite */
  readonly database?: () => Promise<string>;
  readonly onKills: OnKills;
}

export async function bunny(
  wanted: number,
  { undisturbed, database, onKills }: BunnyOptions,
): Promise<SoakResult> {
  const tried = { kills: 0, killsWhileStarting: 0, waves: 0, runs: 0, products: 0 };
  const lost: Record<string, number> = {};
  while (tried.kills < wanted) {
    const film = await makeFilm({
      count: undisturbed.waves,
      kills: wanted - tried.kills,
      undisturbed,
      ...(database === undefined ? {} : { database: await database() }),
    });
    tried.kills += film.kills.serving;
    tried.killsWhileStarting += film.kills.starting;
    tried.waves += film.waves;
    tried.runs += film.runs;
    tried.products += film.products.size;
    addUp(lost, film.lost);
    onKills(tried, lost);
  }
  return { tried, lost };
}

interface FilmOptions {
  /** waves */
  readonly count: number;
  /** at most; there are fewer when the waves are over before */
  readonly kills: number;
  /** what must come out */
  readonly undisturbed?: Film;
  /** address of an empty PostgreSQL database */
  readonly database?: string;
}

async function makeFilm(options: FilmOptions): Promise<Film> {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-soak-'));
  const path = join(folder, 'film');
  const film = await startBunny(path, { command: () => undefined }, options.database);
  const project = await readProject(path);
  try {
    return await withEvidence(path, async () => {
      const made = await makeWaves(film, project, options);
      const client = connect({ url: film.url });
      const products = productsOf((await client.rows(indexName('root/PROJ'))).rows);
      const found = { ...made, products };
      return {
        ...found,
        lost: {
          ...(options.undisturbed === undefined ? {} : comparison(found, options.undisturbed)),
          ...(await aftermath(project, client, serverCommand)),
        },
      };
    });
  } finally {
    await stopServer(project);
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeWaves(film: BunnyProject, project: Project, { count, kills: wanted }: FilmOptions) {
  let [serving, starting, runs, failedRuns] = [0, 0, 0, 0];
  for (const publish of waves.slice(0, count)) {
    const change = Math.max(...(await publish(film)).published.map(({ seq }) => seq));
    const options = { project, serverCommand, most: Math.min(mostKills, wanted - serving), longestLife };
    const { wave, kills } = await whileKilling(options, (onPublished) => {
      onPublished();
      return followWave({ url: film.url, change, patience });
    });
    serving += kills.serving;
    starting += kills.starting;
    runs += wave.length;
    failedRuns += wave.filter(({ state }) => state === 'failed').length;
  }
  return { waves: count, kills: { serving, starting }, runs, failedRuns };
}

function comparison({ products, runs, failedRuns }: Omit<Film, 'lost'>, expected: Film): Lost {
  const known = [...expected.products];
  return {
    missing: known.filter(([spec]) => !products.has(spec)).length,
    // Another version of what is there: it was made again.
    twice: [...products.keys()].filter((spec) => !expected.products.has(spec)).length,
    different: known.filter(([spec, digests]) => products.has(spec) && products.get(spec) !== digests).length,
    ranAgain: Math.max(0, runs - expected.runs),
    failedRuns,
  };
}

function productsOf(rows: readonly Row[]): Map<string, string> {
  return new Map(
    rows.flatMap(({ name, version, manifest }) => {
      if (manifest.pipl?.kind !== 'product' || manifest.pipl.made === undefined) return [];
      const digests = Object.entries(manifest.pipl.assets).map(([slot, { digest }]) => [slot, digest]);
      return [[`${name}@${version}`, JSON.stringify(digests)] as const];
    }),
  );
}
