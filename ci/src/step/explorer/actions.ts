/** What can happen, and how often: people, runs, the machinery, and the feed that tells of it late or twice. */
import semver from 'semver';
import type { ReleaseType } from 'semver';
import type { IndexName } from '@pipl/packl';
import { Violation } from './invariants.ts';
import { promote } from './staging.ts';
import { publishChecked, tell } from './runners.ts';
import { someReads } from './some-reads.ts';
import type { Course } from './course.ts';
import { productManifest, project, stage, taskManifest } from './world.ts';

export interface Action {
  readonly name: string;
  readonly weight: number;
  readonly act: (course: Course) => void;
}

export const actions: readonly Action[] = [
  { name: 'deliver', weight: 24, act: ({ world }) => void world.deliver() },
  { name: 'catch up', weight: 10, act: ({ world }) => world.readOn() },
  { name: 'perform', weight: 30, act: ({ world }) => void world.perform() },
  { name: 'deliver again', weight: 4, act: deliverAgain },
  { name: 'publish a source', weight: 12, act: publishSource },
  { name: 'publish a product by hand', weight: 4, act: publishProduct },
  { name: 'edit a task', weight: 4, act: editTask },
  // Without a stage there is nothing to promote: then it is a run that ends.
  { name: 'try and promote', weight: 7, act: (course) => (isStaged(course) ? promote : finish)(course) },
  { name: 'withdraw', weight: 5, act: withdraw },
  { name: 'deprecate', weight: 3, act: deprecate },
  { name: 'tag', weight: 2, act: tag },
  { name: 'finish', weight: 18, act: finish },
  { name: 'fail', weight: 6, act: (course) => endRunning(course, 'failed') },
  { name: 'lose', weight: 4, act: (course) => endRunning(course, 'lost') },
  { name: 'tell', weight: 8, act: tellOne },
  { name: 'late result', weight: 4, act: lateResult },
  { name: 'start', weight: 3, act: tellStart },
  { name: 'cancel', weight: 1, act: cancel },
  { name: 'retry', weight: 4, act: retry },
  { name: 'wait', weight: 3, act: wait },
  { name: 'crash', weight: 2, act: ({ world, random }) => world.crash({ feedFirst: random.chance(0.5) }) },
];

function deliverAgain({ world, random }: Course): void {
  const change = world.cursor === 0 ? undefined : world.feed[random.below(world.cursor)];
  if (change === undefined) return;
  if (world.take(world.inputOf(change)).writes.length > 0)
    throw new Violation(`change ${change.seq} counted twice`);
}

const versionsOf = ({ world }: Course, name: string): string[] =>
  [...world.rows.values()].filter((row) => row.name === name).map(({ version }) => version);

function nextVersion(course: Course, name: string): string {
  const { random } = course;
  const versions = versionsOf(course, name);
  const from = random.chance(0.8) ? semver.rsort([...versions])[0] : random.pick(versions);
  const steps: readonly ReleaseType[] = ['patch', 'patch', 'minor', 'minor', 'minor', 'major', 'prerelease'];
  return semver.inc(from ?? '0.9.9', random.pick(steps)!)!;
}

function publishSource(course: Course): void {
  const { world, random, sources } = course;
  if (isStaged(course) && random.chance(0.5)) return promote(course);
  const name = random.pick(sources)!;
  const index = indexOf(course);
  const version = newVersion(course, index, name);
  world.say(() => `ana publishes ${name}@${version}${at(index)}`);
  world.release([productManifest(name, version, 'y'.repeat(1 + random.below(6)))], { index });
}

/** In a stage now and then what hides a version of the project. */
const newVersion = (course: Course, index: IndexName, name: string): string =>
  (index === stage && course.random.chance(0.1) ? course.random.pick(versionsOf(course, name)) : undefined) ??
  nextVersion(course, name);

const isStaged = ({ indexes }: Course): boolean => indexes.length > 1;

const indexOf = ({ indexes, random }: Course): IndexName =>
  indexes.length === 1 ? indexes[0]! : random.pick(indexes)!;

const at = (index: IndexName): string => (index === project ? '' : ` to ${index}`);

function publishProduct(course: Course): void {
  const { world, random, products } = course;
  const name = random.pick(products)!;
  const index = indexOf(course);
  const version = newVersion(course, index, name);
  world.say(() => `ana publishes ${name}@${version} by hand${at(index)}`);
  world.release([productManifest(name, version, 'x'.repeat(1 + random.below(4)))], { index });
}

function editTask(course: Course): void {
  const { world, random, tasks } = course;
  const name = random.pick(tasks)!;
  const row = [...world.rows.values()].findLast((one) => one.name === name)!;
  if (row.manifest.pipl?.kind !== 'task') return;
  const makes = Object.values(row.manifest.pipl.products);
  const { types: _, ...old } = row.manifest.dependencies!;
  const names = [...course.sources, ...course.products].filter((one) => !makes.includes(one));
  const reads = random.chance(0.5) ? old : someReads(random, names);
  const version = nextVersion(course, name);
  const index = indexOf(course);
  const previous = row.manifest.pipl.previous !== undefined;
  world.say(() => `ana publishes ${name}@${version}${at(index)}, reads ${JSON.stringify(reads)}`);
  world.release([taskManifest(name, { version, reads, makes, previous })], { index });
}

function withdraw(course: Course): void {
  const { world } = course;
  const bad = course.sour ? badInput(course) : course.random.chance(0.2) ? ownInput(course) : undefined;
  const chosen = bad ?? anyVersion(course);
  if (chosen === undefined) return;
  const [name, version] = chosen;
  const index = whereIs(course, name, version);
  world.say(() => `ana withdraws ${name}@${version}${at(index)}`);
  world.withdraw(name, version, index);
}

/** One of the indexes in which the version stands. */
const whereIs = ({ world, random }: Course, name: string, version: string): IndexName => {
  const found = [...world.rows.values()].filter((row) => row.name === name && row.version === version);
  return found.length === 1 ? found[0]!.index : random.pick(found)!.index;
};

function anyVersion(course: Course): [string, string] | undefined {
  const { random, sources, products, tasks, sour } = course;
  const made = sour ? [] : products;
  const name = random.pick([...sources, ...sources, ...made, ...(random.chance(0.1) ? tasks : [])])!;
  // What came last is what runs read.
  const version = random.pick(versionsOf(course, name).slice(random.chance(sour ? 0.9 : 0.5) ? -1 : -3));
  return version === undefined ? undefined : [name, version];
}

/** A new version of a source that a task failed with: taken back, the task reads what it read before. */
function badInput(course: Course): [string, string] | undefined {
  const { world, random, sources } = course;
  const { tasks, runs } = world.state.records;
  const failed = [...tasks.values()].flatMap(({ status }) => (status.is === 'failed' ? status.attempt : []));
  const read = Object.entries(runs.get(random.pick(failed) ?? '')?.lock.direct ?? {});
  return random.pick(read.filter(([name, version]) => sources.includes(name) && version !== '1.0.0'));
}

/** What a task that runs reads of its own products. */
const ownInput = ({ world, random }: Course): [string, string] | undefined =>
  random.pick(
    [...world.state.records.tickets.values()].flatMap(({ previous = [] }) =>
      previous.map(({ name, version }): [string, string] => [name, version]),
    ),
  );

function deprecate(course: Course): void {
  const { world, random, sources, products } = course;
  const name = random.pick([...sources, ...products])!;
  const version = random.pick(versionsOf(course, name).slice(-3));
  if (version === undefined) return;
  const op = random.chance(0.6) ? 'deprecate' : 'undeprecate';
  world.say(() => `ana ${op}s ${name}@${version}`);
  world[op](name, version, whereIs(course, name, version));
}

function tag(course: Course): void {
  const { world, random, sources } = course;
  const name = random.pick(sources)!;
  if (random.chance(0.5)) {
    world.say(() => `ana frees ${name}`);
    return world.untag(name, 'latest');
  }
  const version = random.pick(versionsOf(course, name))!;
  world.say(() => `ana holds ${name} at ${version}`);
  world.tag(name, 'latest', version);
}

const runningOf = ({ world, random }: Course): string | undefined =>
  random.pick(
    [...world.engine].filter(([, { state }]) => state.is === 'running').map(([attempt]) => attempt),
  );

function finish(course: Course): void {
  if (course.sour && course.random.chance(0.6)) return endRunning(course, 'failed');
  const attempt = runningOf(course);
  if (attempt !== undefined) publishChecked(course, attempt);
}

/** A runner that lives on after its attempt is over must not get in. */
function lateResult(course: Course): void {
  const { world, random } = course;
  const attempt = random.pick(world.begunAttempts());
  if (attempt !== undefined) publishChecked(course, attempt);
}

function endRunning(course: Course, end: 'failed' | 'lost'): void {
  const { world, random } = course;
  const attempt = runningOf(course);
  if (attempt === undefined) return;
  world.say(() => `  ${world.state.records.runs.get(attempt)!.task} ${attempt.slice(0, 6)} is ${end}`);
  world.engine.get(attempt)!.state = { is: end, reason: 'by chance' };
  if (world.isTold || random.chance(0.7)) tell(world, attempt);
}

function tellOne({ world, random }: Course): void {
  const attempt = random.pick([...world.engine.keys()]);
  if (attempt !== undefined) tell(world, attempt);
}

function tellStart({ world, random }: Course): void {
  const attempt = random.pick(world.begunAttempts());
  if (attempt !== undefined) world.take({ is: 'run-started', attempt, at: world.now() });
}

function cancel(course: Course): void {
  const { world } = course;
  const attempt = runningOf(course);
  if (attempt === undefined) return;
  world.say(() => `ana cancels ${attempt.slice(0, 6)}`);
  world.take({ is: 'cancel', attempt, at: world.now() });
}

function retry({ world, random, tasks }: Course): void {
  const task = random.pick(tasks)!;
  world.say(() => `ana retries ${task}`);
  world.allow(task);
  world.take({ is: 'retry', task, at: world.now() });
}

function wait({ world, random }: Course): void {
  world.waited += random.below(40);
  world.take({ is: 'tick', at: world.now() });
}
