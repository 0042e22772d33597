/** The ways in which a server dies and comes back; after each of them everything goes on as it would have. */
import type { Course } from './course.ts';
import { Violation } from './invariants.ts';
import { isUnderWay } from '../under-way.ts';
import { publishChecked } from './runners.ts';
import type { Watched } from './watched.ts';

export const ways = [
  /** the engine is heard before the feed */
  'engine first',
  /** the feed is read to its end before the engine is heard */
  'feed first',
  /** changes that were taken come again, and so do ends of runs */
  'told twice',
  /** a runner whose attempt is over publishes to the new server */
  'late result',
  /** it dies again before any effect is done */
  'dies twice',
  /** it dies again when one effect was done */
  'dies half-way',
  /** from then on everything else happens than would have */
  'otherwise',
] as const;
export type Way = (typeof ways)[number];

/** Could it come back in this way here? What would change nothing is no way of its own. */
export function isWay(way: Way, world: Watched): boolean {
  switch (way) {
    case 'engine first':
    case 'dies twice':
    case 'otherwise':
      return true;
    case 'feed first':
      return world.cursor < world.feed.length;
    case 'told twice':
      return world.cursor > 0;
    case 'late result':
      return overAttempts(world).length > 0;
    case 'dies half-way':
      return world.state.records.tickets.keys().some((attempt) => !world.engine.has(attempt));
  }
}

/** What is heard first. */
export const start = (way: Way, world: Watched): void => world.start(way === 'feed first');

/** The server was loaded and has started: what is out of the ordinary then. */
export function comeBack(way: Way, course: Course): void {
  const { world, random } = course;
  switch (way) {
    case 'engine first':
    case 'feed first':
      return;
    case 'told twice':
      return tellAgain(course);
    case 'late result':
      return publishChecked(course, random.pick(overAttempts(world))!);
    case 'dies half-way':
      world.perform();
      return world.crash({ feedFirst: random.chance(0.5) });
    case 'dies twice':
      return world.crash({ feedFirst: random.chance(0.5) });
    case 'otherwise':
      world.branch = 1 + random.below(1_000_000);
  }
}

const overAttempts = (world: Watched): string[] =>
  world.begunAttempts().filter((attempt) => {
    const run = world.state.records.runs.get(attempt);
    return run !== undefined && !isUnderWay(run);
  });

function tellAgain({ world, random }: Course): void {
  const { cursor } = world;
  for (const change of world.feed.slice(Math.max(0, cursor - 1 - random.below(4)), cursor)) {
    world.say(() => `change ${change.seq} comes again`);
    if (world.take(world.inputOf(change)).writes.length > 0)
      throw new Violation(`change ${change.seq} counted twice`);
  }
  const attempt = random.pick(overAttempts(world));
  if (attempt === undefined) return;
  world.say(() => `${attempt} is said once more to have ended`);
  world.take({ is: 'run-ended', attempt, end: world.engine.get(attempt)!.state, at: world.now() });
}
