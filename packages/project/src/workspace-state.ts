/** What the workspaces of a project are like: which there are, what is in them and was not published. Reads only. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readChangesets } from './changesets.ts';
import { knownAreas } from './known-areas.ts';
import { baseFileIn, readBase } from './packl-base.ts';
import { verifyHistory } from './packl-file.ts';
import { exists, type Workspace } from './places.ts';
import type { Project } from './project-file.ts';
import { crowdedTasks, packlsIn } from './workspace-packls.ts';

export interface WorkspaceView extends Workspace {
  readonly area: string;
  /** folders of packls in it */
  readonly packls: number;
}

/** Those of the default workarea, and of the workareas that this person made elsewhere. */
export async function listWorkspaces(project: Project): Promise<readonly WorkspaceView[]> {
  const found: WorkspaceView[] = [];
  for (const area of await knownAreas(project)) {
    for (const name of (await readdir(area)).toSorted()) {
      const path = join(area, name);
      if (!(await exists(join(path, '.workspace')))) continue;
      const names = await readdir(path);
      const packls = await Promise.all(names.map((one) => exists(join(path, one, 'package.json'))));
      found.push({ name, path, area, packls: packls.filter(Boolean).length });
    }
  }
  return found;
}

/** `published`: as it is here; `edited`: since it was published or brought here; `new`: never published from here */
export type PacklState = 'published' | 'edited' | 'new';

export interface WorkspaceState extends Workspace {
  readonly packls: readonly {
    readonly name: string;
    readonly version: string;
    readonly kind: string;
    readonly folder: string;
    readonly state: PacklState;
    /** the version that the sources started from */
    readonly base?: string;
    /** package.json holds what its history does not */
    readonly byHand: boolean;
  }[];
  /** changes written down for the next versions */
  readonly changes: number;
  /** the tasks, where there is more than the one that a workspace is for */
  readonly tasks: readonly string[];
}

/** @throws PIPL_MANIFEST, PIPL_HISTORY, PIPL_CHANGESET when something in it is broken */
export async function workspaceState(project: Project, workspace: Workspace): Promise<WorkspaceState> {
  const packls = await packlsIn(workspace.path);
  const states = packls.map(async ({ folder, name, version, manifest }) => {
    const base = await readBase(project, folder);
    const { unrecorded } = await verifyHistory(folder);
    return {
      name,
      version,
      kind: manifest.pipl?.kind ?? 'npm',
      folder,
      state: await stateOf(folder, { version, base: base?.version }),
      ...(base === undefined ? {} : { base: base.version }),
      byHand: unrecorded.length > 0,
    };
  });
  return {
    ...workspace,
    packls: await Promise.all(states),
    changes: (await readChangesets(workspace.path)).length,
    tasks: crowdedTasks(packls),
  };
}

async function stateOf(
  folder: string,
  { version, base }: { version: string; base: string | undefined },
): Promise<PacklState> {
  if (base === undefined) return 'new';
  if (base !== version) return 'edited';
  const { mtimeMs } = await stat(baseFileIn(folder));
  return (await newestBelow(folder)) > mtimeMs ? 'edited' : 'published';
}

/** When a file that somebody wrote there changed last; milliseconds. */
async function newestBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const times = entries.map(async (entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return 0;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return newestBelow(path);
    return entry.isFile() ? (await stat(path)).mtimeMs : 0;
  });
  return Math.max(0, ...(await Promise.all(times)));
}
