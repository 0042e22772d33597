import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { access, itKeepsTheEnginePromises, scriptedTicket, until } from '../src/conformance.ts';
import { localEngine } from '../src/local.ts';
import { makeBed, runnerCommand, runnerConfig } from './local-bed.ts';
import { isAlive, identityOf } from '@pipl/openjd-sessions/process-identity';

itKeepsTheEnginePromises(makeBed);

/** A process with an engine of its own, that can be killed. */
async function otherServer(runsDir: string, tickets: readonly object[]) {
  const program = `
    import { localEngine } from ${JSON.stringify(join(import.meta.dirname, '../src/local.ts'))};
    const engine = localEngine(${JSON.stringify({ runsDir, runnerCommand, runnerConfig, concurrency: 1 })});
    for (const ticket of ${JSON.stringify(tickets)}) await engine.submit(ticket, ${JSON.stringify(access)});
    console.log('submitted');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: child.stdout }), 'line');
  return child;
}

test('after kill -9 of the server its runs are adopted: one runs on, one that waited still runs, each once', async () => {
  await using bed = await makeBed();
  const tickets = [
    scriptedTicket('running.1', { does: 'succeed', after: 1_000 }),
    scriptedTicket('waiting.1', { does: 'succeed' }),
  ];
  await bed.engine.close();
  const server = await otherServer(bed.runsDir, tickets);
  await until(
    () => bed.starts('running.1'),
    (starts) => starts === 1,
  );
  server.kill('SIGKILL');
  await once(server, 'exit');
  expect(await bed.starts('waiting.1')).toBe(0);

  await bed.restart();
  const hints: string[] = [];
  bed.engine.onHint?.((attempt) => hints.push(attempt));
  expect(await bed.engine.observe('running.1')).toMatchObject({ is: 'running' });
  for (const attempt of ['running.1', 'waiting.1']) {
    await until(
      () => bed.engine.observe(attempt),
      ({ is }) => is === 'succeeded',
    );
    expect(await bed.starts(attempt)).toBe(1);
  }
  await until(
    async () => hints,
    (seen) => seen.includes('running.1') && seen.includes('waiting.1'),
  );
});

test('an attempt whose runner died while no engine was there is lost, and what it left is ended', async () => {
  await using bed = await makeBed();
  await bed.engine.submit(scriptedTicket('alone.1', { does: 'wait' }), access);
  await until(
    () => bed.survivors('alone.1'),
    (pids) => pids.length > 1,
  );
  await bed.engine.close();
  await bed.killRunner('alone.1');
  await bed.restart();
  expect(await bed.engine.observe('alone.1')).toMatchObject({ is: 'lost' });
  expect(await bed.survivors('alone.1')).toEqual([]);
  await bed.engine.submit(scriptedTicket('alone.1', { does: 'wait' }), access);
  expect(await bed.starts('alone.1')).toBe(1);
});

test('a process that has the pid of a dead runner is not taken for it', async () => {
  await using bed = await makeBed();
  await bed.engine.submit(scriptedTicket('reused.1', { does: 'succeed', after: 60_000 }), access);
  await until(
    () => bed.starts('reused.1'),
    (starts) => starts === 1,
  );
  await bed.engine.close();
  await bed.killRunner('reused.1');
  const status = { pid: process.pid, startTime: '1', state: 'running' };
  await writeFile(join(bed.runsDir, 'reused.1', 'status.json'), JSON.stringify(status));
  await bed.restart();
  expect(await bed.engine.observe('reused.1')).toMatchObject({ is: 'lost' });
});

test('an attempt whose files a power cut has torn is lost, once and for all', async () => {
  await using bed = await makeBed();
  await bed.engine.close();
  const torn = { 'status.1': ['status.json'], 'result.1': ['status.json', 'result.json'] };
  for (const [attempt, files] of Object.entries(torn)) {
    const folder = join(bed.runsDir, attempt);
    await mkdir(folder);
    await writeFile(
      join(folder, 'ticket.json'),
      JSON.stringify(scriptedTicket(attempt, { does: 'succeed' })),
    );
    for (const file of files) await writeFile(join(folder, file), '{"pid":');
  }
  await bed.restart();
  for (const attempt of Object.keys(torn)) {
    const seen = await bed.engine.observe(attempt);
    expect(seen).toMatchObject({ is: 'lost' });
    await bed.restart();
    expect(await bed.engine.observe(attempt)).toEqual(seen);
    expect(await bed.starts(attempt)).toBe(0);
  }
});

test('a runner that cannot start loses the attempt, with the reason', async () => {
  await using bed = await makeBed();
  for (const [command, reason] of [
    [['/nowhere/node'], /ENOENT/],
    [[process.execPath, '-e', 'process.exit(3)'], /exit code 3/],
  ] as const) {
    const runsDir = join(bed.runsDir, 'broken');
    const engine = localEngine({ runsDir, runnerCommand: command, runnerConfig, concurrency: 1 });
    await engine.submit(scriptedTicket('broken.1', { does: 'succeed' }), access);
    const seen = await until(
      () => engine.observe('broken.1'),
      ({ is }) => is === 'lost',
    );
    expect(seen).toMatchObject({ reason: expect.stringMatching(reason) });
    await engine.close();
    await rm(runsDir, { recursive: true });
  }
});

test('the token is in a file of mode 0600 and in no process’s arguments or environment', async () => {
  await using bed = await makeBed();
  await bed.engine.submit(scriptedTicket('secret.1', { does: 'wait' }), access);
  await until(
    () => bed.survivors('secret.1'),
    (pids) => pids.length > 1,
  );
  const folder = join(bed.runsDir, 'secret.1');
  expect((await stat(join(folder, 'access.json'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, 'ticket.json'), 'utf8')).not.toContain(access.token);
  const { pid } = JSON.parse(await readFile(join(folder, 'status.json'), 'utf8')) as { pid: number };
  for (const one of [pid, ...(await bed.survivors('secret.1'))]) {
    expect(await readFile(`/proc/${one}/environ`, 'latin1')).not.toContain(access.token);
    expect(await readFile(`/proc/${one}/cmdline`, 'latin1')).not.toContain(access.token);
  }
});

test('a runner inherits no variable of the server that it was not meant to have', async () => {
  process.env['PIPL_TEST_SERVER_SECRET'] = 'for the server only';
  try {
    await using bed = await makeBed();
    await bed.engine.submit(scriptedTicket('env.1', { does: 'succeed' }), access);
    await until(
      () => bed.engine.observe('env.1'),
      ({ is }) => is === 'succeeded',
    );
    const { pid } = JSON.parse(await readFile(join(bed.runsDir, 'env.1', 'status.json'), 'utf8')) as {
      pid: number;
    };
    expect(await readFile(`/proc/${pid}/environ`, 'latin1')).not.toContain('PIPL_TEST_SERVER_SECRET');
  } finally {
    delete process.env['PIPL_TEST_SERVER_SECRET'];
  }
});

test('an attempt cannot be named out of the folder of runs', async () => {
  await using bed = await makeBed();
  await appendFile(join(bed.runsDir, '.keep'), '');
  const ticket = scriptedTicket('../escaped', { does: 'succeed' });
  await expect(bed.engine.submit(ticket, access)).rejects.toMatchObject({ code: 'PIPL_ATTEMPT' });
  await expect(bed.engine.observe('..')).rejects.toMatchObject({ code: 'PIPL_ATTEMPT' });
});

/** Only root may mount a small disk. @returns undefined where it may not be had */
async function smallDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-small-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  onTestFinished(async () => {
    if (status === 0) spawnSync('umount', ['-l', folder]);
    await rm(folder, { recursive: true, force: true });
  });
  return status === 0 ? folder : undefined;
}

test('the end of a run that a full disk does not take is written when there is room', async ({ skip }) => {
  const runsDir = await smallDisk();
  if (runsDir === undefined) return skip('only root may mount a small disk');
  const engine = localEngine({ runsDir, runnerCommand, runnerConfig, concurrency: 1, cancelGrace: 300 });
  onTestFinished(() => engine.close());
  const ended = Promise.withResolvers<string>();
  engine.onHint?.((attempt, what) => what === 'ended' && ended.resolve(attempt));
  await engine.submit(scriptedTicket('full.1', { does: 'wait' }), access);
  await until(
    () => engine.observe('full.1'),
    ({ is }) => is === 'running',
  );
  const { pid } = JSON.parse(await readFile(join(runsDir, 'full.1', 'status.json'), 'utf8')) as {
    pid: number;
  };
  const filler = join(runsDir, '.filler');
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']);
  process.kill(pid, 'SIGKILL');
  await until(
    async () => isAlive(identityOf(pid)),
    (alive) => !alive,
  );
  await expect(engine.observe('full.1')).rejects.toMatchObject({ code: 'ENOSPC' });
  await rm(filler);
  expect(await ended.promise).toBe('full.1');
  expect(await engine.observe('full.1')).toMatchObject({ is: 'lost' });
});
