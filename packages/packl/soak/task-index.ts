/**
 * The index of tasks against its specification: random registries (a child index, every kind of range, tags,
 * prereleases, peers, deprecation, withdrawal), and after each change what it says of every task.
 */
import { buildView, indexName, openLiveView, openTaskIndex, pick, resolveTask, taskOf } from '@pipl/packl';
import type { IndexShape, Row, TagRow, TaskIndex } from '@pipl/packl';
import { Dice } from '../../../scripts/dice.ts';
import type { SoakResult } from '../../../scripts/soak.ts';
import { main, row, taskRow, thirdParty } from '../test/rows.ts';

const atFullScale = 1_000_000;
const changesEach = 60;

export async function soak(scale: number): Promise<SoakResult> {
  const from = Math.floor(Math.random() * 1e9);
  const wanted = Math.round(atFullScale * scale);
  const found = { decisions: 0, woken: 0, registries: 0 };
  const wrong: string[] = [];
  while (found.decisions < wanted && wrong.length < 10) {
    const one = differ(from + found.registries);
    found.decisions += one.decisions;
    found.woken += one.woken;
    found.registries += 1;
    wrong.push(...one.wrong);
  }
  return { tried: found, lost: { wrong: wrong.length }, seed: from, wrong: wrong.slice(0, 10) };
}

/** One registry and its changes. */
export function differ(seed: number): {
  readonly decisions: number;
  readonly woken: number;
  readonly wrong: readonly string[];
} {
  const random = new Dice(seed);
  const world: World = { view: openLiveView(stage, indexes), rows: new Map(), tags: new Map() };
  for (let at = 0; at < 8; at += 1) change(world, random);
  const index = openTaskIndex(world.view);
  const wrong: string[] = [];
  let [decisions, woken] = [0, 0];
  let before = fromScratch(world);
  for (let at = 0; at < changesEach; at += 1) {
    const affected = index.changed(...change(world, random));
    const now = fromScratch(world);
    wrong.push(...compare(index, affected, { before, now }).map((one) => `seed ${seed}, ${at}: ${one}`));
    decisions += now.size;
    woken += affected.size;
    before = now;
  }
  return { decisions, woken, wrong };
}

const stage = indexName('alice/stage');
const indexes: IndexShape[] = [
  { name: stage, bases: [main] },
  { name: main, bases: [] },
];

/** Task name → hash of its lock, or what it misses. */
function fromScratch({ rows, tags }: World): Map<string, string> {
  const view = buildView({ index: stage, indexes, rows: rows.values(), tags: tags.values() });
  const found = new Map<string, string>();
  for (const name of view.names()) {
    const tip = pick(view, name, '*');
    if (tip === undefined || taskOf(tip.manifest) === undefined) continue;
    const resolution = resolveTask(view, tip);
    found.set(name, resolution.ok ? `${tip.version} ${resolution.lock.hash}` : 'missing');
  }
  return found;
}

const names = ['a', 'b', 'c', 'd', 'e', '@pipl/pipe'] as const;
const tasks = ['t1', 't2', 't3'] as const;
const versions = [
  '1.0.0',
  '1.0.5',
  '1.1.0',
  '1.2.0-beta.1',
  '1.2.0',
  '2.0.0',
  '2.1.0-beta.1',
  '3.0.0-rc.1',
] as const;
const ranges = [
  '^1',
  '~1.0.0',
  '*',
  '',
  '1.1.0',
  '<2',
  '>=1.2.0-beta.0 <3',
  'next',
  'latest',
  '^2',
  '^9',
] as const;

function someRanges(random: Dice, most: number): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 0; at < most; at += 1)
    if (random.chance(0.5)) found[random.pick(names)] = random.pick(ranges);
  return found;
}

/** What a packl brings with it of names that the view does not have. */
const everybodyElses = thirdParty(
  Object.fromEntries(names.map((name) => [name, '9.9.9'])),
  Object.fromEntries(names.map((name) => [`${name}@9.9.9`, {}])),
);

function someRow(random: Dice): Row {
  const isTask = random.chance(0.25);
  const spec = `${random.pick(isTask ? tasks : names)}@${random.pick(versions)}`;
  const peerDependencies = random.chance(0.4) ? someRanges(random, 2) : {};
  const optional = Object.keys(peerDependencies).filter(() => random.chance(0.4));
  const manifest = {
    peerDependencies,
    peerDependenciesMeta: Object.fromEntries(optional.map((name) => [name, { optional: true }])),
    ...(random.chance(0.2) ? { optionalDependencies: someRanges(random, 1) } : {}),
    ...(random.chance(0.01) ? { description: 'content' } : {}),
  };
  const carried = random.chance(0.3) ? { thirdParty: everybodyElses } : {};
  const options = { index: random.pick([stage, main, main]), manifest, ...carried };
  return (isTask ? taskRow : row)(spec, someRanges(random, isTask ? 4 : 2), {
    ...options,
    integrity: `sha512-${spec}-${random.pick(['x', 'y'])}`,
  });
}

interface World {
  readonly view: ReturnType<typeof openLiveView>;
  readonly rows: Map<string, Row>;
  readonly tags: Map<string, TagRow>;
}

/** @returns what to tell the index */
function change({ view, rows, tags }: World, random: Dice): [string, Row?] {
  const put = (one: Row) => {
    rows.set(`${one.index} ${one.name}@${one.version}`, one);
    view.put(one);
  };
  const known = random.pick([...rows.values()]);
  if (known === undefined || random.chance(0.6)) {
    const one = someRow(random);
    const isNew = !rows.has(`${one.index} ${one.name}@${one.version}`);
    put(one);
    return isNew && random.chance(0.9) ? [one.name, one] : [one.name];
  }
  if (random.chance(0.15)) {
    rows.delete(`${known.index} ${known.name}@${known.version}`);
    view.remove(known);
    return [known.name];
  }
  if (random.chance(0.3)) {
    put({ ...known, withdrawn: known.withdrawn !== true });
    return [known.name];
  }
  if (random.chance(0.4)) {
    const { deprecated, ...rest } = known;
    put(deprecated === undefined ? { ...rest, deprecated: 'old' } : rest);
    return [known.name];
  }
  const tag = { index: random.pick([stage, main]), name: known.name, tag: random.pick(['latest', 'next']) };
  const key = `${tag.index} ${tag.name} ${tag.tag}`;
  if (tags.has(key) && random.chance(0.5)) {
    tags.delete(key);
    view.clearTag(tag);
  } else {
    const set = { ...tag, version: random.pick(versions) };
    tags.set(key, set);
    view.setTag(set);
  }
  return [known.name];
}

function lockIn(index: TaskIndex, name: string): string | undefined {
  const [tip, resolution] = [index.task(name), index.resolve(name)];
  if (tip === undefined || resolution === undefined) return undefined;
  return resolution.ok ? `${tip.version} ${resolution.lock.hash}` : 'missing';
}

/** @returns what the index says otherwise than the specification, after this change */
function compare(
  index: TaskIndex,
  affected: ReadonlySet<string>,
  { before, now }: { readonly before: Map<string, string>; readonly now: Map<string, string> },
): string[] {
  const wrong: string[] = [];
  const known = new Set([...index.tasks()].map(({ name }) => name));
  for (const name of new Set([...before.keys(), ...now.keys(), ...known])) {
    const isMissing = now.get(name) === 'missing';
    const told = lockIn(index, name);
    if (told !== now.get(name)) wrong.push(`${name} resolves to ${told}, not to ${now.get(name)}`);
    if (known.has(name) !== now.has(name)) wrong.push(`${name} is there: ${known.has(name)}`);
    else if (known.has(name) && index.isMissing(name) !== isMissing)
      wrong.push(`${name} misses: ${!isMissing}`);
    const isOther = before.get(name) !== now.get(name);
    // What misses something may be told of again, as there may be more to say.
    if (affected.has(name) !== isOther && !(isMissing && !isOther))
      wrong.push(`${name} is woken: ${!isOther}`);
  }
  return wrong;
}
