/**
 * Measures what a session adds to a task: `true` in a session against a bare
 * spawn of /bin/true by Node, in turns in the same process, small and with memory in use.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { figure, type Print } from '../../../scripts/figures.ts';
import { Session } from '../src/index.ts';

const rounds = 12;
const tasksPerRound = 100;
const goal = 1.5;
const task = { stepScript: { actions: { onRun: { command: '/bin/true' } } }, taskParameterValues: {} };

async function bareSpawn(): Promise<void> {
  await once(spawn('/bin/true', { stdio: 'ignore' }), 'exit');
}

/** Milliseconds for one call, from `tasksPerRound` calls in a row. */
async function timed(call: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  for (let count = 0; count < tasksPerRound; count += 1) await call();
  return (performance.now() - from) / tasksPerRound;
}

/** The least disturbed round: what else runs on the machine only ever adds. */
const best = (values: readonly number[]): number => Math.min(...values);

/** Both in turns, so that a busy moment of the machine hits both. */
async function compare(name: string, print: Print): Promise<void> {
  await using session = new Session({ sessionId: 'bench', jobParameterValues: {} });
  const run = async () => {
    const { state } = await session.runTask(task);
    if (state !== 'SUCCESS') throw new Error(`The task ended ${state}`);
  };
  await timed(run);
  const tasks: number[] = [];
  const spawns: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    tasks.push(await timed(run));
    spawns.push(await timed(bareSpawn));
  }
  const value = best(tasks);
  const spawned = { baseline: best(spawns), baselineName: 'bare spawn of /bin/true by Node' };
  print(figure(name, { value, unit: 'ms', ...spawned, goal: `under ${goal} ms`, holds: value < goal }));
}

export async function bench(print: Print): Promise<void> {
  await compare('session task overhead', print);
  const ballast = Array.from({ length: 4 }, () => Buffer.alloc(64 * 2 ** 20, 1));
  await compare(`session task overhead, ${ballast.length * 64} MiB more resident`, print);
}
