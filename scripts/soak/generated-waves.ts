/**
 * Waves of a generated project of 200 tiny tasks in ten layers while its server is killed: what every task makes is
 * known beforehand, so every product is compared with what an undisturbed wave gives.
 */
import { indexName } from '@pipl/packl';
import { below, changed, graphOf, results, type Graph } from '../../ci/bench/schedule/graph.ts';
import { ourProject, type OurProject } from '../../ci/bench/schedule/ours.ts';
import type { SoakResult } from '../soak.ts';
import { aftermath } from './aftermath.ts';
import { addUp, withEvidence, type OnKills } from './evidence.ts';
import { serverCommand } from './server-file.ts';
import { whileKilling } from './server-kills.ts';

const tasks = 200;
/** milliseconds; a wave takes two to four seconds */
const longestLife = 1_500;
/** of one wave; with more there would be few waves, each under way for ever */
const mostKills = 20;

interface GeneratedOptions {
  /** address of an empty PostgreSQL database; absent: SQLite */
  readonly database?: string;
  readonly onKills: OnKills;
}

export async function generated(
  wanted: number,
  { onKills, ...where }: GeneratedOptions,
): Promise<SoakResult> {
  const graph = graphOf(tasks);
  await using project = await ourProject(graph, { serverCommand, ...where });
  // Awaited here: the project goes when this block ends.
  return await withEvidence(project.project.path, async () => {
    const tried = { kills: 0, killsWhileStarting: 0, waves: 0, runs: 0, products: 0 };
    const lost: Record<string, number> = {};
    for (let value = 0; tried.kills < wanted || tried.waves === 0; value += 1) {
      const most = Math.min(mostKills, wanted - tried.kills);
      const options = { project: project.project, serverCommand, most, longestLife };
      const { wave, kills } = await whileKilling(options, (onPublished) =>
        value === 0 ? project.first(onPublished) : project.change({ value }, onPublished),
      );
      const due = value === 0 ? tasks : below(graph, changed).size;
      tried.kills += kills.serving;
      tried.killsWhileStarting += kills.starting;
      tried.waves += 1;
      tried.runs += wave.runs.length;
      tried.products += due;
      const failedRuns = wave.runs.filter(({ state }) => state === 'failed').length;
      addUp(lost, { failedRuns, ranAgain: Math.max(0, wave.runs.length - due) });
      addUp(lost, await compare(project, { graph, value, waves: tried.waves }));
      onKills(tried, lost);
    }
    addUp(lost, { ...(await aftermath(project.project, project.client, serverCommand)) });
    return { tried, lost };
  });
}

interface Comparison {
  readonly graph: Graph;
  readonly value: number;
  readonly waves: number;
}

/** Every product has one version for each wave that reached it, and holds what it must. */
async function compare(project: OurProject, { graph, value, waves }: Comparison) {
  const { rows } = await project.client.rows(indexName('root/PROJ'));
  const made = await project.results();
  const wanted = results(graph, value);
  const reached = below(graph, changed);
  const lost = { missing: 0, twice: 0, different: 0 };
  for (const { name } of graph.tasks) {
    const versions = rows.filter((row) => row.name === `@gen/${name}-value`).length;
    const due = reached.has(name) ? waves : 1;
    if (versions < due) lost.missing += 1;
    else if (versions > due) lost.twice += 1;
    else if (made.get(name) !== wanted.get(name)) lost.different += 1;
  }
  return lost;
}
