/**
 * Finds a task or product type through the manifest of the packl that declares it, and loads its module: only that one.
 *
 * A packl is looked for in the tree that `pipl-step` was started from, then in the one around the current folder.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf } from './discovery.ts';
import { importEntry } from './load-entry.ts';
import { isProductType, type ProductType } from './product-types.ts';
import { badEntryPoint, noSuchType, notExported, notInstalled } from './refusals.ts';
import { isTaskType, type TaskDefinition } from './task-types.ts';

export interface PacklOnDisk {
  readonly name: string;
  readonly version: string;
  /** real path */
  readonly dir: string;
  readonly dependencies: readonly string[];
  readonly exports: unknown;
  readonly taskTypes: Readonly<Record<string, string>>;
  readonly productTypes: Readonly<Record<string, string>>;
}

export interface FoundType {
  readonly packl: PacklOnDisk;
  readonly type: TaskDefinition;
}

/** @param written `@film/pipeline/render#Render`, or `@film/pipeline#Render` for a name in its taskTypes @throws PiplError */
export async function findTaskType(written: string, from: readonly string[]): Promise<FoundType> {
  const { packl, entry } = listedType('taskTypes', written, from);
  const type = await loadEntry(packl, entry);
  if (isTaskType(type)) return { packl, type };
  throw notExported(entry, packl.name, 'It is not something that defineTaskType returned.');
}

/** @param written as that of a task type, of a name in productTypes @throws PiplError */
export async function findProductType(
  written: string,
  from: readonly string[],
): Promise<{ packl: PacklOnDisk; type: ProductType }> {
  const { packl, entry } = listedType('productTypes', written, from);
  const type = await loadEntry(packl, entry);
  if (isProductType(type)) return { packl, type };
  throw notExported(entry, packl.name, 'It is not something that defineProductType returned.');
}

function listedType(field: 'taskTypes' | 'productTypes', written: string, from: readonly string[]) {
  const [, name, module = '', member] = /^((?:@[^/#]+\/)?[^/#]+)(\/[^#]+)?#([\w$]+)$/.exec(written) ?? [];
  if (name === undefined || member === undefined) throw badEntryPoint(written);
  const packl = findPackl(name, from);
  if (packl === undefined) throw notInstalled(name, from);
  const listed = packl[field];
  const entry = module === '' ? listed[member] : `.${module}#${member}`;
  if (entry === undefined || !Object.values(listed).includes(entry)) {
    throw noSuchType(written, { packl: `${packl.name} ${packl.version}`, field, listed });
  }
  return { packl, entry };
}

/** What an entry point like `./render#Render` names. @throws PIPL_TYPE_NOT_LOADED */
export const loadEntry = (packl: PacklOnDisk, entry: string): Promise<unknown> =>
  importEntry(packl, entry, (why, cause) => notExported(entry, packl.name, why, cause));

/** The nearest `node_modules/<name>` above one of the folders. */
export function findPackl(name: string, from: readonly string[]): PacklOnDisk | undefined {
  const folder = folderOf(name, from);
  if (folder === undefined) return undefined;
  const dir = realpathSync(folder);
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Record<string, unknown>;
  const field = (manifest['pipl'] ?? {}) as Record<string, Record<string, string> | undefined>;
  return {
    name,
    version: String(manifest['version']),
    dir,
    dependencies: Object.keys({
      ...(manifest['dependencies'] as object),
      ...(manifest['peerDependencies'] as object),
    }),
    exports: manifest['exports'],
    taskTypes: field['taskTypes'] ?? {},
    productTypes: field['productTypes'] ?? {},
  };
}
