/**
 * What people publish must leave the graph sound: types that are there, inputs that are asked for, one maker for
 * each product, no task that feeds itself. An input that nobody has published yet is no mistake: the task waits.
 */
import { findCycle, inputNames, pick, piplError, productOf, taskOf } from '@pipl/packl';
import type { IndexName, PiplError, Row, TaskField } from '@pipl/packl';
import { makersOf } from './flow.ts';
import { project } from './projection.ts';
import type { Projection } from './projection.ts';
import { wholeProjection } from './state.ts';
import type { State } from './types.ts';
import { versionKey } from './types.ts';
import { current, nearnessOf, tasksIn, viewOf } from './view.ts';

/**
 * @throws PIPL_TYPE_UNKNOWN (not found), PIPL_TASK_INPUTS, PIPL_TASK_CYCLE (invalid), PIPL_PRODUCT_MADE,
 *   PIPL_NOT_A_PRODUCT_NAME (conflict)
 */
export function checkDeclared(
  state: State,
  { index, rows }: { readonly index: IndexName; readonly rows: readonly Row[] },
): void {
  const before = wholeProjection(state);
  const after = rows.reduce(
    (shown, row) =>
      project(shown, { table: 'rows', key: versionKey(index, row.name, row.version), value: row }),
    before,
  );
  for (const row of rows) {
    const task = taskOf(row.manifest);
    if (task !== undefined) checkInputs(row, task);
    checkType(after, index, row);
  }
  for (const { name: seen } of after.indexes.filter(({ name }) => nearnessOf(after, name).has(index))) {
    for (const row of rows) checkMakers(after, seen, row);
    checkCycles(after, seen);
  }
}

function checkInputs({ name, version, manifest }: Row, task: TaskField): void {
  const problems = inputNames(task)
    .filter((input) => manifest.dependencies?.[input] === undefined)
    .map((input) => `${input} fills a slot, but is not among the dependencies`);
  const products = Object.values(task.products);
  const twice = products.filter((product, at) => products.indexOf(product) !== at);
  problems.push(...twice.map((product) => `${product} fills two product slots`));
  if (problems.length === 0) return;
  throw piplError('invalid', 'PIPL_TASK_INPUTS', {
    what: `${name}@${version} does not say what it reads and makes.`,
    why: problems.join('; '),
    hint: 'Add each input with `pipl packl add NAME@RANGE --as SLOT`, and give each product slot its own packl.',
    problems,
  });
}

/** The packl that declares a type, and the type as that packl names it: `@film/pipeline/render#Render` → `./render#Render`. */
export function declarerOf(type: string): { readonly packl: string; readonly entry: string } {
  const [path = '', symbol = ''] = type.split('#');
  const words = path.split('/');
  const packl = words.slice(0, path.startsWith('@') ? 2 : 1).join('/');
  const rest = path.slice(packl.length + 1);
  return { packl, entry: `${rest === '' ? '.' : `./${rest}`}#${symbol}` };
}

function checkType(projection: Projection, index: IndexName, { name, version, manifest }: Row): void {
  const task = taskOf(manifest);
  const field = task ?? productOf(manifest);
  if (field === undefined) return;
  const { packl, entry } = declarerOf(field.type);
  const range = manifest.dependencies?.[packl];
  const view = viewOf(projection, index);
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

function checkMakers(projection: Projection, index: IndexName, { name, manifest }: Row): void {
  const tasks = tasksIn(projection, index);
  const makers = makersOf(tasks);
  const products = Object.values(taskOf(manifest)?.products ?? {});
  for (const product of products) {
    const other = makers.get(product)?.find((one) => one !== name);
    if (other !== undefined) throw alreadyMade({ product, other, name });
    const there = current(projection, index, product);
    if (there !== undefined && productOf(there.manifest) === undefined)
      throw notAProduct({ product, task: name });
  }
  const task = makers.get(name)?.[0];
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

function checkCycles(projection: Projection, index: IndexName): void {
  const view = viewOf(projection, index);
  const rows = [...view.names()].flatMap((name) => current(projection, index, name) ?? []);
  const ring = findCycle(rows.map(({ manifest }) => manifest));
  if (ring === undefined) return;
  throw piplError('invalid', 'PIPL_TASK_CYCLE', {
    what: `${ring[0]} would feed itself: ${ring.join(' → ')}.`,
    why: 'Each run would publish what wakes the next one.',
    hint: 'Let the task read another product, or split it in two.',
  });
}
