/**
 * The same graph, the same script, for Snakemake, DVC and Turborepo, each in the way its manual shows: one command
 * that brings everything up to date, two tasks at once where it can (DVC runs one after the other).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { changed, script, sourceText, type Graph } from './graph.ts';
import type { Peer } from '../../../scripts/peer.ts';
import type { PeerName } from './installing.ts';

export interface Measured {
  /** milliseconds a task, all of them */
  readonly run: number;
  /** milliseconds when nothing is to be done */
  readonly noOp: number;
  /** tasks that ran again after a change, and the milliseconds for all of it */
  readonly one: { readonly ran: number; readonly milliseconds: number };
  readonly ignored: { readonly ran: number; readonly milliseconds: number };
}

interface Layout {
  /** Writes everything but the sources. */
  prepare(folder: string, graph: Graph): Promise<void>;
  readonly args: readonly string[];
  /** where a source lies, for a task that reads it; relative */
  source(name: string): string;
  output(task: string): string;
}

const concurrency = 2;
/** Milliseconds of one command; a peer that hangs is missing. */
const patience = 600_000;

export async function measurePeer(which: PeerName, { program }: Peer, graph: Graph): Promise<Measured> {
  if (program === undefined) throw new TypeError(`${which} is not installed`);
  const folder = await mkdtemp(join(tmpdir(), `pipl-${which}-`));
  const layout = layouts[which];
  const write = (name: string, what = {}) =>
    writeFile(join(folder, layout.source(name)), sourceText(graph, name, what));
  const bring = async () => {
    const began = Date.now();
    const milliseconds = await run(program, layout.args, folder);
    return { milliseconds, ran: await ranSince(began, graph, (task) => join(folder, layout.output(task))) };
  };
  try {
    await layout.prepare(folder, graph);
    for (const name of graph.sources) await write(name);
    const first = await bring();
    if (first.ran !== graph.tasks.length) throw new Error(`${which} ran ${first.ran} tasks.`);
    const nothing = await bring();
    await write(changed, { value: 1_000 });
    const one = await bring();
    await write(changed, { value: 1_000, remark: 'of no importance' });
    const ignored = await bring();
    return { run: first.milliseconds / graph.tasks.length, noOp: nothing.milliseconds, one, ignored };
  } finally {
    endThoseIn(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Turborepo leaves processes behind; what works in this folder is of this measurement. Linux only. */
function endThoseIn(folder: string): void {
  const pids = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  for (const pid of pids) {
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      if (cwd === folder || cwd.startsWith(`${folder}/`)) process.kill(Number(pid), 'SIGKILL');
    } catch (error) {
      // It is gone already, or of somebody else.
      if (!['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
    }
  }
}

async function ranSince(began: number, { tasks }: Graph, fileOf: (task: string) => string): Promise<number> {
  let ran = 0;
  for (const { name } of tasks) if ((await stat(fileOf(name))).mtimeMs >= began) ran += 1;
  return ran;
}

async function run(program: string, args: readonly string[], cwd: string): Promise<number> {
  const began = performance.now();
  const quiet = { DVC_NO_ANALYTICS: '1', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  const env = { ...process.env, ...quiet, PATH: [dirname(program), process.env['PATH']].join(delimiter) };
  const child = spawn(program, args, { cwd, env, timeout: patience, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (status !== 0) throw new Error(`${program} ended with ${status ?? signal}: ${said}`);
  return performance.now() - began;
}

const flat = {
  source: (name: string) => `in-${name}`,
  output: (task: string) => `out-${task}`,
};
const fileOf = (read: string): string => (read.startsWith('t') ? flat.output(read) : flat.source(read));
const taskFile = (folder: string) => writeFile(join(folder, 'task.sh'), `${script}\n`);

const snakemake: Layout = {
  ...flat,
  args: ['--cores', String(concurrency), '--quiet', 'all'],
  async prepare(folder, { tasks }) {
    const reads = Object.fromEntries(tasks.map((task) => [task.name, task.reads.map(fileOf)]));
    await taskFile(folder);
    await writeFile(
      join(folder, 'Snakefile'),
      [
        `reads = ${JSON.stringify(reads)}`,
        'rule all:',
        '    input: [f"out-{name}" for name in reads]',
        'rule task:',
        '    input: lambda wildcards: reads[wildcards.name]',
        '    output: "out-{name}"',
        '    shell: "sh task.sh {input} {output}"',
        '',
      ].join('\n'),
    );
  },
};

const dvc: Layout = {
  ...flat,
  args: ['repro', '--quiet'],
  async prepare(folder, { tasks }) {
    const stages = Object.fromEntries(
      tasks.map(({ name, reads }) => {
        const deps = reads.map(fileOf);
        const cmd = `sh task.sh ${deps.join(' ')} ${flat.output(name)}`;
        return [name, { cmd, deps: ['task.sh', ...deps], outs: [flat.output(name)] }];
      }),
    );
    await taskFile(folder);
    // YAML holds JSON.
    await writeFile(join(folder, 'dvc.yaml'), JSON.stringify({ stages }));
    await mkdir(join(folder, '.dvc'));
    await writeFile(join(folder, '.dvc', 'config'), '[core]\n    no_scm = True\n    analytics = false\n');
  },
};

/** A package a task; what it reads of others it finds by its dependencies, the sources lie in it. */
const turbo: Layout = {
  source: (name) => (name === 'left' || name === 'right' ? name : `packages/t0-${name.slice(1)}/source`),
  output: (task) => `packages/${task}/out`,
  args: ['run', 'build', `--concurrency=${concurrency}`, '--output-logs=none', '--no-daemon'],
  async prepare(folder, { tasks }) {
    for (const { name, reads } of tasks) {
      const own = join(folder, 'packages', name);
      await mkdir(own, { recursive: true });
      const above = reads.filter((read) => read.startsWith('t'));
      const files = reads.map((read) => (above.includes(read) ? `../${read}/out` : sourceFrom(read)));
      const manifest = {
        name,
        version: '1.0.0',
        scripts: { build: `sh ../../task.sh ${files.join(' ')} out` },
        dependencies: Object.fromEntries(above.map((read) => [read, 'workspace:*'])),
      };
      await writeFile(join(own, 'package.json'), JSON.stringify(manifest));
    }
    await taskFile(folder);
    // Each task is a script that the package manager starts: by pnpm, as npm takes five times as long for it. It is
    // not to look for itself in the registry first.
    const root = { name: 'root', private: true, packageManager: 'pnpm@12.21.0' };
    await writeFile(join(folder, 'package.json'), JSON.stringify(root));
    const settings = ['packages: [packages/*]', 'verifyDepsBeforeRun: false', 'pmOnFail: ignore', ''];
    await writeFile(join(folder, 'pnpm-workspace.yaml'), settings.join('\n'));
    await writeFile(
      join(folder, 'turbo.json'),
      JSON.stringify({
        globalDependencies: ['left', 'right', 'task.sh'],
        tasks: { build: { dependsOn: ['^build'], outputs: ['out'] } },
      }),
    );
    await writeFile(join(folder, '.gitignore'), '.turbo\nout\n');
    await run('/usr/bin/env', ['git', 'init', '-q', '.'], folder);
  },
};

const sourceFrom = (read: string): string => (read.startsWith('s') ? 'source' : `../../${read}`);

const layouts: Readonly<Record<PeerName, Layout>> = { snakemake, dvc, turbo };
