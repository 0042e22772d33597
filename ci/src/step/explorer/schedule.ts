/**
 * One schedule from its beginning to its end, by itself: by chance, or up to some event as chance has it, where the
 * server dies and comes back in one of its ways. The same seed and branch give the same schedule.
 */
import { everyRule } from '../rules.ts';
import type { Rules } from '../rules.ts';
import { minInputs, move, setOut } from './course.ts';
import type { Plan } from './course.ts';
import { Violation } from './invariants.ts';
import { randomOf } from './random.ts';
import { checkRest } from './rest.ts';
import { Watched } from './watched.ts';
import { comeBack, start } from './ways.ts';
import type { Way } from './ways.ts';

/** Where a schedule leaves the one that chance made of its seed: after an event of a move, or after all of it (0). */
export interface Branch {
  readonly move: number;
  readonly event: number;
  readonly way: Way;
}

export interface Outcome {
  readonly seed: number;
  readonly branch?: Branch;
  /** inputs that the step took */
  readonly inputs: number;
  readonly crashes: number;
  readonly runs: number;
  readonly tasks: number;
  readonly cuts: number;
  /** what was broken, if anything */
  readonly violation?: string;
  /** what it came to */
  readonly end: string;
  /** what happened, one line each */
  readonly story: readonly string[];
}

export interface ScheduleOptions {
  readonly rules?: Rules;
  readonly branch?: Branch;
  /** actions to leave out, by their place: what is left happens as before */
  readonly without?: ReadonlySet<number>;
  /** a new one that checks more */
  readonly world?: Watched;
}

export function runSchedule(seed: number, options: ScheduleOptions = {}): Outcome {
  const { rules = everyRule, branch, without, world = new Watched({ rules }) } = options;
  world.story = [];
  const plan = setOut(world, seed, without);
  if (without !== undefined) plan.isOpen = false;
  if (branch !== undefined) fixLength(plan, rules);
  const outcome = (violation?: string): Outcome => ({
    seed,
    ...(branch === undefined ? {} : { branch }),
    inputs: world.inputs,
    crashes: world.crashes,
    runs: world.state.records.runs.size,
    tasks: plan.tasks.length,
    cuts: cutsOf(world),
    ...(violation === undefined ? {} : { violation }),
    end: endOf(world),
    story: world.story!,
  });
  try {
    if (branch !== undefined) moveUntil(branch, plan, world);
    while (move(plan, world)) continue;
    checkRest(world);
    return outcome();
  } catch (error) {
    if (error instanceof Violation) return outcome(error.message);
    throw error;
  }
}

export const cutsOf = ({ state }: Watched): number =>
  state.records.waves.values().reduce((sum, { cut }) => sum + (cut === undefined ? 0 : 1), 0);

/** Every task as it stands in the end, and how much there is of everything. */
export const endOf = ({ feed, cursor, engine, state: { records } }: Watched): string =>
  JSON.stringify([
    { changes: feed.length, cursor, submitted: engine.size, runs: records.runs.size },
    ...[...records.tasks.values()].map(({ name, status, success }) => [name, status, success]),
  ]);

/** As long as it is without the branch. */
function fixLength(plan: Plan, rules: Rules): void {
  if (!plan.isOpen) return;
  const world = new Watched({ rules });
  const open = setOut(world, plan.seed);
  while ((world.at < open.length || world.inputs < minInputs) && move(open, world)) continue;
  plan.length = Math.max(plan.length, world.at);
  plan.isOpen = false;
}

class Death extends Error {}

/** Goes on to the place of the branch, dies there, and comes back. */
function moveUntil({ move: last, event, way }: Branch, plan: Plan, world: Watched): void {
  for (let at = 0; at < last; at += 1) if (!move(plan, world)) return;
  let events = 0;
  world.onEvent = () => {
    events += 1;
    if (events === event) throw new Death();
  };
  try {
    move(plan, world);
  } catch (error) {
    if (!(error instanceof Death)) throw error;
  }
  world.onEvent = undefined;
  world.die(world.prints.reread(world));
  start(way, world);
  comeBack(way, { ...plan, world, random: chanceOfWay(plan, { move: last, event, way }) });
}

/** The chance of what happens while a server comes back. */
export function chanceOfWay({ seed }: Plan, { move: at, event, way }: Branch): ReturnType<typeof randomOf> {
  let mixed = seed;
  for (const letter of `${at} ${event} ${way}`) mixed = Math.imul(mixed, 31) + letter.codePointAt(0)!;
  return randomOf(mixed);
}
