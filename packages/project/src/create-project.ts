/**
 * A new project: built whole in a folder beside its place, then renamed into it. Whatever fails, nothing stays.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { piplError } from '@pipl/packl';
import { asPiplError, jsonText } from './atomic-file.ts';
import { exists, projectPath } from './places.ts';
import { type Project, readProject } from './project-file.ts';
import { runServerCommand } from './server-command.ts';
import { fillWorkspace, readTemplate, type Template } from './templates.ts';
import { upstreamRegistry } from './upstream.ts';
import { workareaFile } from './workareas.ts';
import { createWorkspace } from './workspaces.ts';
import { beforeWriting } from './watched.ts';

export interface CreateProject {
  readonly path: string;
  readonly name?: string | undefined;
  /** where the server will listen; loopback until root has a password */
  readonly host?: string | undefined;
  /** absent: one that is free now, kept from then on */
  readonly port?: number | undefined;
  readonly serverCommand: readonly string[];
  /** the `.tgz` of `@pipl/pipe` that the project starts with */
  readonly pipeTarball?: string | undefined;
  /** the npm registry behind `root/npm`; absent: the one this machine is configured for */
  readonly upstream?: string | undefined;
  /** folder of a template to begin with */
  readonly template?: string | undefined;
  /** `postgres://user@host/name` of an empty database; absent: a SQLite file in the project */
  readonly database?: string | undefined;
  /** `s3://bucket/prefix`, empty, to keep tarballs in; absent: a folder of the project */
  readonly blobs?: string | undefined;
  /** of something that speaks S3 and is not AWS */
  readonly s3Endpoint?: string | undefined;
}

/**
 * @throws PIPL_PROJECT_EXISTS, PIPL_PATH_TAKEN (exit 4), PIPL_NO_FOLDER (3), PIPL_UNWRITABLE (6), and what the
 *   server refuses with
 */
export async function createProject(options: CreateProject): Promise<Project> {
  const path = resolve(options.path);
  if (options.database !== undefined) refuseSecret(options.database);
  const template = options.template === undefined ? undefined : await readTemplate(options.template);
  await refuseTaken(path);
  beforeWriting(`make a project in ${path}`);
  const building = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.new`);
  try {
    await mkdir(building);
  } catch (error) {
    throw asPiplError(error, path);
  }
  try {
    await fill(building, path, { ...options, reacts: template });
    if (await exists(path)) await rmdir(path); // empty: refuseTaken saw to that
    await rename(building, path);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw asPiplError(error, path);
  }
  const project = await readProject(path);
  if (template !== undefined) await openWorkspaces(project, options.template!, template);
  return project;
}

async function openWorkspaces(project: Project, folder: string, { workspaces }: Template): Promise<void> {
  const area = { path: join(project.path, 'workspaces'), projectPath: project.path };
  for (const [name, packls] of Object.entries(workspaces)) {
    const workspace = await createWorkspace(project, { area, name });
    await fillWorkspace({ folder, packls }, workspace.path);
  }
}

/** The address is written into a file. @throws PIPL_DATABASE_ADDRESS */
function refuseSecret(database: string): void {
  const url = URL.canParse(database) ? new URL(database) : undefined;
  const isPostgres = url?.protocol === 'postgres:' || url?.protocol === 'postgresql:';
  if (isPostgres && url.password === '' && !url.searchParams.has('password')) return;
  throw piplError('usage', 'PIPL_DATABASE_ADDRESS', {
    what: 'This address of a database cannot be used.',
    why: isPostgres
      ? 'It holds a password, and it is kept in a file.'
      : 'It is not postgres://USER@HOST/NAME.',
    hint: 'Leave the password out; the server reads it from PIPL_DATABASE_PASSWORD or ~/.pgpass.',
  });
}

async function refuseTaken(path: string): Promise<void> {
  const above = await projectPath({ from: path, env: {} });
  if (above !== undefined) {
    throw piplError('conflict', 'PIPL_PROJECT_EXISTS', {
      what: `Cannot create a project at ${path}.`,
      why: `There is one already at ${above}.`,
      hint: 'Choose a folder outside it.',
    });
  }
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || (found.isDirectory() && (await readdir(path)).length === 0)) return;
  throw piplError('conflict', 'PIPL_PATH_TAKEN', {
    what: `Cannot create a project at ${path}.`,
    why: found.isDirectory() ? 'The folder is not empty.' : 'A file is in the way.',
    hint: 'Choose a path that is not there yet.',
  });
}

/** What a project reacts to when nobody says otherwise. */
const usual = { handlers: { 'root/PROJ': [{ kind: 'process', engines: ['local'] }] }, gates: {} };

async function fill(
  folder: string,
  path: string,
  options: CreateProject & { readonly reacts: Template | undefined },
): Promise<void> {
  const id = randomUUID();
  const by = { createdBy: userInfo().username, createdOn: new Date().toISOString() };
  const system = join(folder, 'system');
  for (const name of [
    'workspaces',
    'system/db',
    'system/assets',
    'system/run',
    'system/runs',
    'system/trees',
  ]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const { handlers, gates } = options.reacts ?? usual;
  const name = options.name ?? basename(path);
  const root = {
    schema: 1,
    id,
    name,
    defaultIndex: 'root/PROJ',
    ...by,
    handlers,
    ...(Object.keys(gates).length === 0 ? {} : { gates }),
  };
  await writeFile(join(folder, '.pipl'), jsonText(root));
  await writeFile(join(folder, 'workspaces', '.workarea'), workareaFile({ project: { id, path }, ...by }));
  const host = options.host ?? '127.0.0.1';
  const port = options.port || (await freePort(host));
  const { database, blobs, s3Endpoint } = options;
  // What is undefined is left out of the file.
  await writeFile(join(system, 'server.json'), jsonText({ host, port, database, blobs, s3Endpoint }));
  await writeFile(join(system, 'owner.key'), `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  await initialise(folder, options);
}

async function initialise(
  folder: string,
  { serverCommand, pipeTarball, upstream }: CreateProject,
): Promise<void> {
  const pipe = pipeTarball === undefined ? [] : ['--pipe', resolve(pipeTarball)];
  const npm = upstream ?? (await upstreamRegistry());
  await runServerCommand(serverCommand, ['--project', folder, '--init', ...pipe, '--npm', npm]);
}

const freePort = (host: string): Promise<number> =>
  new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => found(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
