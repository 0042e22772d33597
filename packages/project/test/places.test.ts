import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  createWorkarea,
  createWorkspace,
  findPackl,
  findProject,
  findWorkarea,
  findWorkspace,
  readProject,
  workspaceEnvironment,
} from '@pipl/project';
import { hashOf, testFolder } from './folders.ts';

const projectFiles = {
  'film/.pipl': { schema: 1, id: 'id', name: 'film', defaultIndex: 'root/PROJ' },
  'film/system/server.json': { host: '127.0.0.1', port: 4999 },
  'film/workspaces/.workarea': '{"project_path": ".."}',
};
const env = {};

test('project, workarea, workspace and packl are found from any folder below', async () => {
  using folder = testFolder(projectFiles);
  const project = await findProject({ from: folder.at('film/system'), env });
  const area = await findWorkarea({ from: folder.at('film'), env }); // the default one, at the project's root
  const workspace = await createWorkspace(project, { area, name: 'comp' });
  mkdirSync(`${workspace.path}/grade/src`, { recursive: true });
  folder.write({ 'film/workspaces/comp/grade/package.json': { name: 'grade' } });
  const from = folder.at('film/workspaces/comp/grade/src');

  expect(project).toMatchObject({ name: 'film', path: folder.at('film'), defaultIndex: 'root/PROJ' });
  expect(await findWorkspace({ from, env })).toEqual({
    path: folder.at('film/workspaces/comp'),
    name: 'comp',
  });
  expect(await findPackl({ from })).toBe(folder.at('film/workspaces/comp/grade'));
  await expect(findPackl({ from: workspace.path })).rejects.toMatchObject({
    code: 'PIPL_NO_PACKL',
    exitStatus: 3,
  });
});

test('a workarea outside the project knows it', async () => {
  using folder = testFolder(projectFiles);
  const project = await readProject(folder.at('film'));
  const area = await createWorkarea(project, folder.at('elsewhere'));
  const workspace = await createWorkspace(project, { area, name: 'comp' });
  expect(await findProject({ from: workspace.path, env })).toEqual(project);
  await expect(createWorkarea(project, folder.at('elsewhere'))).rejects.toMatchObject({ exitStatus: 4 });
});

test('PIPL_PROJECT and PIPL_WORKSPACE name what the folder does not', async () => {
  using folder = testFolder({ ...projectFiles, 'ws/.workspace': '{"name": "ws"}', 'other/a.txt': '' });
  const from = folder.at('other');
  expect((await findProject({ from, env: { PIPL_PROJECT: folder.at('film') } })).name).toBe('film');
  expect((await findWorkspace({ from, env: { PIPL_WORKSPACE: folder.at('ws') } })).name).toBe('ws');
  await expect(findProject({ from, env: { PIPL_PROJECT: from } })).rejects.toMatchObject({
    code: 'PIPL_NO_PROJECT',
    why: expect.stringContaining('PIPL_PROJECT'),
  });
});

test("the original's .pipl, a comment only, is a project with every default", async () => {
  using folder = testFolder({ 'old/.pipl': '# this is the root of the pipl project\n' });
  expect(await readProject(folder.at('old'))).toMatchObject({ name: 'old', defaultIndex: 'root/PROJ' });
});

test('a mistyped key of .pipl is named', async () => {
  using folder = testFolder({ 'film/.pipl': { name: 'film', defaultIdnex: 'root/PROJ' } });
  await expect(readProject(folder.at('film'))).rejects.toMatchObject({
    exitStatus: 7,
    why: expect.stringContaining('defaultIdnex'),
  });
});

test('a workspace has the settings of every pipl install and the registry of its project', async () => {
  using folder = testFolder(projectFiles);
  const project = await readProject(folder.at('film'));
  const area = await findWorkarea({ from: folder.at('film/workspaces'), env });
  const { path } = await createWorkspace(project, { area, name: 'comp' });
  const { readFileSync } = await import('node:fs');
  const settings = readFileSync(`${path}/pnpm-workspace.yaml`, 'utf8');
  for (const line of [
    "packages: ['*']",
    'enableGlobalVirtualStore: true',
    'minimumReleaseAge: 0',
    'ignoreScripts: true',
  ]) {
    expect(settings).toContain(line);
  }
  expect(readFileSync(`${path}/.npmrc`, 'utf8')).toBe('registry=http://127.0.0.1:4999/root/PROJ/\n');

  const before = hashOf(area.path);
  await expect(createWorkspace(project, { area, name: 'comp' })).rejects.toMatchObject({ exitStatus: 4 });
  await expect(createWorkspace(project, { area, name: '../x' })).rejects.toMatchObject({ exitStatus: 2 });
  expect(hashOf(area.path)).toBe(before);
});

test("a program in a workspace finds its packls' programs first and no settings of npm", async () => {
  using folder = testFolder({ 'ws/.workspace': '{"name": "ws"}', 'ws/grade/package.json': '{}' });
  const made = await workspaceEnvironment(await findWorkspace({ from: folder.at('ws'), env }), {
    from: folder.at('ws/grade'),
    env: { PATH: '/bin', npm_config_registry: 'http://elsewhere/' },
  });
  expect(made['PATH']).toBe(
    [folder.at('ws/grade/node_modules/.bin'), folder.at('ws/node_modules/.bin'), '/bin'].join(':'),
  );
  expect(made).not.toHaveProperty('npm_config_registry');
});
