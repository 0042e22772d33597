/**
 * From "published" to "the first action of the task downstream runs", really published and really run, against
 * the least that has to happen: pnpm handed a finished lock with a warm store, one Node, one spawn. Both are
 * measured in the same run and take turns.
 *
 * A new version of the pipeline gives a new code lock (an install and a new job template); a new version of the
 * seed gives a known one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ticket } from '@pipl/packl';
import { figure, quantile, type Print } from '../../scripts/figures.ts';
import { generatedProject, type GeneratedProject } from '../test/generated-project.ts';

const rounds = 20;
const warmUp = 2;
const quantiles = [
  [0.5, 'p50'],
  [0.95, 'p95'],
] as const;
const reported = { goal: 'reported', holds: true };

interface Samples {
  /** of a known lock: until the runner had the run */
  readonly started: number[];
  readonly known: number[];
  readonly fresh: number[];
  readonly install: number[];
  readonly node: number[];
  readonly spawn: number[];
}

export async function bench(print: Print): Promise<void> {
  await using production = await generatedProject();
  const samples: Samples = { started: [], known: [], fresh: [], install: [], node: [], spawn: [] };
  await reaction(production, () => production.publishSeed('1.0.0', 'seed'));
  for (let round = 1; round <= rounds + warmUp; round += 1) {
    const known = await reaction(production, () => production.publishSeed(`1.${round}.0`, `seed ${round}`));
    const fresh = await reaction(production, () => production.publishPipeline(`1.${round}.0`));
    const floor = await floorOf(fresh.ticket);
    if (round <= warmUp) continue;
    samples.started.push(known.started);
    samples.known.push(known.milliseconds);
    samples.fresh.push(fresh.milliseconds);
    samples.install.push(floor.install);
    samples.node.push(floor.node);
    samples.spawn.push(floor.spawn);
  }
  report(samples, print);
}

function report({ started, known, fresh, install, node, spawn: spawned }: Samples, print: Print): void {
  for (const [at, label] of quantiles) {
    const value = quantile(fresh, at);
    const baseline = quantile(install, at) + quantile(node, at) + quantile(spawned, at);
    const baselineName = 'pnpm with a lock + node -e 0 + spawn';
    const goal = at === 0.5 ? { goal: 'at most 1.5x', holds: value <= 1.5 * baseline } : reported;
    print(figure(`new code lock, ${label}`, { value, unit: 'ms', baseline, baselineName, ...goal }));
  }
  for (const [at, label] of quantiles) {
    const installed = quantile(install, at);
    const against = { baseline: installed, baselineName: 'pnpm with a lock' };
    const value = quantile(fresh, at) - installed;
    const goal = at === 0.5 ? { goal: 'at most 50 ms', holds: value <= 50 } : reported;
    print(figure(`new code lock, beyond the install, ${label}`, { value, unit: 'ms', ...against, ...goal }));
  }
  for (const [at, label] of quantiles) {
    const value = quantile(started, at);
    const against = { baseline: quantile(spawned, at), baselineName: 'spawn of /bin/true' };
    const goal = at === 0.5 ? { goal: 'at most 40 ms', holds: value <= 40 } : reported;
    print(
      figure(`publish to run start, known code lock, ${label}`, { value, unit: 'ms', ...against, ...goal }),
    );
  }
  for (const [at, label] of quantiles) {
    const value = quantile(known, at);
    const against = { baseline: quantile(spawned, at), baselineName: 'spawn of /bin/true' };
    const goal = at === 0.5 ? { goal: 'at most 60 ms', holds: value <= 60 } : reported;
    print(figure(`known code lock, warm runner, ${label}`, { value, unit: 'ms', ...against, ...goal }));
  }
}

/** Publishes, and waits for the whole wave, so that rounds do not overlap. */
async function reaction(production: GeneratedProject, publish: () => Promise<number>) {
  const change = await publish();
  const acknowledged = Date.now();
  const runs = await production.settled(change);
  const first = runs.find(({ task }) => task === '@gen/a');
  if (first?.firstActionAt === undefined) throw new Error(`Change ${change} started no action of @gen/a.`);
  if (first.startedAt === undefined) throw new Error(`Change ${change} started no run of @gen/a.`);
  const started = Date.parse(first.startedAt) - acknowledged;
  const file = join(production.project.system, 'runs', first.attempt, 'ticket.json');
  const ticket = JSON.parse(await readFile(file, 'utf8')) as Ticket;
  return { started, milliseconds: Date.parse(first.firstActionAt) - acknowledged, ticket };
}

/** What cannot be saved: pnpm installs the same lock in a fresh folder, Node starts, a process is spawned. */
async function floorOf({ codeLock }: Ticket): Promise<{ install: number; node: number; spawn: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-floor-'));
  const manifest = { name: 'floor', private: true, dependencies: codeLock.dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'pnpm-lock.yaml'), codeLock.lockfile);
  await writeFile(
    join(folder, 'pnpm-workspace.yaml'),
    'enableGlobalVirtualStore: true\nminimumReleaseAge: 0\nautoInstallPeers: true\nexcludeLinksFromLockfile: false\n',
  );
  const flags = ['--frozen-lockfile', '--offline', '--ignore-scripts'];
  try {
    return {
      install: await timed('pnpm', ['install', ...flags], folder),
      node: await timed(process.execPath, ['-e', '0'], folder),
      spawn: await timed('/bin/true', [], folder),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(file: string, args: readonly string[], cwd: string): Promise<number> {
  const began = performance.now();
  const child = spawn(file, args, { cwd, stdio: 'ignore' });
  const [status] = (await once(child, 'exit')) as [number];
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}.`);
  return performance.now() - began;
}
