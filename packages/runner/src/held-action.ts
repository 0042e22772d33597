/**
 * An action that is held just before it starts: the session has resolved its command, written its files and entered
 * its environments; in its place stands a program that notes all that and waits.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step, TaskParameterSet } from '@pipl/openjd-model';
import { piplError } from '@pipl/packl';
import type { StepTasks } from './job.ts';

/** An action that has everything and has not started. */
export interface HeldAction {
  /** where it starts */
  readonly cwd: string;
  readonly argv: readonly string[];
  /** all of its variables */
  readonly env: Readonly<Record<string, string>>;
}

/** Without a brace beside another: the session would read a format string. */
const stand = `
const fs = require('node:fs');
const [note, ...argv] = process.argv.slice(1);
const held = JSON.stringify( { cwd: process.cwd(), argv, env: process.env } );
fs.writeFileSync(note + '/held.new', held);
fs.renameSync(note + '/held.new', note + '/held.json');
setInterval(() => fs.existsSync(note + '/go') && process.exit(0), 50);
`;

export interface Where {
  /** the point, as a failure names it: `frame=1-8`; undefined: the first */
  readonly where: string | undefined;
  /** folder for the note */
  readonly note: string;
  readonly node: string;
}

/** The step with its action held, and the one point of it that is run. @throws PIPL_NO_POINT */
export function heldStep(
  { step, tasks }: StepTasks,
  { where, note, node }: Where,
): { readonly step: Step; readonly point: TaskParameterSet | undefined } {
  mkdirSync(note, { recursive: true });
  const { command, args = [] } = step.script.actions.onRun;
  const onRun = { command: node, args: ['-e', stand, '--', note, command, ...args] };
  const script = { ...step.script, actions: { ...step.script.actions, onRun } };
  return { step: { ...step, script, dependencies: [] }, point: pointOf(step.name, tasks(), where) };
}

function pointOf(
  step: string,
  points: Iterator<TaskParameterSet>,
  where: string | undefined,
): TaskParameterSet | undefined {
  const first = points.next();
  if (first.done === true || where === undefined || where.startsWith('entering ')) {
    return first.done === true ? undefined : first.value;
  }
  for (let next: IteratorResult<TaskParameterSet> = first; next.done !== true; next = points.next()) {
    if (nameOfPoint(next.value) === where) return next.value;
  }
  throw piplError('notFound', 'PIPL_NO_POINT', {
    what: `The step ${step} has no point ${where}.`,
    why: 'Its parameter space does not have it.',
    hint: 'The log of the run names its points.',
  });
}

/** `frame=1-8, camera=left`; empty for a step without points */
export const nameOfPoint = (point: TaskParameterSet): string =>
  Object.entries(point)
    .map(([name, { value }]) => `${name}=${value}`)
    .join(', ');

/** Resolves when it is held, or when `ended` is true first. */
export async function untilHeld(note: string, ended: () => boolean): Promise<HeldAction | undefined> {
  const file = join(note, 'held.json');
  while (!ended()) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as HeldAction;
    await sleep(25);
  }
  return undefined;
}
