/** The Node that comes up while pnpm installs: a real process, seen by `ps`. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Ticket } from '@pipl/packl';
import { startEarlyNode } from '../src/early-node.ts';
import { makeBench, shellJob, type Bench } from './bench.ts';

async function scratchFolder() {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'pipl-early-')));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const start = (scratch: string, signal = new AbortController().signal) =>
  startEarlyNode({ node: process.execPath, scratch, signal, env: { PIPL_TREE: '/the/tree' } });

/** Early processes whose scratch is somewhere in the folder. */
const waitingIn = (folder: string): string[] =>
  execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && line.includes('early-node.mjs'));

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5);
}

test('it runs what it is told, as if Node had been started with it', async () => {
  await using folder = await scratchFolder();
  const script = join(folder.path, 'program.mjs');
  await writeFile(
    script,
    'console.log(JSON.stringify([process.argv.slice(1), process.cwd(), process.env.PIPL_TREE, process.execArgv]));' +
      'process.exitCode = 3;',
  );
  const early = start(folder.path);
  const end = await early.run({ script, args: ['describe', 'it'], cwd: folder.path });
  expect(end).toMatchObject({ exitCode: 3, stderr: '' });
  expect(JSON.parse(end.stdout)).toEqual([[script, 'describe', 'it'], folder.path, '/the/tree', []]);
});

test('a program that cannot be loaded ends it with what Node says', async () => {
  await using folder = await scratchFolder();
  const early = start(folder.path);
  const end = await early.run({ script: join(folder.path, 'none.mjs'), args: [], cwd: folder.path });
  expect(end).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('ERR_MODULE_NOT_FOUND') });
});

test('dismissed or told to stop, nothing of it is left', async () => {
  await using folder = await scratchFolder();
  const dismissed = start(folder.path);
  await until(() => waitingIn(folder.path).length === 1);
  await dismissed.dismiss();
  expect(waitingIn(folder.path)).toEqual([]);

  const stop = new AbortController();
  const stopped = start(folder.path, stop.signal);
  await until(() => waitingIn(folder.path).length === 1);
  stop.abort(new Error('enough'));
  await expect(stopped.run({ script: 'never', args: [], cwd: '/' })).rejects.toThrow('enough');
  expect(waitingIn(folder.path)).toEqual([]);
});

test('it does not outlive a runner that is killed', async () => {
  await using folder = await scratchFolder();
  const runner = join(folder.path, 'runner.mjs');
  const source = join(import.meta.dirname, '../src/early-node.ts');
  await writeFile(
    runner,
    `import { startEarlyNode } from ${JSON.stringify(source)};
     startEarlyNode({ node: process.execPath, scratch: ${JSON.stringify(folder.path)}, env: {}, signal: new AbortController().signal });`,
  );
  const child = spawn(process.execPath, [runner], { stdio: 'ignore' });
  await until(() => waitingIn(folder.path).length === 1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  // Init has to notice, too: not at once, but without being told.
  await expect.poll(() => waitingIn(folder.path)).toEqual([]);
});

/** A pnpm that waits until the early process is there, then does what the script says. */
async function pnpmThat(bench: Bench, script: string): Promise<string> {
  const file = join(bench.root, 'pnpm-stand-in');
  const look = `ps -eo args= | grep -q '${bench.root}.*[e]arly-node.mjs'`;
  await writeFile(file, `#!/bin/sh\nuntil ${look}; do :; done\ntouch ${bench.root}/seen\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** A task that has to be installed; by code, or with a template written by hand. */
async function ticketToInstall(bench: Bench, byHand = false): Promise<Ticket> {
  const ticket = await bench.ticketFor({ job: shellJob('true') });
  const { job, ...field } = ticket.field;
  const codeLock = { hash: 'new', dependencies: { '@test/code': '1.0.0' }, lockfile: '' };
  return { ...ticket, codeLock, field: { ...field, ...(byHand && job !== undefined ? { job } : {}) } };
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

test('an install that fails leaves no early process', async () => {
  await using bench = await makeBench();
  const pnpm = await pnpmThat(bench, 'echo ERR_PNPM_TEST; exit 1');
  const { result } = await bench.run(await ticketToInstall(bench), { config: { pnpm } });
  expect(result).toMatchObject({ state: 'failed', error: { code: 'PIPL_INSTALL' } });
  expect(waitingIn(bench.root)).toEqual([]);
});

test('a run that is cancelled while it installs leaves no early process', async () => {
  await using bench = await makeBench();
  const pnpm = await pnpmThat(bench, 'exec sleep 600');
  const stop = new AbortController();
  const running = bench.run(await ticketToInstall(bench), { config: { pnpm }, cancel: stop.signal });
  await until(() => exists(join(bench.root, 'seen')));
  stop.abort();
  expect((await running).result.state).toBe('canceled');
  expect(waitingIn(bench.root)).toEqual([]);
});

test('a task that cannot be fetched leaves no early process', async () => {
  await using bench = await makeBench();
  const pnpm = await pnpmThat(bench, 'mkdir node_modules');
  const ticket = await ticketToInstall(bench);
  const { result } = await bench.run(
    { ...ticket, task: { ...ticket.task, version: '9.9.9' } },
    { config: { pnpm } },
  );
  expect(result.state).toBe('failed');
  expect(await exists(join(bench.root, 'seen'))).toBe(true);
  expect(waitingIn(bench.root)).toEqual([]);
});

test('a template written by hand needs none', async () => {
  await using bench = await makeBench();
  const pnpm = join(bench.root, 'no-pnpm');
  await writeFile(pnpm, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const { folder, result } = await bench.run(await ticketToInstall(bench, true), { config: { pnpm } });
  expect(result).toMatchObject({ state: 'failed', error: { code: 'PIPL_INSTALL' } });
  expect(await exists(join(folder, 'work', 'early-node.mjs'))).toBe(false);
  expect(await readFile(join(folder, 'log.ndjson'), 'utf8')).toContain('installing the code of the task');
});
