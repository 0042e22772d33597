/**
 * What a task is, for those who run it without loading its code: the job template, the parameters with their
 * defaults, the products with the packl that declares each type, the commands and the checks.
 */
import type { AssetKind } from './asset-types.ts';
import { findPackl, findTaskType, loadEntry, type PacklOnDisk } from './find-type.ts';
import { describedPoints, type PointsDescription } from './per-point.ts';
import { productTypeOf, type ProductType } from './product-types.ts';
import { badParameters, unlistedProductType } from './refusals.ts';
import { checkedBy } from './schema.ts';
import type { Command, TaskDefinition } from './task-types.ts';
import { type Template, templateOf } from './template.ts';

export interface DescribeRequest {
  /** `@film/pipeline/render#Render` */
  readonly type: string;
  readonly parameters: unknown;
}

export interface Description {
  readonly template: Template;
  /** checked, with every default */
  readonly parameters: unknown;
  readonly inputs: Readonly<Record<string, { readonly type: string; readonly many: boolean }>>;
  readonly products: Readonly<Record<string, ProductDescription>>;
  readonly commands: Readonly<Record<string, CommandDescription>>;
  readonly checks: readonly string[];
  /** steps of which a point can be known from an earlier run; absent where there are none */
  readonly points?: Readonly<Record<string, PointsDescription>>;
}

interface CommandDescription {
  readonly label: string;
  /** JSON Schema of its arguments; absent where it takes none, or its schema cannot say */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

interface ProductDescription {
  readonly type: string;
  readonly declaredBy: { readonly name: string; readonly version: string };
  readonly assets: Readonly<Record<string, { readonly type: string; readonly kind: AssetKind }>>;
}

/** @param from folders whose trees are searched @throws PiplError, invalid */
export async function describe(
  { type: written, parameters }: DescribeRequest,
  from: readonly string[],
): Promise<Description> {
  const { packl, type } = await findTaskType(written, from);
  const checked = await checkedParameters(written, type, parameters);
  const inputs = await mapped(type.needs, async (need) => ({
    type: (await declared(productTypeOf(need), { packl, from })).type,
    many: 'many' in need,
  }));
  const products = await mapped(type.makes, async (product) => ({
    ...(await declared(product, { packl, from })),
    assets: Object.fromEntries(
      Object.entries(product.assets).map(([slot, { name, kind }]) => [slot, { type: name, kind }]),
    ),
  }));
  const points = describedPoints(type);
  return {
    template: templateOf(written, type, checked),
    parameters: checked,
    inputs,
    products,
    commands: Object.fromEntries(type.commands.map((command) => [command.name, described(command)])),
    checks: type.checks.map(({ name }) => name),
    ...(Object.keys(points).length === 0 ? {} : { points }),
  };
}

function described({ label, arguments: schema }: Command): CommandDescription {
  const { $schema: _, ...json } = schema?.['~standard'].jsonSchema?.input({ target: 'draft-2020-12' }) ?? {};
  return Object.keys(json).length === 0 ? { label } : { label, arguments: json };
}

async function checkedParameters(written: string, type: TaskDefinition, given: unknown): Promise<unknown> {
  const { parameters: schema } = type;
  if (schema === undefined) {
    const names = Object.keys((given ?? {}) as object);
    if (names.length > 0)
      throw badParameters(written, [`${names.join(', ')}: ${type.name} takes no parameters`]);
    return {};
  }
  const checked = await checkedBy(schema, given ?? {});
  if ('problems' in checked) throw badParameters(written, checked.problems);
  return checked.value;
}

async function mapped<V, R>(
  record: Readonly<Record<string, V>>,
  work: (value: V) => Promise<R>,
): Promise<Record<string, R>> {
  return Object.fromEntries(
    await Promise.all(Object.entries(record).map(async ([key, value]) => [key, await work(value)] as const)),
  );
}

interface Home {
  readonly packl: PacklOnDisk;
  readonly from: readonly string[];
}

/**
 * Which packl declares a product type: that of the task type, or one that it depends on. The same object must be
 * there, a name alone could be that of another type.
 */
async function declared(
  product: ProductType,
  home: Home,
): Promise<Pick<ProductDescription, 'type' | 'declaredBy'>> {
  const seen = new Set<string>();
  const queue = [home.packl];
  for (const packl of queue) {
    if (seen.has(packl.dir)) continue;
    seen.add(packl.dir);
    for (const [key, entry] of Object.entries(packl.productTypes)) {
      if (key !== product.name && !entry.endsWith(`#${product.name}`)) continue;
      if ((await loadEntry(packl, entry)) !== product) continue;
      const { name, version } = packl;
      return { type: `${name}${entry.slice(1)}`, declaredBy: { name, version } };
    }
    queue.push(...packl.dependencies.flatMap((name) => findPackl(name, [packl.dir, ...home.from]) ?? []));
  }
  throw unlistedProductType(product.name, home.packl.name);
}
