/**
 * One random schedule: a project of eight to eleven tasks, at least forty inputs in an order that nobody planned,
 * crashes among them, then rest. The same seed gives the same schedule.
 */
import { buildView, pick, PiplError } from '@pipl/packl';
import type { Rules } from '../rules.ts';
import type { RunRecord, State } from '../types.ts';
import { actions } from './actions.ts';
import { checkState, checkStep, resolveHash, Violation } from './invariants.ts';
import { randomOf } from './random.ts';
import type { Random } from './random.ts';
import { checkRest } from './rest.ts';
import { codeManifest, productManifest, project, taskManifest, World } from './world.ts';

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

export interface Schedule {
  readonly world: Watched;
  readonly random: Random;
  readonly tasks: readonly string[];
  readonly sources: readonly string[];
  readonly products: readonly string[];
  readonly story: string[];
  /** one in three: whatever can fail, fails often, and people take back what they published */
  readonly sour: boolean;
}

/** A world in which every input is followed by a look at everything that must hold. */
export class Watched extends World {
  inputs = 0;
  crashes = 0;
  /** tasks that were published */
  defined = 0;
  readonly story: string[] = [];
  /** `task lock` that gave up, until somebody asks for a retry */
  readonly gaveUp = new Set<string>();
  /** hears of each start */
  onStart: (run: RunRecord) => void = () => {};

  override take(input: Parameters<World['take']>[0]): void {
    const before: State = this.state;
    super.take(input);
    this.inputs += 1;
    checkStep(before, this.state, (run) => this.started(run));
    checkState(this.state);
  }

  private started(run: RunRecord): void {
    this.story.push(
      `  ${run.task} starts: ${run.attempt.slice(0, 6)}…${run.attempt.slice(-2)} ${JSON.stringify(run.lock.direct)}`,
    );
    if (this.gaveUp.has(`${run.task} ${run.lock.hash}`))
      throw new Violation(`${run.task} tries failed inputs again`);
    this.onStart(run);
  }

  /** A retry allows what the task resolves to now. */
  allow(task: string): void {
    this.gaveUp.delete(`${task} ${resolveHash(this.state, task)}`);
  }
}

const minInputs = 40;
const ranges = ['^1.0.0', '^1.0.0', '^1.0.0', '>=1.0.0', '*', '~1.0.0', '1.0.0', '<1.2.0', 'latest'];

export function runSchedule(seed: number, rules?: Rules): Outcome {
  const random = randomOf(seed);
  const world = new Watched(rules === undefined ? {} : { rules });
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
    for (let at = 0; at < length || world.inputs < minInputs; at += 1) {
      if (at === crashAt) crash(world);
      act(schedule);
    }
    comeToRest(schedule);
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

export function someReads(random: Random, names: readonly string[]): Record<string, string> {
  const reads: Record<string, string> = {};
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    // The newest names are likelier, so that graphs grow deep.
    const near = random.chance(0.6) ? names.slice(-4) : names;
    reads[random.pick(near)!] = random.pick(ranges)!;
  }
  return reads;
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

/** The runner of an attempt is done; what it makes follows from what it reads, and is often the same. */
export function publish(world: Watched, attempt: string): boolean {
  const { task, lock } = world.state.records.runs.get(attempt)!;
  const contents = Object.entries(lock.direct).map(([name, version]) => {
    const manifest = [...world.rows.values()].find(
      (row) => row.name === name && row.version === version,
    )?.manifest;
    return manifest?.pipl?.kind === 'product' ? String(manifest.pipl.metadata?.['content']).length : 0;
  });
  const sum = contents.reduce((one, other) => one * 3 + other, 7);
  const { products } = world.engine.get(attempt)!.ticket;
  const made = Object.fromEntries(
    products.map(({ name }, at) => [name, 'x'.repeat(1 + ((sum + at + task.length) % 3))]),
  );
  const before = world.feed.length;
  const current = currentContents(world, Object.keys(made));
  const accepted = world.publishRun(attempt, made);
  for (const { name, op } of world.feed.slice(before)) {
    if (op === 'publish' && current.get(name) === made[name])
      throw new Violation(`${task} published the same ${name} again`);
  }
  world.story.push(
    `  ${task} ${attempt.slice(0, 6)}…${attempt.slice(-2)} publishes: ${accepted ? 'let in' : 'refused'}`,
  );
  return accepted;
}

export function tell(world: Watched, attempt: string): void {
  const { state } = world.engine.get(attempt)!;
  while (world.deliver()) continue;
  const run = world.state.records.runs.get(attempt)!;
  const current = world.state.records.tasks.get(`${run.index} ${run.task}`)?.attempt === attempt;
  const retries = world.engine.get(attempt)!.ticket.field.policy?.retries ?? 0;
  if (current && state.is === 'failed' && retries === 0) world.gaveUp.add(`${run.task} ${run.lock.hash}`);
  world.tell(attempt);
}

/** What whoever asks for these products gets now; nothing while a cut wave sees something else. */
function currentContents(
  { state, rows, tags, indexes }: Watched,
  names: readonly string[],
): Map<string, unknown> {
  const isCut = [...state.records.waves.values()].some(
    (wave) => wave.state === 'open' && wave.cut !== undefined,
  );
  if (isCut) return new Map();
  const mine = [...rows.values()].filter(({ name }) => names.includes(name));
  const view = buildView({ index: project, indexes, rows: mine, tags: tags.values() });
  return new Map(
    names.map((name) => {
      const field = pick(view, name, '*')?.manifest.pipl;
      return [name, field?.kind === 'product' ? field.metadata?.['content'] : undefined];
    }),
  );
}
