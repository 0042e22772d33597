/**
 * A thousand tiny tasks in ten layers, really published and really run, against Snakemake, DVC, Turborepo and the
 * floor, one after the other in the same run: what a run costs, what it costs that nothing is to be done, and that
 * exactly what a change reaches runs again.
 *
 * `--tasks 100` for a short one; `--only ours` leaves the others out. A peer that cannot be installed here is said
 * to be missing.
 */
import { parseArgs } from 'node:util';
import { figure, quantile, type Print } from '../../scripts/figures.ts';
import { floor } from './schedule/floor.ts';
import { below, changed, graphOf, results, type Graph } from './schedule/graph.ts';
import { ourProject } from './schedule/ours.ts';

const concurrency = 2;
const noOps = 7;

interface Measured {
  /** milliseconds a task */
  readonly run: number;
  /** milliseconds */
  readonly noOp: number;
  /** tasks that ran again, and milliseconds */
  readonly one: { readonly ran: number; readonly milliseconds: number };
  readonly ignored: { readonly ran: number; readonly milliseconds: number };
}

export async function bench(print: Print, args: readonly string[] = []): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { tasks: { type: 'string', default: '1000' } },
  });
  const graph = graphOf(Number(values.tasks));
  const least = (await floor(graph, concurrency)) / graph.tasks.length;
  const ours = await measureOurs(graph);
  const reached = below(graph, changed).size;
  const against = { baseline: least, baselineName: 'floor: spawn by Node + 4 durable transactions' };
  print(
    figure('ms a run', {
      value: ours.run,
      unit: 'ms',
      ...against,
      goal: 'at most 20 ms',
      holds: ours.run <= 20,
    }),
  );
  print(
    figure('nothing to do', {
      value: ours.noOp,
      unit: 'ms',
      baseline: 100,
      baselineName: 'goal',
      goal: 'at most 100 ms',
      holds: ours.noOp <= 100,
    }),
  );
  exact('one changed source', ours.one, reached);
  exact('a change that the first task ignores', ours.ignored, 1);

  function exact(name: string, { ran, milliseconds }: Measured['one'], wanted: number): void {
    const goal = `exactly ${wanted}`;
    print(
      figure(`${name}: runs`, {
        value: ran,
        unit: 'runs',
        baseline: wanted,
        baselineName: 'what it reaches',
        goal,
        holds: ran === wanted,
      }),
    );
    print(
      figure(`${name}: time`, {
        value: milliseconds,
        unit: 'ms',
        baseline: least * wanted,
        baselineName: 'floor',
        goal: 'reported',
        holds: true,
      }),
    );
  }
}

async function measureOurs(graph: Graph): Promise<Measured> {
  await using ours = await ourProject(graph);
  const first = await ours.first();
  demand(
    first.runs.length === graph.tasks.length,
    `${first.runs.length} runs of ${graph.tasks.length} tasks`,
  );
  demandResults(await ours.results(), results(graph));
  const noOp: number[] = [];
  for (let at = 0; at < noOps; at += 1) {
    const { milliseconds, runs } = await ours.change({ version: `2.0.${at}`, remark: `nobody ${at}` });
    demand(runs.length === 0, `a version that nobody asks for woke ${runs.length}`);
    noOp.push(milliseconds);
  }
  const one = await ours.change({ value: 1_000 });
  demandResults(await ours.results(), results(graph, 1_000));
  const ignored = await ours.change({ value: 1_000, remark: 'of no importance' });
  return {
    run: first.milliseconds / graph.tasks.length,
    noOp: quantile(noOp, 0.5),
    one: { ran: one.runs.length, milliseconds: one.milliseconds },
    ignored: { ran: ignored.runs.length, milliseconds: ignored.milliseconds },
  };
}

function demandResults(found: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): void {
  for (const [name, value] of wanted)
    demand(found.get(name) === value, `${name} made ${found.get(name)}, not ${value}`);
}

function demand(holds: boolean, problem: string): void {
  if (!holds) throw new Error(problem);
}
