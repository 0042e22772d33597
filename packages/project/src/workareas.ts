/** Workareas: folders of workspaces that know their project. They may stand anywhere. */
import { mkdir, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { piplError } from '@pipl/packl';
import { asPiplError, jsonText, writeWhole } from './atomic-file.ts';
import { noteArea } from './known-areas.ts';
import { exists, type Workarea } from './places.ts';
import type { Project } from './project-file.ts';
import { askProject } from './remote-project.ts';
import { beforeWriting } from './watched.ts';

/** Text of a `.workarea`: the original's keys, plus the project's id, which survives a moved mount. */
export const workareaFile = (made: {
  project: { id: string; path: string };
  createdBy: string;
  createdOn: string;
}): string =>
  jsonText({
    schema: 1,
    created_by: made.createdBy,
    created_on: made.createdOn,
    project_path: made.project.path,
    project_id: made.project.id,
  });

/** @throws PIPL_WORKAREA_EXISTS (exit 4), PIPL_UNWRITABLE, PIPL_NO_FOLDER */
export async function createWorkarea(project: Project, folder: string): Promise<Workarea> {
  const path = await makeArea(folder, (made) => workareaFile({ project, ...made }));
  await noteArea(project.id, path);
  return { path, projectPath: project.path };
}

/**
 * A workarea for a project on another machine. The server is asked for its name and default index.
 * @throws as {@link createWorkarea}; PIPL_URL, PIPL_SERVER_UNREACHABLE, PIPL_SERVER_ANSWER
 */
export async function createRemoteWorkarea(url: string, folder: string): Promise<Workarea> {
  const about = await askProject(url);
  const path = await makeArea(folder, ({ createdBy, createdOn }) =>
    jsonText({ schema: 1, created_by: createdBy, created_on: createdOn, ...about }),
  );
  return { path, projectUrl: about.project_url };
}

async function makeArea(
  folder: string,
  text: (made: { createdBy: string; createdOn: string }) => string,
): Promise<string> {
  const path = resolve(folder);
  const file = join(path, '.workarea');
  if (await exists(file)) {
    throw piplError('conflict', 'PIPL_WORKAREA_EXISTS', {
      what: `${path} is a workarea already.`,
      why: 'It has a .workarea file.',
      hint: 'Use it: pipl work create NAME, from inside it.',
    });
  }
  beforeWriting(`make the workarea ${path}`);
  const fresh = !(await exists(path));
  try {
    if (fresh) await mkdir(path);
    const made = { createdBy: userInfo().username, createdOn: new Date().toISOString() };
    await writeWhole(file, text(made));
  } catch (error) {
    if (fresh) await rm(path, { recursive: true, force: true });
    throw asPiplError(error, path);
  }
  return path;
}
