/**
 * The course of a schedule: a project of eight to eleven tasks, then at least forty inputs in an order that nobody
 * planned, then rest. What comes next follows from the world and its place in the course alone, so that worlds that
 * are the same at the same place go on in the same way.
 */
import { PiplError } from '@pipl/packl';
import type { IndexName } from '@pipl/packl';
import { actions } from './actions.ts';
import type { Action } from './actions.ts';
import { debounceOf, hasOperators, operatorActions } from './operators.ts';
import { Violation } from './invariants.ts';
import { randomOf } from './random.ts';
import type { Random } from './random.ts';
import { publish, tell } from './runners.ts';
import { someReads } from './some-reads.ts';
import { startKey } from './watched.ts';
import type { Watched } from './watched.ts';
import { codeManifest, productManifest, project, stage, taskManifest, withStage } from './world.ts';

/** What is decided before a schedule begins. */
export interface Plan {
  readonly seed: number;
  readonly tasks: readonly string[];
  readonly sources: readonly string[];
  readonly products: readonly string[];
  /** the project; in every third schedule a stage that inherits it, too */
  readonly indexes: readonly IndexName[];
  /** one in three: whatever can fail, fails often, and people take back what they published */
  readonly sour: boolean;
  /** half of the schedules begin settled, and nearly all with a stage; the others in the middle of the first wave */
  readonly settlesFirst: boolean;
  /** the server dies before this action */
  readonly crashAt: number;
  /** actions; as many more as it takes while the plan is open */
  length: number;
  isOpen: boolean;
  /** actions to leave out, by their place: what is left happens as before */
  readonly without: ReadonlySet<number>;
  /** action → how often it was done */
  readonly did: Map<string, number>;
}

/** A plan, the world it is carried out in, and the chance of one action. */
export interface Course extends Plan {
  readonly world: Watched;
  readonly random: Random;
}

export const minInputs = 40;
const leastActions = 25;
/** So many actions bring forty inputs, or none will. */
const mostActions = 400;
const mostEnds = 600;

export function setOut(world: Watched, seed: number, without: ReadonlySet<number> = new Set()): Plan {
  const random = randomOf(seed);
  const isStaged = seed % 3 === 0;
  if (isStaged) world.open(withStage);
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
    const [retries, previous] = [random.chance(0.1) ? 1 : 0, random.chance(0.15)];
    const times = debounceOf(seed, random);
    manifests.push(taskManifest(`t${at}`, { reads, makes, retries, previous, ...times }));
    const own = previous ? ' of what it made before' : '';
    world.say(() => `t${at} reads ${JSON.stringify(reads)}, makes ${makes.join(', ')}${own}`);
    names.push(...makes);
    tasks.push(`t${at}`);
    products.push(...makes);
  }
  world.release(manifests);
  world.isHeard = random.chance(0.9);
  world.isTold = random.chance(0.7);
  // Runs wait for each other in one schedule of five.
  if (seed % 5 === 4) world.places = 1 + (seed % 3);
  const [sour, settlesFirst] = [random.chance(0.33), random.chance(isStaged ? 0.9 : 0.5)];
  const length = leastActions + random.below(30);
  return {
    seed,
    tasks,
    sources,
    products,
    indexes: isStaged ? [project, stage] : [project],
    sour,
    settlesFirst,
    length,
    without,
    crashAt: random.below(length),
    isOpen: true,
    did: new Map(),
  };
}

/** Where in its course a world is. */
export const placeOf = ({ isReady, at, ends, branch }: Watched): string =>
  `${isReady ? 'on' : 'first'} ${at} ${ends} ${branch}`;

/** @returns undefined when everything is at rest and nothing more is planned */
export function move(plan: Plan, world: Watched): boolean {
  world.goOn();
  if (!world.isReady) {
    if (!plan.settlesFirst || !restMore(plan, world)) {
      world.isReady = true;
      world.starts = undefined;
    }
    return true;
  }
  const isLong = world.at < plan.length || (plan.isOpen && world.inputs < minInputs);
  if (!isLong || world.at >= mostActions) return restMore(plan, world);
  const { at } = world;
  world.at += 1;
  if (plan.without.has(at)) return true;
  if (at === plan.crashAt) world.crash({ feedFirst: plan.seed % 2 === 0 });
  act({ ...plan, world, random: chanceOf(plan, world, at) });
  return true;
}

const chanceOf = ({ seed }: Plan, { branch }: Watched, place: number): Random =>
  randomOf(seed * 1_009 + place + branch * 7_919_003);

function act(course: Course): void {
  const { random, world, did } = course;
  const among = hasOperators(course.seed) ? withOperators : actions;
  let at = random.next() * weightsOf(among);
  const action = among.find(({ weight }) => (at -= weight) < 0)!;
  did.set(action.name, (did.get(action.name) ?? 0) + 1);
  try {
    action.act(course);
  } catch (error) {
    // People are refused now and then; that is part of the schedule.
    if (!(error instanceof PiplError)) throw error;
    world.say(() => `  refused: ${error.message}`);
  }
}

const withOperators = [...actions, ...operatorActions];
const weightsOf = (among: readonly Action[]): number => among.reduce((sum, { weight }) => sum + weight, 0);

/**
 * No outside input any more: everything that runs ends well, everything that can be told is told, one at a time.
 * @returns was there anything left?
 */
function restMore(plan: Plan, world: Watched): boolean {
  if (world.deliver() || world.perform()) return true;
  if (world.starts === undefined) world.say(() => 'nobody does anything any more');
  world.starts ??= new Map();
  if (world.ends > mostEnds) throw new Violation('it does not come to rest');
  const random = chanceOf(plan, world, mostActions + world.ends);
  return endOne(world, random);
}

/** @returns was there a run to end, or a time to wait for? */
function endOne(world: Watched, random: Random): boolean {
  const { tasks, runs } = world.state.records;
  const attempts = [...tasks.values()].flatMap(({ attempt }) =>
    attempt === undefined || world.engine.get(attempt)?.state.is === 'waiting' ? [] : [attempt],
  );
  const attempt = random.pick(attempts);
  const isLate = [...tasks.values()].some(({ status }) => status.is === 'backing-off');
  if (attempt === undefined && !isLate) return false;
  world.ends += 1;
  if (attempt === undefined) {
    world.waited += 60;
    world.take({ is: 'tick', at: world.now() });
    return true;
  }
  const run = world.engine.get(attempt);
  if (run === undefined) throw new Violation(`${attempt} was never submitted`);
  if (run.state.is === 'running') {
    if (!publish(world, attempt))
      throw new Violation(`the release of ${attempt} is refused: ${JSON.stringify(run.state)}`);
  } else {
    // Machinery and retries may start it again.
    world.starts?.delete(startKey(runs.get(attempt)!));
    tell(world, attempt);
  }
  return true;
}
