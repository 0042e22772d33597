/**
 * A world that looks, after every input, at everything that must hold; and what the runners in it do.
 */
import { buildView, pick } from '@pipl/packl';
import type { Advance } from '../decide.ts';
import type { RunRecord } from '../types.ts';
import { checkState, checkStep, hashIn, Violation } from './invariants.ts';
import type { Watch } from './invariants.ts';
import type { Random } from './random.ts';
import { project, World } from './world.ts';

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

  private readonly watch: Watch = { before: new Map(), started: (run) => this.started(run) };

  override take(input: Parameters<World['take']>[0]): Advance {
    const advanced = super.take(input);
    this.inputs += 1;
    checkStep(this.state, advanced, this.watch);
    return advanced;
  }

  private started(run: RunRecord): void {
    this.story.push(
      `  ${run.task} starts: ${run.attempt.slice(0, 6)}…${run.attempt.slice(-2)} ${JSON.stringify(run.lock.direct)}`,
    );
    if (this.gaveUp.has(`${run.task} ${run.lock.hash}`))
      throw new Violation(`${run.task} tries failed inputs again`);
    this.onStart(run);
  }

  override crash(): void {
    checkState(this.state);
    super.crash();
    checkState(this.state);
  }

  /** A retry allows what the task resolves to now. */
  allow(task: string): void {
    this.gaveUp.delete(`${task} ${hashIn(this.state, task)}`);
  }
}

const ranges = ['^1.0.0', '^1.0.0', '^1.0.0', '>=1.0.0', '*', '~1.0.0', '1.0.0', '<1.2.0', 'latest'];

export function someReads(random: Random, names: readonly string[]): Record<string, string> {
  const reads: Record<string, string> = {};
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    // The newest names are likelier, so that graphs grow deep.
    const near = random.chance(0.6) ? names.slice(-4) : names;
    reads[random.pick(near)!] = random.pick(ranges)!;
  }
  return reads;
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
