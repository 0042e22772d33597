/** Turns a packl of a workspace into a task of a type, or makes one: the original's `create_task`. */
import { join } from 'node:path';
import { type Manifest, packlName, piplError, shortName } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import type { Json } from './json-patch.ts';
import { type CreatedPackl, createPackl } from './packl-create.ts';
import { editPackl, readPackl, type WrittenManifest } from './packl-file.ts';
import { findType, type FoundType } from './packl-types.ts';
import { exists } from './places.ts';
import type { Project } from './project-file.ts';

export interface CreateTask {
  readonly project: Project;
  /** the workspace, or another folder of packls */
  readonly folder: string;
  readonly name: string;
  /** `@film/pipeline#Comp` */
  readonly type: string;
  readonly parameters?: Readonly<Record<string, Json>> | undefined;
}

/** @throws PIPL_TASK_ALREADY (exit 4), PIPL_NOT_EMPTY_CODE (7), PIPL_NO_TYPE (3), and as {@link createPackl} */
export async function createTask(
  client: RegistryClient,
  { project, folder, name, type, parameters }: CreateTask,
): Promise<CreatedPackl> {
  const at = join(folder, shortName(packlName(name)));
  const index = project.defaultIndex;
  if (!(await exists(join(at, 'package.json'))))
    return createPackl({ folder, name, kind: 'task', type, parameters, index, client });
  const { manifest } = await readPackl(at);
  refuse(manifest, at, name);
  const found = await findType(client, { index, type, declares: 'taskTypes' });
  await editPackl(at, {
    comment: `made a task of the type ${found.type}`,
    edit: (written) => asTask(written, found, parameters ?? {}),
  });
  return { name, version: manifest.version, kind: 'task', folder: at, type: found.type };
}

function asTask(
  written: WrittenManifest,
  { type, declaredBy, version }: FoundType,
  parameters: Readonly<Record<string, Json>>,
): WrittenManifest {
  const dependencies = written['dependencies'] as Record<string, string> | undefined;
  const pipl = written['pipl'] as { groups?: Json; config?: Json };
  const kept = { groups: pipl.groups, config: pipl.config };
  return {
    ...written,
    dependencies: { [declaredBy]: `^${version}`, ...dependencies },
    pipl: { kind: 'task', type, inputs: {}, products: {}, parameters, ...kept },
  };
}

function refuse(manifest: Manifest, folder: string, name: string): void {
  if (manifest.name !== name) {
    throw piplError('conflict', 'PIPL_PACKL_EXISTS', {
      what: `Cannot create ${name}.`,
      why: `${folder} holds ${manifest.name}.`,
      hint: 'Choose another name.',
    });
  }
  const { pipl } = manifest;
  if (pipl?.kind === 'task') {
    throw piplError('conflict', 'PIPL_TASK_ALREADY', {
      what: `${name} is a task already.`,
      why: `Its type is ${pipl.type}.`,
      hint: 'Make another packl for another task.',
    });
  }
  const offers =
    pipl?.kind === 'code' &&
    Object.keys({ ...pipl.services, ...pipl.assetTypes, ...pipl.productTypes, ...pipl.taskTypes }).length > 0;
  if (pipl?.kind === 'code' && !offers) return;
  throw piplError('invalid', 'PIPL_NOT_EMPTY_CODE', {
    what: `${name} cannot become a task.`,
    why: offers
      ? 'Others use the types and services that it declares.'
      : `It is of the kind ${pipl?.kind ?? 'npm'}.`,
    hint: 'Make a new packl: pipl task create NAME TYPE',
  });
}
