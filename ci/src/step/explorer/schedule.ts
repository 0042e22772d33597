/**
 * One random schedule: a project of eight to eleven tasks, at least forty inputs in an order that nobody planned,
 * crashes among them, then rest. The same seed gives the same schedule.
 */
import { PiplError } from '@pipl/packl';
import { everyRule } from '../rules.ts';
import type { Rules } from '../rules.ts';
import { actions } from './actions.ts';
import { Violation } from './invariants.ts';
import { randomOf } from './random.ts';
import type { Random } from './random.ts';
import { checkRest } from './rest.ts';
import { publish, someReads, tell, Watched } from './watched.ts';
import type { Schedule } from './watched.ts';
import { codeManifest, productManifest, taskManifest } from './world.ts';

export interface Outcome {
  readonly seed: number;
  /** inputs that the step took */
  readonly inputs: number;
  readonly crashes: number;
  readonly runs: number;
  readonly tasks: number;
  readonly cuts: number;
  /** what was broken, if anything */
  readonly violation?: string;
  /** what happened, one line each */
  readonly story: readonly string[];
}

const minInputs = 40;

export interface ScheduleOptions {
  readonly rules?: Rules;
  /** actions to leave out, by their place: what is left happens as before */
  readonly without?: ReadonlySet<number>;
  /** a new one that checks more */
  readonly world?: Watched;
}

export function runSchedule(
  seed: number,
  { rules = everyRule, without, world = new Watched({ rules }) }: ScheduleOptions = {},
): Outcome {
  const random = randomOf(seed);
  const outcome = (violation?: string): Outcome => ({
    seed,
    inputs: world.inputs,
    crashes: world.crashes,
    runs: world.state.records.runs.size,
    tasks: world.defined,
    cuts: [...world.state.records.waves.values()].filter(({ cut }) => cut !== undefined).length,
    ...(violation === undefined ? {} : { violation }),
    story: world.story,
  });
  try {
    const schedule = setOut(world, random);
    const length = minInputs + random.below(30);
    const crashAt = random.below(length);
    const fewest = without === undefined ? minInputs : 0;
    for (let at = 0; at < length || world.inputs < fewest; at += 1) {
      const isLeftOut = without?.has(at) === true;
      if (at > patience) break;
      if (isLeftOut) continue;
      if (at === crashAt) crash(world);
      act({ ...schedule, random: randomOf(seed * 1_009 + at) });
    }
    comeToRest({ ...schedule, random: randomOf(seed * 1_009 - 1) });
    checkRest(world);
    return outcome();
  } catch (error) {
    if (error instanceof Violation) return outcome(error.message);
    throw error;
  }
}

function setOut(world: Watched, random: Random): Schedule {
  const sources = ['s1', 's2', 's3'];
  const names: string[] = [...sources];
  const tasks: string[] = [];
  const products: string[] = [];
  const manifests = [
    codeManifest('types', '1.0.0'),
    ...sources.map((name) => productManifest(name, '1.0.0', name)),
  ];
  const count = 8 + random.below(4);
  for (let at = 1; at <= count; at += 1) {
    const reads = someReads(random, names);
    const makes = random.chance(0.2) ? [`p${at}`, `q${at}`] : [`p${at}`];
    manifests.push(taskManifest(`t${at}`, { reads, makes, retries: random.chance(0.1) ? 1 : 0 }));
    world.story.push(`t${at} reads ${JSON.stringify(reads)}, makes ${makes.join(', ')}`);
    names.push(...makes);
    tasks.push(`t${at}`);
    products.push(...makes);
  }
  world.release(manifests);
  world.defined = count;
  const schedule = { world, random, tasks, sources, products, story: world.story, sour: random.chance(0.33) };
  // Half of the schedules begin settled, the others in the middle of the first wave.
  if (random.chance(0.5)) comeToRest(schedule);
  return schedule;
}

function crash(world: Watched): void {
  world.story.push('the server dies and starts');
  world.crashes += 1;
  world.crash();
}

function act(schedule: Schedule): void {
  const { random, world } = schedule;
  let at = random.next() * actions.reduce((sum, { weight }) => sum + weight, 0);
  const action = actions.find(({ weight }) => (at -= weight) < 0)!;
  if (action.name === 'crash') return crash(world);
  try {
    action.act(schedule);
  } catch (error) {
    // People are refused now and then; that is part of the schedule.
    if (!(error instanceof PiplError)) throw error;
    world.story.push(`  refused: ${error.message}`);
  }
}

const patience = 600;

/** No outside input any more: everything that runs ends well, everything that can be told is told. */
export function comeToRest({ world, random }: Schedule): void {
  world.story.push('nobody does anything any more');
  const started = new Map<string, number>();
  for (let round = 0; ; round += 1) {
    if (round > patience) throw new Violation('it does not come to rest');
    while (world.deliver() || world.perform()) continue;
    world.onStart = ({ wave, task, because }) => {
      const key = `${wave} ${task}`;
      started.set(key, (started.get(key) ?? 0) + 1);
      if (started.get(key)! > 1)
        throw new Violation(`${task} starts twice without outside input: ${JSON.stringify(because)}`);
    };
    if (!endOne(world, random, started)) break;
  }
  world.onStart = () => {};
}

/** @returns was there a run to end, or a time to wait for? */
function endOne(world: Watched, random: Random, started: Map<string, number>): boolean {
  const { tasks, runs } = world.state.records;
  const attempts = [...tasks.values()].flatMap(({ attempt }) => attempt ?? []);
  const attempt = random.pick(attempts);
  if (attempt === undefined) {
    const isLate = [...tasks.values()].some(({ status }) => status.is === 'backing-off');
    if (!isLate) return false;
    world.seconds += 60;
    world.take({ is: 'tick', at: world.now() });
    return true;
  }
  const run = world.engine.get(attempt);
  if (run === undefined) throw new Violation(`${attempt} was never submitted`);
  if (run.state.is === 'running') {
    if (!publish(world, attempt))
      throw new Violation(`the release of ${attempt} is refused: ${JSON.stringify(run.state)}`);
  } else {
    const { task, wave } = runs.get(attempt)!;
    // Machinery and retries may start it again.
    started.delete(`${wave} ${task}`);
    tell(world, attempt);
  }
  return true;
}
