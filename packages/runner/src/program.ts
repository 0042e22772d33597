/**
 * Runs one program as a job of one step: in a session like every other action, so that it can be stopped with
 * all that it started, and what it prints is in the log of the run.
 */
import { prepareJob } from './job.ts';
import { execute, type Execution } from './execute.ts';

export interface Program {
  /** for people: of the check or the handler */
  readonly name: string;
  readonly argv: readonly string[];
  /** folder in which it starts */
  readonly cwd: string;
  /** seconds */
  readonly timeout?: number | undefined;
  readonly env: Readonly<Record<string, string>>;
}

export type Place = Pick<
  Execution,
  'scratch' | 'variables' | 'concurrency' | 'signal' | 'progress' | 'spareParts'
>;

/** The folder comes by a variable: no shell reads the words of anybody else. */
const inFolder = ['-c', 'cd "$PIPL_CWD" && exec "$@"', 'sh'];
const longestStepName = 64;

/** @throws RunEnded */
export async function runProgram({ name, argv, cwd, timeout, env }: Program, place: Place): Promise<void> {
  const step = name.slice(0, longestStepName);
  const onRun = {
    command: '/bin/sh',
    args: [...inFolder, ...argv],
    ...(timeout === undefined ? {} : { timeout }),
  };
  const template = {
    specificationVersion: 'jobtemplate-2023-09',
    name: step,
    steps: [{ name: step, script: { actions: { onRun } } }],
  };
  const described = { template, parameters: {}, products: {}, byHand: true };
  const { job, steps } = prepareJob({ described, taskDir: cwd, inputs: {}, outputs: {} });
  await execute({ ...place, job, steps, variables: { ...place.variables, ...env, PIPL_CWD: cwd } });
}
