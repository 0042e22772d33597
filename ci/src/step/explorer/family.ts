/**
 * All schedules of one seed. One goes as chance has it; from it others branch off at every event, where the server
 * dies and comes back in some way, and goes on as it would have. What schedules share is run once:
 *
 * - up to where they branch off, and what is loaded from the same records and the same registry;
 * - what follows when a schedule comes to a place where another one was in exactly the same state (`prints.ts`):
 *   what comes next follows from state and place alone (`course.ts`), and was looked at then.
 *
 * A schedule counts when it was run to its end, or up to where the rest of it had been run; and none counts twice:
 * where nothing happened since the last event, none branches off.
 */
import type { Rules } from '../rules.ts';
import type { Live } from '../state.ts';
import type { StoredRecord } from '../types.ts';
import { minInputs, move, placeOf, setOut } from './course.ts';
import type { Plan } from './course.ts';
import { checkState, Violation } from './invariants.ts';
import { randomOf } from './random.ts';
import type { Random } from './random.ts';
import { checkRest } from './rest.ts';
import { chanceOfWay, cutsOf, endOf } from './schedule.ts';
import type { Branch } from './schedule.ts';
import { Watched } from './watched.ts';
import { comeBack, isWay, start, ways } from './ways.ts';
import type { Way } from './ways.ts';

/** The world as it was after an event. */
interface Point {
  readonly move: number;
  readonly event: number;
  readonly world: Watched;
  readonly kept: readonly StoredRecord[];
  /** what a crash leaves */
  readonly keptPrint: string;
  readonly print: string;
}

/** What is left of a schedule from somewhere. */
interface Rest {
  readonly inputs: number;
  readonly crashes: number;
  /** what it came to */
  readonly end: string;
}

/** The ways that are not gone from every point: with most of them, no rest is known, and it takes long. */
const oftenOf: { readonly [Some in Way]?: number } = {
  'feed first': 0.4,
  'dies twice': 0.15,
  'dies half-way': 0.1,
  otherwise: 0.03,
};
const mostOthers = 2;

/** How the end of a schedule was found. */
export type Ending = 'at once' | 'later' | 'to its end';

export interface Told {
  /** undefined: as chance had it */
  readonly branch: Branch | undefined;
  readonly ending: Ending;
  /** of the whole schedule */
  readonly inputs: number;
  readonly crashes: number;
  readonly end: string;
  /** inputs that were taken for this schedule alone */
  readonly steps: number;
  /** runs and cut waves, of a schedule that was run to its end */
  readonly runs?: number;
  readonly cuts?: number;
}

export interface FamilyOptions {
  readonly rules: Rules;
  /** told of every schedule that ended well */
  readonly told: (schedule: Told, plan: Plan) => void;
  /** by chance at so many of the points; at all of them unless told */
  readonly share?: number;
}

/** @returns what was broken, and in which schedule of the family */
export function runFamily(
  seed: number,
  options: FamilyOptions,
): { readonly violation: string; readonly branch?: Branch } | undefined {
  const family = new Family(seed, options);
  let branch: Branch | undefined;
  try {
    const points = family.runFirst();
    const random = randomOf(seed * 31 + 7);
    for (const point of points) {
      if (options.share !== undefined && !random.chance(options.share)) continue;
      family.runPoint(point, random, (way) => (branch = { move: point.move, event: point.event, way }));
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { violation: error.message, ...(branch === undefined ? {} : { branch }) };
  }
}

class Family {
  private readonly options: FamilyOptions;
  private readonly plan: Plan;
  private readonly first: Watched;
  /** place and print → what is left from there */
  private readonly visited = new Map<string, Rest>();
  private loaded: { readonly print: string; readonly state: Live } | undefined;
  private others = 0;

  constructor(seed: number, options: FamilyOptions) {
    this.options = options;
    this.first = new Watched({ rules: options.rules });
    this.plan = setOut(this.first, seed);
  }

  /** The schedule that chance makes. @returns where others branch off */
  runFirst(): Point[] {
    const { first, plan } = this;
    const points: Point[] = [];
    const passed: Passed[] = [];
    let [moves, event, last] = [0, 0, ''];
    const look = (): void => {
      const keptPrint = first.prints.ofKept(first);
      const print = first.prints.of(first, keptPrint);
      // Where nothing is other than before, a crash is the one that came before.
      if (print !== last)
        points.push(pointOf(first, { move: moves, event, print, keptPrint }, points.at(-1)));
      last = print;
    };
    first.onEvent = () => {
      event += 1;
      look();
    };
    for (let more = true; more; moves += 1) {
      event = 0;
      more = move(plan, first);
      event = 0;
      look();
      passed.push([`${placeOf(first)} ${last}`, { inputs: first.inputs, crashes: first.crashes }]);
      checkState(first.state);
    }
    checkRest(first);
    plan.length = Math.max(plan.length, first.at);
    plan.isOpen = false;
    this.conclude(first, { passed, branch: undefined, before: 0 });
    return points;
  }

  /** The schedules that branch off here; those that hear the same first share that. */
  runPoint(point: Point, random: Random, begin: (way: Way) => Branch): void {
    point.world.state = this.load(point);
    const chosen = this.waysAt(point, random);
    for (const first of ['feed first', 'engine first'] as const) {
      const sharing = chosen.filter((way) => (way === 'feed first') === (first === 'feed first'));
      if (sharing.length === 0) continue;
      begin(first);
      const started = point.world.fork();
      let before = started.inputs;
      try {
        started.dieInto(started.state);
        start(first, started);
        for (const way of sharing) {
          this.runWay(started, begin(way), before);
          before = started.inputs;
        }
      } finally {
        started.takeBack();
      }
    }
  }

  private waysAt({ world }: Point, random: Random): Way[] {
    return ways.filter((way) => {
      if (!random.chance(oftenOf[way] ?? 1)) return false;
      if (way === 'otherwise' && (this.others += 1) > mostOthers) return false;
      return isWay(way, world);
    });
  }

  private runWay(from: Watched, branch: Branch, before: number): void {
    const world = from.fork();
    try {
      comeBack(branch.way, { ...this.plan, world, random: chanceOfWay(this.plan, branch) });
      this.follow(world, { branch, before });
    } finally {
      world.takeBack();
    }
  }

  private load(point: Point): Live {
    if (this.loaded?.print !== point.keptPrint) {
      const state = point.world.load(point.kept);
      checkState(state);
      this.loaded = { print: point.keptPrint, state };
    }
    return this.loaded.state;
  }

  /** To the end, or to where the rest is known. */
  private follow(
    world: Watched,
    { branch, before }: { readonly branch: Branch; readonly before: number },
  ): void {
    const passed: Passed[] = [];
    for (;;) {
      const key = `${placeOf(world)} ${world.prints.of(world)}`;
      const rest = this.visited.get(key);
      if (rest !== undefined) return this.conclude(world, { passed, branch, before, rest });
      checkState(world.state);
      passed.push([key, { inputs: world.inputs, crashes: world.crashes }]);
      if (!move(this.plan, world)) break;
    }
    checkRest(world);
    this.conclude(world, { passed, branch, before });
  }

  /** A schedule ended well: tells of it, and remembers what was left of it everywhere that it passed. */
  private conclude(world: Watched, { passed, branch, before, rest }: Conclusion): void {
    const { inputs, crashes, end } = rest ?? { inputs: 0, crashes: 0, end: endOf(world) };
    const whole = { inputs: world.inputs + inputs, crashes: world.crashes + crashes, end };
    for (const [key, there] of passed)
      this.visited.set(key, {
        inputs: whole.inputs - there.inputs,
        crashes: whole.crashes - there.crashes,
        end,
      });
    const ending = rest === undefined ? 'to its end' : passed.length === 0 ? 'at once' : 'later';
    const ran = rest === undefined ? { runs: world.state.records.runs.size, cuts: cutsOf(world) } : {};
    this.options.told({ branch, ending, ...whole, steps: world.inputs - before, ...ran }, this.plan);
  }
}

/** A place and what it was like, and how much had been done there. */
type Passed = readonly [string, { readonly inputs: number; readonly crashes: number }];

interface Conclusion {
  readonly passed: readonly Passed[];
  readonly branch: Branch | undefined;
  /** inputs that were taken for others too */
  readonly before: number;
  /** what is left, where that is known */
  readonly rest?: Rest;
}

const pointOf = (
  world: Watched,
  at: Pick<Point, 'move' | 'event' | 'print' | 'keptPrint'>,
  before: Point | undefined,
): Point => ({
  ...at,
  world: world.fork(),
  kept: before?.keptPrint === at.keptPrint ? before.kept : world.prints.reread(world),
});

/** Does it count as a schedule? */
export const isLongEnough = ({ inputs, crashes }: Told): boolean => inputs >= minInputs && crashes > 0;
