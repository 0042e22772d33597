/**
 * What people publish must leave the graph sound: types that are there, inputs that are asked for, one maker for
 * each product, no task that feeds itself. An input that nobody has published yet is no mistake: the task waits.
 */
import { findCycle, inputNames, pick, piplError, productOf, taskOf } from '@pipl/packl';
import type { IndexName, Manifest, PiplError, Row, TaskField } from '@pipl/packl';
import { nextTime } from './policy-times.ts';
import { afterOf } from './state.ts';
import { currentIn, nearnessOf, shownIn } from './shown.ts';
import type { Shown } from './shown.ts';
import type { Trial } from './trial.ts';
import { versionKey } from './types.ts';

/**
 * @throws PIPL_TYPE_UNKNOWN (not found), PIPL_TASK_INPUTS, PIPL_TASK_CYCLE (invalid), PIPL_PRODUCT_MADE,
 *   PIPL_NOT_A_PRODUCT_NAME (conflict)
 */
export function checkDeclared(
  { live, show }: Trial,
  { index, rows }: { readonly index: IndexName; readonly rows: readonly Row[] },
): void {
  // What a cut wave does not see yet is there for people.
  for (const held of live.records.held.values()) show(afterOf(held));
  for (const row of rows) show({ table: 'rows', key: versionKey(index, row.name, row.version), value: row });
  const { projection } = live;
  for (const row of rows) {
    const task = taskOf(row.manifest);
    if (task !== undefined) checkInputs(row, task);
    checkType(shownIn(live, index), row);
  }
  for (const { name: seen } of projection.indexes.filter(({ name }) =>
    nearnessOf(projection, name).has(index),
  )) {
    const shown = shownIn(live, seen);
    for (const row of rows) checkMakers(shown, row);
    checkCycles(shown, rows);
  }
}

function checkInputs({ name, version, manifest }: Row, task: TaskField): void {
  const problems = inputNames(task)
    .filter((input) => manifest.dependencies?.[input] === undefined)
    .map((input) => `${input} fills a slot, but is not among the dependencies`);
  const products = Object.values(task.products);
  const twice = products.filter((product, at) => products.indexOf(product) !== at);
  problems.push(...twice.map((product) => `${product} fills two product slots`), ...noTime(task));
  if (problems.length === 0) return;
  throw piplError('invalid', 'PIPL_TASK_INPUTS', {
    what: `${name}@${version} does not say what it reads and makes.`,
    why: problems.join('; '),
    hint: 'Add each input with `pipl packl add NAME@RANGE --as SLOT`, and give each product slot its own packl.',
    problems,
  });
}

function noTime({ policy }: TaskField): string[] {
  if (policy?.schedule === undefined) return [];
  try {
    nextTime(policy.schedule, '2026-01-01T00:00:00.000Z');
    return [];
  } catch (error) {
    return [`the schedule "${policy.schedule}" is no cron line: ${(error as Error).message}`];
  }
}

/** The packl that declares a type, and the type as that packl names it: `@film/pipeline/render#Render` → `./render#Render`. */
export function declarerOf(type: string): { readonly packl: string; readonly entry: string } {
  const [path = '', symbol = ''] = type.split('#');
  const words = path.split('/');
  const packl = words.slice(0, path.startsWith('@') ? 2 : 1).join('/');
  const rest = path.slice(packl.length + 1);
  return { packl, entry: `${rest === '' ? '.' : `./${rest}`}#${symbol}` };
}

function checkType({ index, view }: Shown, { name, version, manifest }: Row): void {
  const task = taskOf(manifest);
  const field = task ?? productOf(manifest);
  if (field === undefined) return;
  const { packl, entry } = declarerOf(field.type);
  const range = manifest.dependencies?.[packl];
  const unknown = (why: string, hint: string) =>
    piplError('notFound', 'PIPL_TYPE_UNKNOWN', {
      what: `${name}@${version} is of type ${field.type}, which is not there.`,
      why,
      hint,
    });
  if (!view.has(packl))
    throw unknown(`There is no packl ${packl} in ${index}.`, `Publish ${packl} first, or mend the type.`);
  if (range === undefined && task !== undefined) throw notDependedOn(name, packl);
  const declarer = pick(view, packl, range ?? '*');
  if (declarer === undefined) {
    const versions = view.versions(packl).map((row) => row.version);
    throw unknown(
      `Nothing satisfies ${packl} ${range ?? '*'}: there is ${versions.join(', ') || 'no version left'}.`,
      'Ask for a range that one of them satisfies.',
    );
  }
  const types = typesOf(declarer, task !== undefined);
  if (Object.values(types).includes(entry)) return;
  const kind = task === undefined ? 'product types' : 'task types';
  const names = Object.values(types).map((one) => `${packl}${one.slice(1)}`);
  throw unknown(
    `${packl}@${declarer.version} declares ${names.length === 0 ? `no ${kind}` : `the ${kind} ${names.join(', ')}`}.`,
    `Use one of those, or publish a ${packl} that declares it.`,
  );
}

function typesOf({ manifest: { pipl } }: Row, tasks: boolean): Readonly<Record<string, string>> {
  if (pipl?.kind !== 'code') return {};
  return (tasks ? pipl.taskTypes : pipl.productTypes) ?? {};
}

const notDependedOn = (name: string, packl: string): PiplError =>
  piplError('invalid', 'PIPL_TASK_INPUTS', {
    what: `${name} does not depend on ${packl}.`,
    why: 'Its task type comes from there, so no run could load it.',
    hint: `Add it with \`pipl packl add ${packl}\`.`,
  });

function checkMakers(shown: Shown, { name, manifest }: Row): void {
  const products = Object.values(taskOf(manifest)?.products ?? {});
  for (const product of products) {
    const other = shown.makers(product).find((one) => one !== name);
    if (other !== undefined) throw alreadyMade({ product, other, name });
    const there = currentIn(shown, product);
    if (there !== undefined && productOf(there.manifest) === undefined)
      throw notAProduct({ product, task: name });
  }
  const task = shown.makers(name)[0];
  if (task !== undefined && productOf(manifest) === undefined) throw notAProduct({ product: name, task });
}

const alreadyMade = ({
  product,
  other,
  name,
}: {
  readonly product: string;
  readonly other: string;
  readonly name: string;
}): PiplError =>
  piplError('conflict', 'PIPL_PRODUCT_MADE', {
    what: `${name} cannot make ${product}: ${other} makes it.`,
    why: 'A product has one maker, or nobody could say which run its next version is from.',
    hint: `Give ${name} a product of its own, or let ${other} make another one.`,
  });

const notAProduct = ({ product, task }: { readonly product: string; readonly task: string }): PiplError =>
  piplError('conflict', 'PIPL_NOT_A_PRODUCT_NAME', {
    what: `${product} is made by ${task} and something else by the same name.`,
    why: 'A name that a task publishes products under can be nothing but a product.',
    hint: 'Choose another name for one of them.',
  });

/** A ring that these rows close goes through one of them: only what they read, however far up, is looked at. */
function checkCycles(shown: Shown, rows: readonly Row[]): void {
  const found: Manifest[] = [];
  const seen = new Set<string>();
  const waiting = rows.map(({ name }) => name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    waiting.push(...shown.makers(name));
    const row = currentIn(shown, name);
    if (row === undefined) continue;
    found.push(row.manifest);
    const { dependencies, optionalDependencies, peerDependencies } = row.manifest;
    const task = taskOf(row.manifest);
    waiting.push(...Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }));
    if (task !== undefined) waiting.push(...inputNames(task));
  }
  const ring = findCycle(found);
  if (ring === undefined) return;
  throw piplError('invalid', 'PIPL_TASK_CYCLE', {
    what: `${ring[0]} would feed itself: ${ring.join(' → ')}.`,
    why: 'Each run would publish what wakes the next one.',
    hint: 'Let the task read another product, or split it in two.',
  });
}
