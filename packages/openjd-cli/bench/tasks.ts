/**
 * What a task costs: the time of a run with many tasks less that of a run with one, for each command line and for
 * a bare shell; and inside a session, with a small and with a large parent.
 */
import { Session } from '@pipl/openjd-sessions';
import { figure, type Print } from '../../../scripts/figures.ts';
import { against, best, inTurns, jobOf, ours, reported, timeProgram, withTemplate } from './measuring.ts';
import type { Peer } from './peers.ts';

const rounds = 9;
const tasks = 101;
const heapRounds = 12;
const tasksPerRound = 100;

const job = (count: number) =>
  jobOf({
    name: 'S',
    parameterSpace: { taskParameterDefinitions: [{ name: 'I', type: 'INT', range: `1-${count}` }] },
    script: { actions: { onRun: { command: '/bin/true' } } },
  });

export async function overheadOfTasks(
  print: Print,
  { rust, python }: { rust: Peer; python: Peer },
): Promise<void> {
  const loop = (count: number) => `i=0; while [ $i -lt ${count} ]; do /bin/true; i=$((i + 1)); done`;
  const lines = await withTemplate(job(tasks), (many) =>
    withTemplate(job(1), (one) => {
      const runs = (program: readonly string[]) => ({
        many: [...program, 'run', many],
        one: [...program, 'run', one],
      });
      const programs = {
        ours: runs([process.execPath, ours]),
        ...(rust.program && { rust: runs([rust.program]) }),
        ...(python.program && { python: runs([python.program]) }),
        floor: { many: ['/bin/sh', '-c', loop(tasks)], one: ['/bin/sh', '-c', loop(1)] },
      };
      const measures = Object.fromEntries(
        Object.entries(programs).flatMap(([name, { many: all, one: first }]) => [
          [`${name} many`, () => timeProgram(all)],
          [`${name} one`, () => timeProgram(first)],
        ]),
      );
      return inTurns(rounds, measures);
    }),
  );
  const each = (name: string): number | undefined =>
    lines[`${name} many`] && (best(lines[`${name} many`]!) - best(lines[`${name} one`]!)) / (tasks - 1);
  const common = { name: 'openjd run, a task', value: each('ours')!, unit: 'ms' };
  const noMore = (value: number, baseline: number) => value <= baseline;
  against(print, { ...common, peer: rust, baseline: each('rust'), goal: 'at most 1.0x', holds: noMore });
  against(print, { ...common, peer: python, baseline: each('python'), ...reported });
  against(print, { ...common, peer: { name: 'a loop of /bin/sh' }, baseline: each('floor'), ...reported });
}

const task = { stepScript: { actions: { onRun: { command: '/bin/true' } } }, taskParameterValues: {} };

async function timed(session: Session): Promise<number> {
  const from = performance.now();
  for (let count = 0; count < tasksPerRound; count += 1) {
    const { state } = await session.runTask(task);
    if (state !== 'SUCCESS') throw new Error(`The task ended ${state}`);
  }
  return (performance.now() - from) / tasksPerRound;
}

/** The same session before and after its process holds a gigabyte. */
export async function overheadOfHeap(print: Print): Promise<void> {
  await using session = new Session({ sessionId: 'bench', jobParameterValues: {} });
  await timed(session);
  const measure = async () => {
    const times: number[] = [];
    for (let round = 0; round < heapRounds; round += 1) times.push(await timed(session));
    return best(times);
  };
  const small = await measure();
  const heap = Array.from({ length: 16 }, () => Buffer.alloc(64 * 2 ** 20, 1));
  const large = await measure();
  const goal = 'unchanged: at most 1.25x';
  const baseline = { baseline: small, baselineName: 'the same session with a small heap' };
  print(
    figure(`a task in a session, ${heap.length * 64} MiB resident`, {
      ...baseline,
      value: large,
      unit: 'ms',
      goal,
      holds: large <= 1.25 * small,
    }),
  );
}
