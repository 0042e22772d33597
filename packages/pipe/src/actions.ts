/**
 * The actions of a task: a step on some of its points, the checks, a command.
 *
 * Parameters in the context were checked by `describe` and are not checked again. What goes wrong in the code of a
 * packl is said with the first line of that code in the stack.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import type { Context } from './context.ts';
import { findTaskType, type FoundType } from './find-type.ts';
import { inputsOf } from './inputs.ts';
import { missingOutputs, outputsOf } from './outputs.ts';
import { givenTo } from './per-point.ts';
import { type AnyPoint, dimensionsOf, pointsOf, pointText } from './points.ts';
import type { Makes, Needs } from './product-types.ts';
import { previousOf } from './previous.ts';
import { badArguments, badRequest } from './refusals.ts';
import type { Say } from './say.ts';
import { checkedBy } from './schema.ts';
import { taskHandle } from './task-handle.ts';
import type { Command, TaskContext } from './task-types.ts';

export interface ActionSurroundings {
  /** file, from PIPL_CONTEXT */
  readonly context: string | undefined;
  /** folders whose trees are searched for the packl */
  readonly from: readonly string[];
  readonly say: Say;
  /** file, from PIPL_CHECKS: where it is noted what each check found */
  readonly checks?: string | undefined;
}

/** Code of a packl threw. `message` says where. */
export class ActionFailed extends Error {
  /** name@version of the packl whose code it was */
  readonly packl: string;

  constructor(text: string, { cause, dir, packl }: { cause: unknown; dir: string; packl: string }) {
    super(`${text}: ${cause instanceof Error ? cause.message : String(cause)}${ownLine(cause, dir)}`, {
      cause,
    });
    this.name = 'ActionFailed';
    this.packl = packl;
  }
}

/** ` (dist/render.js:12)`: lines of `dist` are those of `src`, types are blanked when a packl is packed. */
function ownLine(cause: unknown, dir: string): string {
  const stack = cause instanceof Error ? (cause.stack ?? '') : '';
  const found = stack
    .split('\n')
    .find((line) => line.includes(`${dir}/`) && !line.includes(`${dir}/node_modules/`));
  const at =
    found === undefined
      ? undefined
      : /([^/(][^(]*):(\d+):\d+\)?$/.exec(found.slice(found.indexOf(`${dir}/`) + dir.length + 1));
  return at ? ` (${at[1]}:${at[2]})` : '';
}

/** @param args one for each dimension of the step */
export async function runStep(
  { type: written, step: name, args }: { type: string; step: string; args: readonly string[] },
  surroundings: ActionSurroundings,
): Promise<void> {
  const { say } = surroundings;
  const { found, context, task } = await prepare(written, surroundings);
  const { steps, makes } = found.type;
  const step = steps.find((one) => one.name === name);
  if (step === undefined) throw badRequest(`${written} has no step ${name}.`, `It has ${named(steps)}.`);
  const points = pointsOf(dimensionsOf(step, context.parameters), args);
  for (const [index, point] of points.entries()) {
    const progress = (percent: number, text?: string): void => {
      say.progress((index * 100 + percent) / points.length);
      if (text !== undefined) say.status(text);
    };
    const where = [`step ${name}`, pointText(point)].filter(Boolean).join(', ');
    await guarded(where, found, () => {
      const given = givenTo(step, point, task);
      return step.run({ ...given, point: point as AnyPoint as never, progress });
    });
    progress(100);
  }
  // Where other actions may still write, only the checks or the runner can know what is missing.
  if (step !== steps.at(-1) || Object.keys(step.over).length > 0) return;
  demandOutputs(makes, context);
}

/** Runs every check, so that one run tells all that is wrong. */
export async function runChecks(written: string, surroundings: ActionSurroundings): Promise<void> {
  const { found, context, task } = await prepare(written, surroundings);
  const { checks, makes } = found.type;
  demandOutputs(makes, context);
  const failures: string[] = [];
  for (const [index, check] of checks.entries()) {
    surroundings.say.status(check.name);
    const began = performance.now();
    let message: string | undefined;
    await guarded(`check "${check.name}"`, found, () => check.run(task)).catch((error: unknown) => {
      if (!(error instanceof ActionFailed)) throw error;
      ({ message } = error);
      failures.push(message);
    });
    note(surroundings.checks, { check: check.name, began, message });
    surroundings.say.progress(((index + 1) * 100) / checks.length);
  }
  if (failures.length > 0) throw new Error(failures.join('; '));
}

/** A line for each check, where somebody makes a report of them. */
function note(
  file: string | undefined,
  { check, began, message }: { check: string; began: number; message: string | undefined },
): void {
  if (file === undefined) return;
  const seconds = Math.round(performance.now() - began) / 1000;
  const line = {
    check,
    passed: message === undefined,
    seconds,
    ...(message === undefined ? {} : { message }),
  };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** @param given its arguments, as JSON */
export async function runCommand(
  { type: written, command: name, given }: { type: string; command: string; given?: string | undefined },
  surroundings: ActionSurroundings,
): Promise<void> {
  const { found, task } = await prepare(written, surroundings);
  const { commands } = found.type;
  const command = commands.find((one) => one.name === name);
  if (command === undefined)
    throw badRequest(`${written} has no command ${name}.`, `It has ${named(commands)}.`);
  const all = await argumentsOf(command, given);
  await guarded(`command ${name}`, found, () => command.run({ ...task, arguments: all }));
}

async function argumentsOf({ name, arguments: schema }: Command, given = '{}'): Promise<unknown> {
  const value = JSON.parse(given) as object;
  if (schema === undefined) {
    const names = Object.keys(value);
    if (names.length > 0) throw badArguments(name, [`it takes none, and was given ${names.join(', ')}`]);
    return {};
  }
  const checked = await checkedBy(schema, value, 'arguments');
  if ('problems' in checked) throw badArguments(name, checked.problems);
  return checked.value;
}

const named = (all: readonly { readonly name: string }[]): string =>
  all.map(({ name }) => name).join(', ') || 'none';

async function guarded(where: string, { packl }: FoundType, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const { name, version, dir } = packl;
    throw new ActionFailed(where, { cause, dir, packl: `${name}@${version}` });
  }
}

function demandOutputs(makes: Makes, context: Context): void {
  const missing = missingOutputs(makes, context.outputs);
  if (missing.length > 0) throw new Error(missing.join('; '));
}

interface Prepared {
  readonly found: FoundType;
  readonly context: Context;
  readonly task: TaskContext<Needs, Makes, unknown>;
}

async function prepare(written: string, { context: file, from }: ActionSurroundings): Promise<Prepared> {
  if (file === undefined)
    throw badRequest('There is no context.', 'PIPL_CONTEXT names no file: actions run inside a job.');
  const context = readJson(file) as Context;
  const found = await findTaskType(written, from);
  const { needs, makes } = found.type;
  const { parameters, task } = context;
  const inputs = inputsOf(needs, context.inputs);
  return {
    found,
    context,
    task: {
      inputs,
      outputs: outputsOf(makes, context.outputs),
      previous: previousOf(makes, context.previous),
      parameters,
      task: taskHandle(needs, { inputs, task, contextFile: file }),
    },
  };
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw badRequest(`${file} cannot be read as JSON.`, String(error));
  }
}
