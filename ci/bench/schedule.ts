/**
 * A thousand tiny tasks in ten layers, really published and really run, against Snakemake, DVC, Turborepo and the
 * floor, one after the other in the same run: what a run costs, what it costs that nothing is to be done, and that
 * exactly what a change reaches runs again.
 *
 * `--tasks 100` for a short one; `--peers none` leaves the others out. A peer that cannot be installed here, or breaks,
 * is said to be missing. Everybody is given the same tasks, and is named with their number.
 */
import { parseArgs } from 'node:util';
import { figure, quantile, type Print } from '../../scripts/figures.ts';
import type { Peer } from '../../scripts/peer.ts';
import { floor } from './schedule/floor.ts';
import { below, changed, graphOf, results, type Graph } from './schedule/graph.ts';
import { findPeer, type PeerName } from './schedule/installing.ts';
import { ourProject } from './schedule/ours.ts';
import { measurePeer, type Measured } from './schedule/peers.ts';

const concurrency = 2;
const noOps = 7;
/** milliseconds */
const goals = { run: 20, noOp: 100 };

export async function bench(print: Print, args: readonly string[] = []): Promise<void> {
  const options = {
    tasks: { type: 'string', default: '1000' },
    peers: { type: 'string', default: 'snakemake,turbo,dvc' },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const graph = graphOf(Number(values.tasks));
  const reached = below(graph, changed).size;
  const least = (await floor(graph, concurrency)) / graph.tasks.length;
  const ours = await measureOurs(graph);
  const baselineName = 'floor: spawn by Node + 4 durable transactions';
  const run = { value: ours.run, unit: 'ms' };
  const goal = { goal: `at most ${goals.run} ms`, holds: ours.run <= goals.run };
  print(figure('a run', { ...run, baseline: least, baselineName, ...goal }));
  for (const [name, { ran, milliseconds }, wanted] of [
    ['one changed source', ours.one, reached],
    ['a change that the first task ignores', ours.ignored, 1],
  ] as const) {
    const exactly = { baseline: wanted, baselineName: 'what it reaches', goal: `exactly ${wanted}` };
    print(figure(`${name}: runs`, { value: ran, unit: 'runs', ...exactly, holds: ran === wanted }));
    const time = { value: milliseconds, unit: 'ms', baseline: least * wanted, baselineName };
    print(figure(`${name}: time`, { ...time, goal: 'reported', holds: true }));
  }
  const noOp = { value: ours.noOp, unit: 'ms', goal: `at most ${goals.noOp} ms` };
  const holds = ours.noOp <= goals.noOp;
  print(figure('nothing to do', { ...noOp, baseline: goals.noOp, baselineName: 'the goal', holds }));
  for (const name of values.peers.split(',').filter((one) => one !== 'none')) {
    await against(name as PeerName, { graph, ours, print });
  }
}

async function against(
  which: PeerName,
  { graph, ours, print }: { graph: Graph; ours: Measured; print: Print },
): Promise<void> {
  const peer = findPeer(which);
  const { theirs, why } = await measured(which, peer, graph);
  const baselineName =
    theirs === undefined ? `${peer.name}: missing, ${why}` : `${peer.name}, ${graph.tasks.length} tasks`;
  const compare = (name: string, value: number, baseline: number) =>
    print(figure(name, { value, unit: 'ms', baseline, baselineName, goal: 'reported', holds: true }));
  compare('a run', ours.run, theirs?.run ?? 0);
  compare('nothing to do', ours.noOp, theirs?.noOp ?? 0);
  if (theirs === undefined) return;
  const { one, ignored } = theirs;
  compare(`one changed source (it ran ${one.ran})`, ours.one.milliseconds, one.milliseconds);
  const name = `a change that the first task ignores (it ran ${ignored.ran})`;
  compare(name, ours.ignored.milliseconds, ignored.milliseconds);
}

async function measured(
  which: PeerName,
  peer: Peer,
  graph: Graph,
): Promise<{ readonly theirs?: Measured; readonly why?: string }> {
  if (peer.program === undefined) return { why: peer.why ?? 'it was not installed' };
  try {
    return { theirs: await measurePeer(which, peer, graph) };
  } catch (error) {
    return { why: (error as Error).message };
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
  for (const [name, value] of wanted) {
    demand(found.get(name) === value, `${name} made ${found.get(name)}, not ${value}`);
  }
}

function demand(holds: boolean, problem: string): void {
  if (!holds) throw new Error(problem);
}
