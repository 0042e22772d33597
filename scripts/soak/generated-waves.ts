/**
 * Waves of a generated project of 200 tiny tasks in ten layers while its server is killed: what every task makes is
 * known beforehand, so every product is compared with what an undisturbed wave gives.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { indexName } from '@pipl/packl';
import { below, changed, graphOf, results, type Graph } from '../../ci/bench/schedule/graph.ts';
import { ourProject, type OurProject, type Wave } from '../../ci/bench/schedule/ours.ts';
import type { SoakResult } from '../soak.ts';

const tasks = 200;
/** milliseconds between two kills, at most */
const longestPause = 1_500;

export async function generated(wanted: number, database?: string): Promise<SoakResult> {
  const graph = graphOf(tasks);
  await using project = await ourProject(graph, database === undefined ? {} : { database });
  const lost = { missing: 0, twice: 0, different: 0, failedRuns: 0 };
  let kills = 0;
  let waves = 0;
  let runs = 0;
  for (let value = 0; kills < wanted || waves === 0; value += 1) {
    const disturb = () => killing(project, wanted - kills);
    const { wave, killed } = await during(disturb, (onPublished) =>
      value === 0 ? project.first(onPublished) : project.change({ value }, onPublished),
    );
    kills += killed;
    waves += 1;
    runs += wave.runs.length;
    lost.failedRuns += wave.runs.filter(({ state }) => state === 'failed').length;
    await compare(project, { graph, value, waves, lost });
  }
  return { tried: { kills, waves, runs, products: waves * tasks }, lost };
}

/** The wave, and how often its server was killed while it went on. */
async function during(
  disturb: () => { stop: () => void; done: Promise<number> },
  begin: (onPublished: () => void) => Promise<Wave>,
): Promise<{ wave: Wave; killed: number }> {
  let killer: ReturnType<typeof disturb> | undefined;
  const wave = await begin(() => {
    killer = disturb();
  }).finally(() => killer?.stop());
  return { wave, killed: (await killer?.done) ?? 0 };
}

function killing(project: OurProject, most: number): { stop: () => void; done: Promise<number> } {
  const over = new AbortController();
  const run = async (): Promise<number> => {
    for (let count = 0; count < most; count += 1) {
      await sleep(Math.random() * longestPause, undefined, { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return count;
      await project.killAndStart();
    }
    return most;
  };
  return { stop: () => over.abort(), done: run() };
}

interface Comparison {
  readonly graph: Graph;
  readonly value: number;
  readonly waves: number;
  readonly lost: { missing: number; twice: number; different: number };
}

/** Every product has one version for each wave that reached it, and holds what it must. */
async function compare(project: OurProject, { graph, value, waves, lost }: Comparison): Promise<void> {
  const { rows } = await project.client.rows(indexName('root/PROJ'));
  const made = await project.results();
  const wanted = results(graph, value);
  const reached = below(graph, changed);
  for (const { name } of graph.tasks) {
    const versions = rows.filter((row) => row.name === `@gen/${name}-value`).length;
    const due = reached.has(name) ? waves : 1;
    if (versions < due) lost.missing += 1;
    else if (versions > due) lost.twice += 1;
    else if (made.get(name) !== wanted.get(name)) lost.different += 1;
  }
}
