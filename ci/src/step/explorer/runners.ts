/** What the runners of a watched world do, and what their engine tells of them. */
import { buildView, pick } from '@pipl/packl';
import type { IndexName } from '@pipl/packl';
import { versionKey } from '../types.ts';
import { Violation } from './invariants.ts';
import { placeWords } from './watched.ts';
import type { Watched } from './watched.ts';
import { project } from './world.ts';

/** The runner of an attempt is done; what it makes follows from what it reads, and is often the same. */
export function publish(world: Watched, attempt: string): boolean {
  const { task, index, lock, builtOn = [] } = world.state.records.runs.get(attempt)!;
  const read = [...Object.entries(lock.direct), ...builtOn.map(({ name, version }) => [name, version])];
  const contents = read.map(([name = '', version = '']) => {
    const row =
      world.rows.get(versionKey(index, name, version)) ?? world.rows.get(versionKey(project, name, version));
    const field = row?.manifest.pipl;
    return field?.kind === 'product' ? String(field.metadata?.['content']).length : 0;
  });
  const sum = contents.reduce((one, other) => one * 3 + other, 7);
  const { products } = world.engine.get(attempt)!.ticket;
  const made = Object.fromEntries(
    products.map(({ name }, at) => [name, 'x'.repeat(1 + ((sum + at + task.length) % 3))]),
  );
  const before = world.feed.length;
  const current = currentContents(world, index, Object.keys(made));
  const accepted = world.publishRun(attempt, made);
  for (const { name, op } of world.feed.slice(before)) {
    if (op === 'publish' && current.get(name) === made[name])
      throw new Violation(`${task} published the same ${name} again`);
  }
  world.say(
    () =>
      `  ${task} ${attempt.slice(0, 6)}…${attempt.slice(-2)} publishes${placeWords(index)}: ${accepted ? 'let in' : 'refused'}`,
  );
  return accepted;
}

export function tell(world: Watched, attempt: string): void {
  const { state } = world.engine.get(attempt)!;
  world.readOn();
  const run = world.state.records.runs.get(attempt)!;
  const current = world.state.records.tasks.get(`${run.index} ${run.task}`)?.attempt === attempt;
  const retries = world.engine.get(attempt)!.ticket.field.policy?.retries ?? 0;
  if (current && state.is === 'failed' && retries === 0)
    world.gaveUp.add(`${run.index} ${run.task} ${run.lock.hash}`);
  world.tell(attempt);
}

export function publishChecked({ world }: { readonly world: Watched }, attempt: string): void {
  const run = world.state.records.runs.get(attempt)!;
  const isOver = run.endedAt !== undefined && run.outcome === undefined;
  const before = world.feed.length;
  const accepted = publish(world, attempt);
  const published = world.feed.slice(before);
  if (accepted && isOver && published.length > 0)
    throw new Violation(`${attempt} was ${run.state}, and yet let in`);
  if (world.isTold && world.engine.get(attempt)!.state.is === 'failed') tell(world, attempt);
}

/** What whoever asks for these products gets now; nothing while a cut wave sees something else. */
function currentContents(
  { state, rows, tags, indexes }: Watched,
  index: IndexName,
  names: readonly string[],
): Map<string, unknown> {
  const isCut = [...state.records.waves.values()].some(
    (wave) => wave.state === 'open' && wave.cut !== undefined,
  );
  if (isCut) return new Map();
  const mine = [...rows.values()].filter(({ name }) => names.includes(name));
  const view = buildView({ index, indexes, rows: mine, tags: tags.values() });
  return new Map(
    names.map((name) => {
      const field = pick(view, name, '*')?.manifest.pipl;
      return [name, field?.kind === 'product' ? field.metadata?.['content'] : undefined];
    }),
  );
}
