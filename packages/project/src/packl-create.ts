/**
 * A new packl: a folder with a package.json, its history's first line and, for code, a first source file.
 *
 * Made whole or not at all. Nothing is published; the name is refused when the index has it already.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type IndexName, packlName, parseManifest, piplError, shortName } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { valid } from 'semver';
import { asPiplError, jsonText } from './atomic-file.ts';
import { difference, type Json } from './json-patch.ts';
import type { WrittenManifest } from './packl-file.ts';
import { appendHistory } from './packl-history.ts';
import { type FoundType, findType, liveRows, newest } from './packl-types.ts';
import { exists } from './places.ts';
import { beforeWriting } from './watched.ts';

export const packlKinds = ['code', 'task', 'product', 'envset', 'editor'] as const;
export type PacklKind = (typeof packlKinds)[number];

export interface CreatePackl {
  /** the packl gets a folder of its own below this one */
  readonly folder: string;
  readonly name: string;
  /** absent: a task when `type` is given, else code */
  readonly kind?: PacklKind | undefined;
  /** `@film/pipeline#Comp` for a task; the product type for a product */
  readonly type?: string | undefined;
  readonly version?: string | undefined;
  /** slot → product packl, for a task */
  readonly makes?: Readonly<Record<string, string>> | undefined;
  /** of a task */
  readonly parameters?: Readonly<Record<string, Json>> | undefined;
  readonly index: IndexName;
  /** absent: no server was reached; then a type cannot be looked up and the name is not checked */
  readonly client?: RegistryClient | undefined;
}

export interface CreatedPackl {
  readonly name: string;
  readonly version: string;
  readonly kind: PacklKind;
  readonly folder: string;
  readonly type?: string;
}

/**
 * @throws PIPL_PACKL_NAME, PIPL_VERSION (exit 7), PIPL_PACKL_EXISTS (4), PIPL_NO_TYPE (3), PIPL_TYPE_MISSING (2)
 */
export async function createPackl(options: CreatePackl): Promise<CreatedPackl> {
  const name = packlName(options.name);
  const version = options.version ?? '0.0.1-wip.0';
  if (valid(version) === null) throw badVersion(version);
  const kind = options.kind ?? (options.type === undefined ? 'code' : 'task');
  const folder = join(resolve(options.folder), shortName(name));
  await refuseTaken({ ...options, name, folder });
  const type = await typeOf({ ...options, kind });
  const pipe = kind === 'product' ? undefined : (type?.pipe ?? (await pipeRange(options)));
  const manifest = manifestFor({
    name,
    version,
    kind,
    type,
    pipe,
    makes: options.makes ?? {},
    parameters: options.parameters ?? {},
  });
  parseManifest(manifest, join(folder, 'package.json'));
  await writePackl(folder, manifest, kind);
  return { name, version, kind, folder, ...(type === undefined ? {} : { type: type.type }) };
}

async function refuseTaken({ client, index, name, folder }: CreatePackl & { name: string }): Promise<void> {
  if (await exists(folder)) {
    throw piplError('conflict', 'PIPL_PACKL_EXISTS', {
      what: `Cannot create ${name}.`,
      why: `${folder} is there already.`,
      hint: 'Choose another name, or work in that folder.',
    });
  }
  const rows = client === undefined ? [] : await liveRows(client, index, name);
  if (rows.length === 0) return;
  throw piplError('conflict', 'PIPL_PACKL_EXISTS', {
    what: `Cannot create ${name}.`,
    why: `${index} has ${rows.map(({ version }) => version).join(', ')} of it already.`,
    hint: `Choose another name, or look at it: pipl packl show ${name}`,
  });
}

type KnownType = Pick<FoundType, 'type'> & Partial<FoundType>;

async function typeOf(options: CreatePackl & { kind: PacklKind }): Promise<KnownType | undefined> {
  const { kind, type, client, index } = options;
  if (kind !== 'task' && kind !== 'product') return undefined;
  if (type === undefined) {
    throw piplError('usage', 'PIPL_TYPE_MISSING', {
      what: `A ${kind} needs a type.`,
      why: 'The packl that declares the type says what it reads and makes.',
      hint: `Name it: --type @film/pipeline#${kind === 'task' ? 'Comp' : 'Model'}`,
    });
  }
  if (client === undefined) {
    throw piplError('unreachable', 'PIPL_SERVER_DOWN', {
      what: `The type ${type} cannot be looked up.`,
      why: "The project's server is not running.",
      hint: 'Start it: pipl proj start --detach',
    });
  }
  return findType(client, { index, type, declares: kind === 'task' ? 'taskTypes' : 'productTypes' });
}

/** The framework that the index has now; without a server, any. */
async function pipeRange({ client, index }: CreatePackl): Promise<string> {
  const rows = client === undefined ? [] : await liveRows(client, index, '@pipl/pipe');
  const row = newest(rows, '*');
  return row === undefined ? '*' : `^${row.version}`;
}

function manifestFor(made: {
  name: string;
  version: string;
  kind: PacklKind;
  type: KnownType | undefined;
  /** range of `@pipl/pipe` */
  pipe: string | undefined;
  makes: Readonly<Record<string, string>>;
  parameters: Readonly<Record<string, Json>>;
}): WrittenManifest {
  const { name, version, kind, type, pipe } = made;
  const code = kind === 'code' || kind === 'editor';
  const dependencies = type?.declaredBy === undefined ? {} : { [type.declaredBy]: `^${type.version}` };
  return {
    // What editors complete and check it by; it comes with the framework, which a product does not ask for itself.
    ...(pipe === undefined ? {} : { $schema: './node_modules/@pipl/pipe/package.schema.json' }),
    name,
    version,
    author: userInfo().username,
    type: 'module',
    keywords: ['pipl'],
    ...(code ? { exports: { '.': './dist/index.js' } } : {}),
    dependencies,
    ...(pipe === undefined ? {} : { peerDependencies: { '@pipl/pipe': pipe } }),
    pipl: fieldFor({ ...made, type: type?.type ?? '' }),
  };
}

function fieldFor({
  kind,
  type,
  makes,
  parameters,
}: {
  kind: PacklKind;
  type: string;
  makes: Readonly<Record<string, string>>;
  parameters: Readonly<Record<string, Json>>;
}) {
  switch (kind) {
    case 'code':
    case 'editor':
      return { kind };
    case 'task':
      return { kind, type, inputs: {}, products: makes, parameters };
    case 'product':
      return { kind, type, assets: {} };
    case 'envset':
      return { kind, variables: {} };
  }
}

async function writePackl(folder: string, manifest: WrittenManifest, kind: PacklKind): Promise<void> {
  beforeWriting(`make the ${kind} packl ${manifest.name}@${manifest.version} in ${folder}`);
  const building = join(dirname(folder), `.${shortName(manifest.name)}.new`);
  try {
    await mkdir(building, { recursive: true });
    await writeFile(join(building, 'package.json'), jsonText(manifest));
    await appendHistory(building, [{ comment: 'created', ops: difference({}, manifest) }]);
    if (kind === 'code' || kind === 'editor') {
      await mkdir(join(building, 'src'));
      await writeFile(
        join(building, 'src', 'index.ts'),
        `/** What ${manifest.name} offers. */\nexport {};\n`,
      );
    }
    await rename(building, folder);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw asPiplError(error, folder);
  }
}

const badVersion = (version: string) =>
  piplError('invalid', 'PIPL_VERSION', {
    what: `"${version}" is not a version.`,
    why: 'A version is three numbers, MAJOR.MINOR.PATCH, with an optional -prerelease.',
    hint: 'For example 1.0.0 or 0.0.1-wip.0.',
  });
