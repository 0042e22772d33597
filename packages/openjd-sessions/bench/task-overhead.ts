/**
 * Measures what a session adds to a task: `true` in a session against a bare
 * spawn of /bin/true by Node, in turns in the same process, small and with memory in use.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { figure, type Print } from '../../../scripts/figures.ts';
import { PosixSessionUser, Session } from '../src/index.ts';

const rounds = 12;
const tasksPerRound = 100;
const goals = { same: 1.2, another: 3 } as const;
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
async function compare(name: string, print: Print, user?: PosixSessionUser): Promise<void> {
  const goal = user ? goals.another : goals.same;
  await using session = new Session({
    sessionId: 'bench',
    jobParameterValues: {},
    ...(user ? { user } : {}),
  });
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
  print(figure(name, { value, unit: 'ms', ...spawned, goal: `at most ${goal} ms`, holds: value <= goal }));
}

export async function bench(print: Print): Promise<void> {
  await compare('session task overhead', print);
  const user = anotherUser();
  if (user) await compare(`session task overhead as ${user.user}, after the first`, print, user);
  const ballast = Array.from({ length: 16 }, () => Buffer.alloc(64 * 2 ** 20, 1));
  await compare(`session task overhead, ${ballast.length * 64} MiB more resident`, print);
}

/** Whom root may be without asking anybody; undefined where that is not so. */
function anotherUser(): PosixSessionUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { status, stdout } = spawnSync('sudo', ['-n', '-u', 'nobody', 'id', '-g'], { encoding: 'utf8' });
  return status === 0 ? new PosixSessionUser('nobody', stdout.trim()) : undefined;
}
