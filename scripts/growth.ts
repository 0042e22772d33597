/** What a benchmark over projects of growing size prints for each of them, against the goals of the reactor. */
import { figure, type Figure } from './figures.ts';

export interface Growth {
  /** the beginning of each figure's name */
  readonly names: {
    readonly nobody: string;
    readonly some: string;
    readonly built: string;
    readonly held: string;
  };
  readonly tasks: number;
  /** microseconds of one task from scratch */
  readonly oneTask: number;
  /** microseconds, median, of a change that wakes nobody, and of one that wakes five */
  readonly nobody: number;
  readonly some: number;
  /** milliseconds */
  readonly built: number;
  /** bytes a task */
  readonly held: number;
}

const bytesATask = 6_144;

export function growthFigures({ names, tasks, oneTask, nobody, some, built, held }: Growth): Figure[] {
  const floor = { baseline: oneTask, baselineName: 'resolveTask of one task', unit: 'µs' };
  const named = (name: string) => `${name}, ${tasks} tasks`;
  const most = tasks > 10_000 ? 50 : 20;
  // A few tasks hold less than the collector leaves lying about, and what it took meanwhile is no measurement.
  const isJudged = tasks >= 1_000;
  return [
    figure(named(names.nobody), {
      value: nobody,
      ...floor,
      goal: `at most ${most} µs`,
      holds: nobody <= most,
    }),
    figure(named(names.some), { value: some, ...floor, goal: 'at most 200 µs', holds: some <= 200 }),
    figure(named(names.built), {
      value: built,
      unit: 'ms',
      baseline: (oneTask * tasks) / 1000,
      baselineName: 'resolveTask of every task',
      goal: 'at most 8000 ms',
      holds: built <= 8_000,
    }),
    figure(named(names.held), {
      value: held,
      unit: 'bytes',
      baseline: bytesATask,
      baselineName: 'the goal',
      goal: isJudged ? 'at most 6 kB, and more than nothing' : 'reported',
      holds: !isJudged || (held > 0 && held <= bytesATask),
    }),
  ];
}
