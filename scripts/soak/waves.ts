/**
 * Waves while their server is killed with -9 at random moments and started again: the story of the bunny short, and
 * waves of a generated project of 200 tasks, both on SQLite and on PostgreSQL. They must end with every product there
 * once, with the digests that undisturbed waves give, and leave a sound project behind.
 */
import { postgresPrograms, startCluster } from '../../registry/test/cluster.ts';
import type { SoakResult } from '../soak.ts';
import { bunny, undisturbedFilm, wavesFor } from './bunny-waves.ts';
import { addUp, type Lost } from './evidence.ts';
import { generated } from './generated-waves.ts';

/** of each production on each database */
const killsAtFullScale = 200;

export async function soak(scale: number): Promise<SoakResult> {
  const kills = Math.max(2, Math.round(killsAtFullScale * scale));
  const lost: Record<string, number> = {};
  const tried: Record<string, number> = {};
  const telling = (name: string) => (some: Lost, gone: Lost) =>
    void process.stderr.write(`${name}: ${JSON.stringify({ ...some, lost: gone })}\n`);
  const add = (name: string, { tried: some, lost: gone }: SoakResult) => {
    for (const [what, count] of Object.entries(some)) tried[`${name}: ${what}`] = count;
    addUp(lost, gone);
  };
  const undisturbed = await undisturbedFilm(wavesFor(kills));
  const both = async (where: string, database?: () => Promise<string>) => {
    const [film, tasks] = [`bunny on ${where}`, `200 tasks on ${where}`];
    const onFilm = database === undefined ? {} : { database };
    add(film, await bunny(kills, { undisturbed, ...onFilm, onKills: telling(film) }));
    const onTasks = database === undefined ? {} : { database: await database() };
    add(tasks, await generated(kills, { ...onTasks, onKills: telling(tasks) }));
  };
  await both('SQLite');
  if (postgresPrograms() === undefined) return { tried, lost, missing: 'PostgreSQL is not installed' };
  const cluster = await startCluster();
  try {
    await both('PostgreSQL', () => cluster.database());
  } finally {
    await cluster.remove();
  }
  return { tried, lost };
}
