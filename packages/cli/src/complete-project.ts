/** What a project has that may be typed: asked of its server, and given up soon, for somebody waits at a prompt. */
import { setTimeout as pause } from 'node:timers/promises';
import { anyProject, listWorkspaces, type Project, reader } from '@pipl/project';
import type { Candidate } from './complete.ts';
import { tasksOf } from './pausing.ts';

export type Subject = 'packls' | 'types' | 'indexes' | 'runs' | 'tasks' | 'users' | 'workspaces';

interface Asked {
  readonly typed: string;
  readonly where: { readonly from: string; readonly env: NodeJS.ProcessEnv };
}

const patience = 1500;

/** Empty where there is no project, no server, or no answer soon enough. */
export async function offeredBy(subject: Subject, { typed, where }: Asked): Promise<readonly Candidate[]> {
  const none: readonly Candidate[] = [];
  const asked = anyProject(where).then((project) =>
    project === undefined ? none : find[subject](project, typed),
  );
  return Promise.race([asked, pause(patience, none, { ref: false })]).catch(() => none);
}

type Client = Awaited<ReturnType<typeof reader>>;

const packlsOf = async (project: Project): Promise<Awaited<ReturnType<Client['packls']>>> =>
  (await reader(project)).packls(project.defaultIndex, { inherited: true });

const find: Record<Subject, (project: Project, typed: string) => Promise<readonly Candidate[]>> = {
  async packls(project, typed) {
    const packls = await packlsOf(project);
    const at = typed.indexOf('@', 1);
    if (at < 0)
      return packls.map(({ name, kind, latest }) => ({
        value: name,
        about: [kind, latest].filter(Boolean).join(' '),
      }));
    const found = packls.find(({ name }) => name === typed.slice(0, at));
    return (found?.versions ?? []).toReversed().map((version) => ({ value: `${found?.name}@${version}` }));
  },
  async types(project) {
    const client = await reader(project);
    const { rows } = await client.rows(project.defaultIndex);
    const names = rows.flatMap(({ name, manifest: { pipl } }) =>
      pipl?.kind === 'code'
        ? Object.keys({ ...pipl.taskTypes, ...pipl.productTypes }).map((type) => `${name}#${type}`)
        : [],
    );
    return [...new Set(names)].map((value) => ({ value }));
  },
  async indexes(project) {
    return (await (await reader(project)).indexes()).map(({ name, volatile }) => ({
      value: name,
      ...(volatile ? { about: 'volatile' } : {}),
    }));
  },
  async runs(project) {
    const client = await reader(project);
    const runs = await client.runs({ limit: 50 });
    const tasks = [...new Set(runs.map(({ task }) => task))].map((value) => ({ value, about: 'task' }));
    return [
      ...tasks,
      ...runs.map(({ attempt, task, state }) => ({ value: attempt, about: `${task} ${state}` })),
    ];
  },
  async tasks(project) {
    return (await tasksOf(await reader(project))).map((value) => ({ value }));
  },
  async users(project) {
    return (await (await reader(project)).users()).map(({ name }) => ({ value: name }));
  },
  async workspaces(project) {
    return (await listWorkspaces(project)).map(({ name, path }) => ({ value: name, about: path }));
  },
};
