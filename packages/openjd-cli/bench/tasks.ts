/**
 * What a task costs: the time of a run with many tasks less that of a run with one, for each command line and for
 * a bare shell; and inside a session, with a small and with a large parent.
 */
import { Session } from '@pipl/openjd-sessions';
import { figure, type Print } from '../../../scripts/figures.ts';
import { against, best, inTurns, jobOf, ours, reported, timeProgram, withTemplate } from './measuring.ts';
import type { Peer } from '../../../scripts/peer.ts';
import { timedTasks } from './tasks-of-a-session.ts';

const rounds = 7;
const tasks = 301;
/** The slow one gets less. */
const ofPython = { rounds: 3, tasks: 51 };
const heapRounds = 12;
const tasksPerRound = 100;

const job = (count: number) =>
  jobOf({
    name: 'S',
    parameterSpace: { taskParameterDefinitions: [{ name: 'I', type: 'INT', range: `1-${count}` }] },
    script: { actions: { onRun: { command: '/bin/true' } } },
  });

/** How a program runs so many tasks. */
type Line = (count: number, file: string) => readonly string[];

const openjd =
  (...program: readonly string[]): Line =>
  (_count, file) => [...program, 'run', file];

const loop: Line = (count) => [
  '/bin/sh',
  '-c',
  `i=0; while [ $i -lt ${count} ]; do /bin/true; i=$((i + 1)); done`,
];

/** Milliseconds a task of each program, measured in turns. */
async function eachTask<K extends string>(
  programs: Readonly<Record<K, Line>>,
  size: { readonly rounds: number; readonly tasks: number },
): Promise<Readonly<Record<K, number>>> {
  const names = Object.keys(programs) as K[];
  return withTemplate(job(size.tasks), (many) =>
    withTemplate(job(1), (one) => {
      const measures = names.flatMap((name) => [
        [`${name} many`, () => timeProgram(programs[name](size.tasks, many))] as const,
        [`${name} one`, () => timeProgram(programs[name](1, one))] as const,
      ]);
      const times = inTurns(size.rounds, Object.fromEntries(measures));
      const each = (name: K) =>
        (best(times[`${name} many`]!) - best(times[`${name} one`]!)) / (size.tasks - 1);
      return Object.fromEntries(names.map((name) => [name, each(name)])) as Record<K, number>;
    }),
  );
}

export async function overheadOfTasks(
  print: Print,
  { rust, python }: { rust: Peer; python: Peer },
): Promise<void> {
  const ourLine = openjd(process.execPath, ours);
  const rustLine = rust.program === undefined ? {} : { rust: openjd(rust.program) };
  const {
    ours: value,
    floor,
    ...peers
  } = await eachTask<string>({ ours: ourLine, ...rustLine, floor: loop }, { rounds, tasks });
  const common = { name: 'openjd run, a task', value: value!, unit: 'ms' };
  const noMore = (mine: number, theirs: number) => mine <= theirs;
  against(print, { ...common, peer: rust, baseline: peers['rust'], goal: 'at most 1.0x', holds: noMore });
  against(print, { ...common, peer: { name: 'a loop of /bin/sh' }, baseline: floor, ...reported });
  const pythonLine = python.program === undefined ? {} : { python: openjd(python.program) };
  const { python: slow } = await eachTask<string>(pythonLine, ofPython);
  against(print, {
    ...common,
    peer: python,
    baseline: slow,
    ...reported,
  });
}

/** The same session before and after its process holds a gigabyte. */
export async function overheadOfHeap(print: Print): Promise<void> {
  await using session = new Session({ sessionId: 'bench', jobParameterValues: {} });
  await timedTasks(session, tasksPerRound);
  const measure = async () => {
    const times: number[] = [];
    for (let round = 0; round < heapRounds; round += 1) times.push(await timedTasks(session, tasksPerRound));
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
