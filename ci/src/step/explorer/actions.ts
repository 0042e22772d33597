/** What can happen, and how often: people, runs, the machinery, and the feed that tells of it late or twice. */
import semver from 'semver';
import type { ReleaseType } from 'semver';
import { Violation } from './invariants.ts';
import { publish, someReads, tell } from './watched.ts';
import type { Schedule } from './watched.ts';
import { productManifest, taskManifest } from './world.ts';

interface Action {
  readonly name: string;
  readonly weight: number;
  readonly act: (schedule: Schedule) => void;
}

export const actions: readonly Action[] = [
  { name: 'deliver', weight: 30, act: ({ world }) => void world.deliver() },
  { name: 'perform', weight: 30, act: ({ world }) => void world.perform() },
  { name: 'deliver again', weight: 4, act: deliverAgain },
  { name: 'publish a source', weight: 12, act: publishSource },
  { name: 'publish a product by hand', weight: 4, act: publishProduct },
  { name: 'edit a task', weight: 4, act: editTask },
  { name: 'withdraw', weight: 5, act: withdraw },
  { name: 'deprecate', weight: 3, act: deprecate },
  { name: 'tag', weight: 2, act: tag },
  { name: 'finish', weight: 18, act: finish },
  { name: 'fail', weight: 6, act: ({ world, ...rest }) => endRunning({ world, ...rest }, 'failed') },
  { name: 'lose', weight: 4, act: ({ world, ...rest }) => endRunning({ world, ...rest }, 'lost') },
  { name: 'tell', weight: 8, act: tellOne },
  { name: 'late result', weight: 4, act: lateResult },
  { name: 'start', weight: 3, act: tellStart },
  { name: 'cancel', weight: 1, act: cancel },
  { name: 'retry', weight: 4, act: retry },
  { name: 'wait', weight: 3, act: wait },
  { name: 'crash', weight: 2, act: () => {} },
];

function deliverAgain({ world, random }: Schedule): void {
  const change = world.cursor === 0 ? undefined : world.feed[random.below(world.cursor)];
  if (change === undefined) return;
  if (world.take(world.inputOf(change)).writes.length > 0)
    throw new Violation(`change ${change.seq} counted twice`);
}

const versionsOf = ({ world }: Schedule, name: string): string[] =>
  [...world.rows.values()].filter((row) => row.name === name).map(({ version }) => version);

function nextVersion(schedule: Schedule, name: string): string {
  const { random } = schedule;
  const versions = versionsOf(schedule, name);
  const from = random.chance(0.8) ? semver.rsort([...versions])[0] : random.pick(versions);
  const steps: readonly ReleaseType[] = ['patch', 'patch', 'minor', 'minor', 'minor', 'major', 'prerelease'];
  return semver.inc(from ?? '0.9.9', random.pick(steps)!)!;
}

function publishSource(schedule: Schedule): void {
  const { world, random, sources, story } = schedule;
  const name = random.pick(sources)!;
  const version = nextVersion(schedule, name);
  story.push(`ana publishes ${name}@${version}`);
  world.release([productManifest(name, version, 'y'.repeat(1 + random.below(6)))]);
}

function publishProduct(schedule: Schedule): void {
  const { world, random, products, story } = schedule;
  const name = random.pick(products)!;
  const version = nextVersion(schedule, name);
  story.push(`ana publishes ${name}@${version} by hand`);
  world.release([productManifest(name, version, 'x'.repeat(1 + random.below(4)))]);
}

function editTask(schedule: Schedule): void {
  const { world, random, tasks, story } = schedule;
  const name = random.pick(tasks)!;
  const row = [...world.rows.values()].findLast((one) => one.name === name)!;
  if (row.manifest.pipl?.kind !== 'task') return;
  const makes = Object.values(row.manifest.pipl.products);
  const { types: _, ...old } = row.manifest.dependencies!;
  const names = [...schedule.sources, ...schedule.products].filter((one) => !makes.includes(one));
  const reads = random.chance(0.5) ? old : someReads(random, names);
  const version = nextVersion(schedule, name);
  story.push(`ana publishes ${name}@${version}, reads ${JSON.stringify(reads)}`);
  world.release([taskManifest(name, { version, reads, makes })]);
}

function withdraw(schedule: Schedule): void {
  const { world, random, sources, products, tasks, story } = schedule;
  const made = schedule.sour ? [] : products;
  const name = random.pick([...sources, ...sources, ...made, ...(random.chance(0.1) ? tasks : [])])!;
  // What came last is what runs read.
  const version = random.pick(
    versionsOf(schedule, name).slice(random.chance(schedule.sour ? 0.9 : 0.5) ? -1 : -3),
  );
  if (version === undefined) return;
  story.push(`ana withdraws ${name}@${version}`);
  world.withdraw(name, version);
}

function deprecate(schedule: Schedule): void {
  const { world, random, sources, products, story } = schedule;
  const name = random.pick([...sources, ...products])!;
  const version = random.pick(versionsOf(schedule, name).slice(-3));
  if (version === undefined) return;
  const op = random.chance(0.6) ? 'deprecate' : 'undeprecate';
  story.push(`ana ${op}s ${name}@${version}`);
  world[op](name, version);
}

function tag(schedule: Schedule): void {
  const { world, random, sources, story } = schedule;
  const name = random.pick(sources)!;
  if (random.chance(0.5)) {
    story.push(`ana frees ${name}`);
    return world.untag(name, 'latest');
  }
  const version = random.pick(versionsOf(schedule, name))!;
  story.push(`ana holds ${name} at ${version}`);
  world.tag(name, 'latest', version);
}

const runningOf = ({ world, random }: Schedule): string | undefined =>
  random.pick(
    [...world.engine].filter(([, { state }]) => state.is === 'running').map(([attempt]) => attempt),
  );

function finish(schedule: Schedule): void {
  if (schedule.sour && schedule.random.chance(0.6)) return endRunning(schedule, 'failed');
  const attempt = runningOf(schedule);
  if (attempt !== undefined) publishChecked(schedule, attempt);
}

/** A runner that lives on after its attempt is over must not get in. */
function lateResult(schedule: Schedule): void {
  const { world, random } = schedule;
  const attempt = random.pick([...world.engine.keys()]);
  if (attempt !== undefined) publishChecked(schedule, attempt);
}

function publishChecked({ world }: Schedule, attempt: string): void {
  const run = world.state.records.runs.get(attempt)!;
  const isOver = run.endedAt !== undefined && run.outcome === undefined;
  const before = world.feed.length;
  const accepted = publish(world, attempt);
  const published = world.feed.slice(before);
  if (accepted && isOver && published.length > 0)
    throw new Violation(`${attempt} was ${run.state}, and yet let in`);
}

function endRunning(schedule: Schedule, end: 'failed' | 'lost'): void {
  const { world, random, story } = schedule;
  const attempt = runningOf(schedule);
  if (attempt === undefined) return;
  story.push(`  ${world.state.records.runs.get(attempt)!.task} ${attempt.slice(0, 6)} is ${end}`);
  world.engine.get(attempt)!.state = { is: end, reason: 'by chance' };
  if (random.chance(0.7)) tell(world, attempt);
}

function tellOne({ world, random }: Schedule): void {
  const attempt = random.pick([...world.engine.keys()]);
  if (attempt !== undefined) tell(world, attempt);
}

function tellStart({ world, random }: Schedule): void {
  const attempt = random.pick([...world.engine.keys()]);
  if (attempt !== undefined) world.take({ is: 'run-started', attempt, at: world.now() });
}

function cancel(schedule: Schedule): void {
  const { world, story } = schedule;
  const attempt = runningOf(schedule);
  if (attempt === undefined) return;
  story.push(`ana cancels ${attempt.slice(0, 6)}`);
  world.take({ is: 'cancel', attempt, at: world.now() });
}

function retry({ world, random, tasks, story }: Schedule): void {
  const task = random.pick(tasks)!;
  story.push(`ana retries ${task}`);
  world.allow(task);
  world.take({ is: 'retry', task, at: world.now() });
}

function wait({ world, random }: Schedule): void {
  world.seconds += random.below(40);
  world.take({ is: 'tick', at: world.now() });
}
