/** The project that one stands in: its files, its server, its clock, who I am to it, and its framework. */
import { access, constants, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reader } from './credentials.ts';
import { asProblem, type Check, type Examined, type Finding, ok } from './doctor-words.ts';
import { ownFile } from './doctor-machine.ts';
import { frameworkOf } from './framework.ts';
import { anyProject } from './places.ts';
import { type Project, readServerAddress } from './project-file.ts';
import { runningServer, serverStatus } from './server.ts';

type Found = Omit<Finding, 'check'>;

export async function projectChecks(asked: Examined): Promise<Check[]> {
  let project: Project | undefined;
  try {
    project = await anyProject(asked.where);
  } catch (error) {
    return [{ check: 'project', run: async () => [asProblem(error)] }];
  }
  if (project === undefined) return [{ check: 'project', run: async () => nowhere(asked) }];
  const found = project;
  const here: Check[] = [
    { check: 'folders', run: () => writable(found) },
    {
      check: 'owner key',
      run: () => ownFile(join(found.system, 'owner.key'), { ...asked, what: 'Owner key' }),
    },
    { check: 'left over', run: () => leftOver(found, asked.fix) },
  ];
  return [
    { check: 'project', run: async () => ok(`${found.name} (${found.path})`) },
    ...(found.url === undefined ? here : []),
    { check: 'server', run: () => server(found) },
    { check: 'login', run: () => login(found) },
    { check: 'framework', run: () => framework(found, asked) },
  ];
}

const nowhere = ({ where }: Examined): Found[] => [
  { state: 'warning', what: `${where.from ?? '.'} belongs to no project.`, fix: 'pipl proj create PATH' },
];

async function writable({ system }: Project): Promise<Found[]> {
  const names = ['db', 'assets', 'run', 'runs', 'trees'];
  const closed: string[] = [];
  for (const name of names) {
    const may = access(join(system, name), constants.R_OK | constants.W_OK);
    await may.catch(() => closed.push(name));
  }
  if (closed.length === 0) return ok('Folders of the project can be written.');
  const what = `You may not write ${closed.map((name) => join(system, name)).join(', ')}.`;
  return [
    { state: 'warning', what, fix: 'Only who runs the server must; else ask the owner of the project.' },
  ];
}

/** Folders that a command which was killed left beside the project, or in its areas. */
async function leftOver(project: Project, fix: boolean): Promise<Found[]> {
  const beside = [dirname(project.path), join(project.path, 'workspaces')];
  const found: string[] = [];
  for (const folder of beside) {
    const names = await readdir(folder).catch(() => []);
    found.push(
      ...names
        .filter((name) => /^\..+\.[0-9a-f]{8}\.(?:new|gone)$/.test(name))
        .map((name) => join(folder, name)),
    );
  }
  if (found.length === 0) return ok('No command left anything half-done.');
  const problem = {
    state: 'warning',
    what: `A command that was killed left ${found.join(', ')}.`,
    fix: 'pipl doctor --fix',
  } as const;
  if (!fix) return [problem];
  for (const path of found) await rm(path, { recursive: true, force: true });
  return [{ ...problem, done: 'Removed.' }];
}

const skewAllowed = 60_000;

async function server(project: Project): Promise<Found[]> {
  // Looking for it removes the note of one that was killed.
  if (project.url === undefined && (await runningServer(project)) === undefined) {
    const { port } = await readServerAddress(project);
    return [
      {
        state: 'warning',
        what: `The server is not running (port ${port}).`,
        fix: 'pipl proj start --detach',
      },
    ];
  }
  const began = performance.now();
  const { url, head, rootPasswordEmpty } = await serverStatus(project);
  const took = Math.round(performance.now() - began);
  const password: Found[] =
    rootPasswordEmpty === true
      ? [
          {
            state: 'warning',
            what: "Root's password is empty.",
            fix: 'pipl proj user set root --password-stdin',
          },
        ]
      : [];
  return [...ok(`${url} answers in ${took} ms, change ${head ?? 0}`), ...(await clock(url!)), ...password];
}

async function clock(url: string): Promise<Found[]> {
  const { headers } = await fetch(`${url}/-/pipl/v1/status`);
  const skew = Math.abs(Date.now() - Date.parse(headers.get('date') ?? ''));
  if (!(skew > skewAllowed)) return [];
  const what = `The clock of the server is ${Math.round(skew / 1000)} s away from this one.`;
  return [{ state: 'problem', what, fix: 'Set both by NTP: logins and tokens end too early or too late.' }];
}

async function login(project: Project): Promise<Found[]> {
  const client = await reader(project).catch(() => undefined);
  if (client === undefined) return ok('Not asked: the server does not run.');
  if (client.token === undefined) return ok('Not logged in: you may read what everybody may.');
  const { name } = await client.whoami();
  return ok(`You are ${name}.`);
}

async function framework(project: Project, { tarball }: Examined): Promise<Found[]> {
  const client = await reader(project).catch(() => undefined);
  if (client === undefined) return ok('Not asked: the server does not run.');
  const { has, brings, newer } = await frameworkOf(client, { project, tarball: tarball() });
  if (!newer) return ok(`@pipl/pipe ${has}`);
  const what = `The project has @pipl/pipe ${has ?? 'not at all'}; this pipl brings ${brings}.`;
  return [{ state: 'warning', what, fix: 'pipl proj upgrade' }];
}
