/**
 * A workspace made, filled with 50 dependencies and ready, beside a bare `pnpm install` of the same 50 from the same
 * server with the same settings. Both are warm: what they need is in pnpm's store. They take turns, and the faster
 * quarter counts: a busy machine slows both.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { integrityOf, packTarball, type RegistryClient } from '@pipl/registry-client';
import {
  createPackl,
  createProject,
  createWorkspace,
  editPackl,
  findWorkarea,
  indexUrl,
  type Project,
  startServer,
  stopServer,
  syncWorkspace,
  writer,
} from '@pipl/project';
import { figure, quantile, type Print } from '../../../scripts/figures.ts';

const rounds = 12;
const count = 50;
const root = resolve(import.meta.dirname, '../../..');
const bundle = join(root, 'packages/cli/dist/pipl.mjs');
const names = Array.from({ length: count }, (_, at) => `@bench/part-${String(at).padStart(2, '0')}`);
const dependencies = Object.fromEntries(names.map((name) => [name, '^1.0.0']));

export async function bench(print: Print): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pipl-bench-workspace-'));
  // What pnpm keeps is the bench's own, as cold and as warm for both.
  for (const [name, below] of Object.entries({
    XDG_DATA_HOME: 'data',
    XDG_CACHE_HOME: 'cache',
    XDG_CONFIG_HOME: 'config',
  }))
    process.env[name] = join(folder, below);
  const serverCommand = [process.execPath, join(root, 'ci/src/serve.ts')];
  const project = await createProject({
    path: join(folder, 'film'),
    serverCommand,
    upstream: 'http://127.0.0.1:9/',
  });
  await startServer(project, { serverCommand });
  try {
    const client = await writer(project, () => {});
    await publishParts(client, project);
    const times = await measure(project, folder);
    const [bare, api, cli] = [times.bare, times.api, times.cli].map((all) => quantile(all, 0.25));
    const against = { unit: 'ms, p25', baseline: bare!, baselineName: `pnpm install of ${count}, warm` };
    print(
      figure('a workspace with 50 dependencies', {
        ...against,
        value: api!,
        goal: 'at most 1.3x',
        holds: api! <= 1.3 * bare!,
      }),
    );
    print(
      figure('the same by pipl work create, packl create, work sync', {
        ...against,
        value: cli!,
        goal: 'reported',
        holds: true,
      }),
    );
  } finally {
    await stopServer(project);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function publishParts(client: RegistryClient, project: Project): Promise<void> {
  const packls = [];
  for (const name of names) {
    const manifest = {
      name,
      version: '1.0.0',
      type: 'module',
      exports: './index.js',
      pipl: { kind: 'code' as const },
    };
    const files = {
      'package.json': JSON.stringify(manifest),
      'index.js': `export const name = '${name}';\n`,
    };
    const packed = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
    const { tarball } = await packTarball(packed);
    packls.push({ manifest, tarball, integrity: integrityOf(tarball) });
  }
  await client.release({ index: project.defaultIndex, packls });
}

async function measure(project: Project, folder: string): Promise<Record<'bare' | 'api' | 'cli', number[]>> {
  const times = { bare: [] as number[], api: [] as number[], cli: [] as number[] };
  const registry = await indexUrl(project);
  for (let round = -1; round < rounds; round += 1) {
    const turns = {
      bare: () => bareInstall(join(folder, `bare-${round}`), registry),
      api: () => byFunctions(project, `api${round}`),
      cli: async () => byCommands(project, `cli${round}`),
    };
    for (const [name, turn] of Object.entries(turns)) {
      const took = await turn();
      if (round >= 0) times[name as 'bare'].push(took); // the first one warms
    }
  }
  return times;
}

function bareInstall(folder: string, registry: string): number {
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'bare', version: '1.0.0', private: true, dependencies }),
  );
  writeFileSync(
    join(folder, 'pnpm-workspace.yaml'),
    'enableGlobalVirtualStore: true\nminimumReleaseAge: 0\nautoInstallPeers: true\n',
  );
  writeFileSync(join(folder, '.npmrc'), `registry=${registry}\n`);
  const began = performance.now();
  const flags = ['--ignore-scripts', '--no-frozen-lockfile', '--reporter=append-only'];
  const { status, stdout } = spawnSync('pnpm', ['install', ...flags], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CI: '1' },
  });
  if (status !== 0) throw new Error(stdout);
  return ready(folder, began);
}

async function byFunctions(project: Project, name: string): Promise<number> {
  const began = performance.now();
  const area = await findWorkarea({ from: project.path });
  const workspace = await createWorkspace(project, { area, name });
  const packl = await createPackl({ folder: workspace.path, name, index: project.defaultIndex });
  await fill(packl.folder);
  await syncWorkspace({ project, workspace });
  return ready(packl.folder, began);
}

async function byCommands(project: Project, name: string): Promise<number> {
  const pipl = (cwd: string, ...args: string[]) =>
    execFileSync(process.execPath, [bundle, '-C', cwd, ...args], { stdio: 'ignore' });
  const workspace = join(project.path, 'workspaces', name);
  const began = performance.now();
  pipl(project.path, 'work', 'create', name);
  pipl(workspace, 'packl', 'create', name);
  await fill(join(workspace, name));
  pipl(workspace, 'work', 'sync');
  return ready(join(workspace, name), began);
}

const fill = (folder: string): Promise<unknown> =>
  editPackl(folder, {
    comment: `${count} dependencies`,
    edit: (written) => ({ ...written, peerDependencies: {}, dependencies }),
  });

/** @returns milliseconds, once the last dependency is there */
function ready(folder: string, began: number): number {
  const took = performance.now() - began;
  for (const name of names) {
    if (!existsSync(join(folder, 'node_modules', name, 'index.js')))
      throw new Error(`${name} is not in ${folder}`);
  }
  return took;
}
