/**
 * Trouble that no task is to blame for, on a real server: a clock that jumps, a registry that stands still, a task
 * that takes its runner along. Each comes to its end, nothing is published twice, and `pipl why` tells it.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runningServer } from '@pipl/project';
import { eventually, generatedProject, serverCommand, type GeneratedProject } from './generated-project.ts';

const library = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib']
  .map((folder) => join(folder, 'faketime', 'libfaketime.so.1'))
  .find((file) => existsSync(file));
if (library === undefined)
  console.error('libfaketime is not installed (apt install faketime): clocks do not jump');

const single = { a: ['@gen/seed'], b: ['@gen/a-note'] };
const statesOf = async ({ client }: GeneratedProject, task: string): Promise<string[]> =>
  (await client.runs({ task: `@gen/${task}` })).map(({ state }) => state).toReversed();
const whyOf = async ({ client }: GeneratedProject, task: string): Promise<string> =>
  (await client.why({ subject: `@gen/${task}` })).lines.join('\n');
const notesOf = async (production: GeneratedProject, task: string): Promise<number> =>
  (await production.rows()).filter(({ name }) => name === `@gen/${task}-note`).length;

/**
 * A production whose server, and nothing else, has a clock that tests set: the one on the wall, or all of them, so
 * that what it waits for comes sooner.
 */
async function withClock(graph: Readonly<Record<string, readonly string[]>>, which: 'wall' | 'all') {
  const folder = await mkdtemp(join(tmpdir(), 'pipl-clock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'clock');
  /** seconds from the true time */
  const jump = (seconds: number) => writeFile(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  await jump(0);
  const clock = [
    `LD_PRELOAD=${library}`,
    `FAKETIME_TIMESTAMP_FILE=${file}`,
    'FAKETIME_NO_CACHE=1',
    'FAKETIME_DONT_RESET=1',
    ...(which === 'wall' ? ['FAKETIME_DONT_FAKE_MONOTONIC=1'] : []),
  ];
  const production = await generatedProject(graph, {
    serverCommand: ['/usr/bin/env', ...clock, ...serverCommand],
  });
  return { production, jump };
}

/** Its task has begun and waits. */
async function atTheGate(production: GeneratedProject, task: string) {
  const gate = join(production.path, 'gate');
  await production.publishTask(task, '1.1.0', { parameters: { gate } });
  const change = await production.publishSeed('1.0.0', 'one');
  await eventually(async () => {
    const [first] = await production.client.runs({ change });
    return first?.firstActionAt;
  });
  return { change, open: () => writeFile(gate, '') };
}

test.skipIf(library === undefined)(
  'a clock that jumps ends the right of a run to publish: it is lost, and the next attempt publishes, once',
  { timeout: 540_000 },
  async () => {
    const { production, jump } = await withClock(single, 'wall');
    await using _ = production;
    const { change, open } = await atTheGate(production, 'a');
    await jump(2 * 24 * 60 * 60);
    await open();
    await production.settled(change);
    expect(await statesOf(production, 'a')).toEqual(['lost', 'succeeded']);
    const [second, first] = await production.client.runs({ task: '@gen/a' });
    const told = (await production.client.why({ subject: first!.attempt })).lines;
    expect(told[0]).toContain('expired');
    expect(told).toContain(
      `  The task was tried again on the same inputs: ticket ${second!.attempt} (succeeded).`,
    );
    expect(await statesOf(production, 'b')).toEqual(['succeeded']);
    expect([await notesOf(production, 'a'), await notesOf(production, 'b')]).toEqual([1, 1]);

    await jump(-24 * 60 * 60);
    await production.settled(await production.publishSeed('1.1.0', 'two'));
    expect((await statesOf(production, 'b')).at(-1)).toBe('succeeded');
    expect(await notesOf(production, 'b')).toBe(2);
  },
);

test.skipIf(library === undefined)(
  'a task that takes its runner along is tried five times, later and later, and then given up',
  { timeout: 540_000 },
  async () => {
    const { production, jump } = await withClock(
      {
        a: ['@gen/seed'],
        b: ['@gen/a-note'],
        beside: ['@gen/seed'],
      },
      'all',
    );
    await using _ = production;
    await production.publishTask('a', '1.1.0', { parameters: { poison: true } });
    const change = await production.publishSeed('1.0.0', 'one');
    let now = 0;
    await eventually(async () => {
      const { settledThrough } = await production.client.waves({ change });
      if (settledThrough >= change) return true;
      // Nobody waits for the pauses between attempts: the server's clock goes on.
      await jump((now += 5));
      return undefined;
    }, 60);
    expect(await statesOf(production, 'a')).toEqual(['lost', 'lost', 'lost', 'lost', 'lost']);
    expect(await statesOf(production, 'beside')).toEqual(['succeeded']);
    expect(await whyOf(production, 'a')).toContain('SIGKILL');
    expect(await whyOf(production, 'b')).toContain('@gen/a');
    const { changes } = await production.client.changes({ since: 0 });
    expect(changes.filter(({ op }) => op === 'failed')).toMatchObject([
      { name: '@gen/a', message: expect.stringContaining('lost') },
    ]);
  },
);

test('a registry that stands still for a while is waited for', { timeout: 540_000 }, async () => {
  await using production = await generatedProject(single);
  const { change, open } = await atTheGate(production, 'a');
  const { pid } = (await runningServer(production.project))!;
  process.kill(pid, 'SIGSTOP');
  try {
    await open();
    await sleep(2_000);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await production.settled(change);
  expect([await statesOf(production, 'a'), await statesOf(production, 'b')]).toEqual([
    ['succeeded'],
    ['succeeded'],
  ]);
  expect(await notesOf(production, 'a')).toBe(1);
  // Nothing went wrong, and nobody is told that it did.
  expect(await whyOf(production, 'a')).toMatch(/^@gen\/a ran .*@gen\/seed/);
  expect(await whyOf(production, 'a')).not.toMatch(/again|lost|failed/);
});
