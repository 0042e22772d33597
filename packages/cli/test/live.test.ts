/** Following what runs: a wave of one task that waits for the test, on the real server. */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { errorOf, type Film, makeFilm } from './film.ts';

let film: Film;
let slow: string;
/** While it is there, the task goes on. */
const hold = join(tmpdir(), `pipl-live-hold-${process.pid}`);
const template = JSON.stringify({
  specificationVersion: 'jobtemplate-2023-09',
  name: 'slow',
  parameterDefinitions: [{ name: 'Out_note', type: 'PATH' }],
  steps: [
    {
      name: 'write',
      script: {
        actions: { onRun: { command: 'sh', args: ['-eu', '{{Task.File.script}}'] } },
        embeddedFiles: [
          {
            name: 'script',
            type: 'TEXT',
            data: [
              'for i in 1 2 3 4; do echo "line $i"; echo "openjd_progress: ${i}0"; done',
              `while [ -e '${hold}' ]; do sleep 0.1; done`,
              'date +%N > "{{Param.Out_note}}/text/n"',
            ].join('\n'),
          },
        ],
      },
    },
  ],
});

beforeAll(async () => {
  film = await makeFilm();
  const pipeline = film.packl(
    '@film/pipeline',
    {
      exports: { '.': './index.js' },
      pipl: { kind: 'code', productTypes: { Note: '.#Note' }, taskTypes: { Slow: '.#Slow' } },
    },
    { 'index.js': 'export const Note = 1, Slow = 2;\n' },
  );
  slow = film.packl(
    '@film/slow',
    {
      dependencies: { '@film/pipeline': '^1.0.0' },
      pipl: {
        kind: 'task',
        type: '@film/pipeline#Slow',
        products: { note: '@film/note' },
        job: './slow.job.json',
        makes: {
          note: { type: '@film/pipeline#Note', assets: { text: { type: 'Text', kind: 'file' } } },
        },
      },
    },
    { 'slow.job.json': template },
  );
  const { status, err } = await film.pipl(['packl', 'publish', pipeline], { cwd: slow });
  if (status !== 0) throw new Error(err);
});
afterAll(() => film[Symbol.asyncDispose]());

/** Publishes the next version of the slow task, which runs it, and goes on when the returned function is called. */
async function wake(): Promise<() => void> {
  writeFileSync(hold, '');
  const letGo = () => rmSync(hold, { force: true });
  onTestFinished(letGo);
  const done = [await film.pipl(['packl', 'bump', 'patch'], { cwd: slow })];
  done.push(await film.pipl(['packl', 'publish'], { cwd: slow }));
  expect(done).toMatchObject([{ status: 0 }, { status: 0 }]);
  return letGo;
}

interface Followed {
  /** of stdout, as they come */
  readonly lines: string[];
  readonly child: ReturnType<Film['begin']>;
  readonly ended: Promise<number | null>;
}

function follow(args: readonly string[]): Followed {
  const child = film.begin(args, { cwd: slow });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => lines.push(text));
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { lines, child, ended };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('It did not come to that.');
    await pause(25);
  }
}

const lastRun = async () => {
  const { json } = await film.pipl(['runs', '@film/slow', '--limit', '1', '--json'], { cwd: slow });
  return (json.data as { state: string; attempt: string }[])[0]!;
};

test('runs -f tells every state while it happens, and ends when the wave does', async () => {
  const letGo = await wake();
  const { lines, ended } = follow(['runs', '-f', '--json']);
  const states = () => lines.map((text) => (JSON.parse(text) as { data: { state: string } }).data.state);
  await until(() => states().includes('running')); // told while it runs: it waits for the test
  letGo();
  expect(await ended).toBe(0);
  expect(states().at(-1)).toBe('succeeded');
  expect((await lastRun()).state).toBe('succeeded');
});

test('logs -f gives each line as it is printed, and ends with the run', async () => {
  const letGo = await wake();
  await until(async () => (await lastRun()).state === 'running');
  const { lines, ended } = follow(['logs', '-f', '@film/slow']);
  await until(() => lines.some((text) => text.includes('line 4'))); // the task waits for the test after it
  letGo();
  expect(await ended).toBe(0);
  expect(lines.filter((text) => text.includes('line '))).toEqual(
    [1, 2, 3, 4].map((n) => expect.stringContaining(`line ${n}`)),
  );
});

test('logs -f --json is one document a line, with the progress', async () => {
  const letGo = await wake();
  await until(async () => (await lastRun()).state !== 'waiting');
  const { lines, ended } = follow(['logs', '-f', '@film/slow', '--json']);
  const all = () => lines.map((text) => JSON.parse(text) as { ok: boolean; data: { progress?: number } });
  await until(() => all().some(({ data }) => data.progress === 40)); // a run tells the last one, five times a second
  letGo();
  expect(await ended).toBe(0);
  expect(all().every(({ ok }) => ok)).toBe(true);
});

test.each([['runs'], ['logs', '@film/slow']])(
  'Ctrl-C ends %s -f with 130, and the run goes on',
  async (...args) => {
    const letGo = await wake();
    await until(async () => (await lastRun()).state === 'running');
    const { lines, child, ended } = follow([...args, '-f']);
    await until(() => lines.length > 0);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    letGo();
    await until(async () => (await lastRun()).state === 'succeeded');
  },
);

test('run attach follows a run and ends as it does; what was cancelled is tried again when somebody says so', async () => {
  const letGo = await wake();
  await until(async () => (await lastRun()).state === 'running');
  const attached = follow(['run', 'attach', '@film/slow']);
  await until(() => attached.lines.some((text) => text.includes('line 1')));
  const { attempt } = await lastRun();
  expect((await film.pipl(['run', 'cancel', attempt.slice(0, 20)], { cwd: slow })).status).toBe(0);
  expect(await attached.ended).toBe(9);
  letGo();
  expect(attached.lines.at(-1)).toContain('canceled');
  const { json } = await film.pipl(['run', 'cancel', attempt, '--json'], { cwd: slow });
  expect(json.data).toMatchObject([{ attempt, state: 'canceled', canceled: false }]);

  expect((await film.pipl(['run', 'retry', '@film/slow'], { cwd: slow })).status).toBe(0);
  const again = follow(['run', 'attach', '@film/slow', '--json']);
  expect(await again.ended).toBe(0);
  expect(JSON.parse(again.lines.at(-1)!)).toMatchObject({ data: { state: 'succeeded' } });
});

test('what is paused starts no run and says who wants it so; resumed, it runs on what came meanwhile', async () => {
  const cwd = { cwd: slow };
  (await wake())();
  await film.pipl(['runs', '-f'], cwd);
  const before = await lastRun();
  const mistyped = await film.pipl(['pause', '@film/slwo'], cwd);
  expect([mistyped.status, errorOf(mistyped)[1]]).toEqual([3, '  why: Did you mean @film/slow?']);
  onTestFinished(async () => void (await film.pipl(['resume', '@film/slow'], cwd)));
  const paused = await film.pipl(['pause', '@film/slow', '-m', 'plates are late'], cwd);
  expect([paused.status, paused.out]).toEqual([0, 'Paused @film/slow\n']);
  const letGo = await wake();
  expect((await film.pipl(['runs', '-f'], cwd)).status).toBe(0); // the publish has caused what it causes
  expect((await lastRun()).attempt).toBe(before.attempt);
  expect((await film.pipl(['why', '@film/slow'], cwd)).out).toContain(
    'root paused @film/slow: plates are late',
  );
  expect((await film.pipl(['why', '@film/slow', '--json'], cwd)).json.data).toMatchObject({
    data: { task: { status: { is: 'blocked', by: [{ is: 'paused', by: 'root' }] } } },
  });
  const line = /^(?:paused +)?@film\/slow, by root since \d{4}-\d\d-\d\d \d\d:\d\d UTC: plates are late$/m;
  for (const args of [['pauses'], ['status'], ['proj', 'status']])
    expect((await film.pipl(args, cwd)).out).toMatch(line);
  expect((await film.pipl(['resume', '--all', '--json'], cwd)).json.error.code).toBe('PIPL_NOT_PAUSED');
  expect((await film.pipl(['resume', '@film/slow'], cwd)).out).toBe('Resumed @film/slow\n');
  letGo();
  await until(async () => (await lastRun()).attempt !== before.attempt);
  await until(async () => (await lastRun()).state === 'succeeded');
});

test('proj drain pauses everything and ends when nothing runs, when it took too long, or when somebody resumed', async () => {
  const cwd = { cwd: slow };
  const letGo = await wake();
  await until(async () => (await lastRun()).state === 'running');
  const late = await film.pipl(['proj', 'drain', '-m', 'the store moves', '--timeout', '0'], cwd);
  expect([late.status, errorOf(late)[1]]).toEqual([10, '  why: 1 run still runs: @film/slow.']);
  expect((await film.pipl(['status'], cwd)).out).toMatch(
    /^paused +everything, by root .*: the store moves$/m,
  );

  const drain = () => {
    const draining = follow(['proj', 'drain']);
    const told: string[] = [];
    createInterface({ input: draining.child.stderr }).on('line', (text) => told.push(text));
    return { ...draining, waits: () => until(() => told.includes('1 run still runs: @film/slow')) };
  };
  const resumed = drain();
  await resumed.waits();
  expect((await film.pipl(['resume', '--all'], cwd)).status).toBe(0);
  expect(await resumed.ended).toBe(4);

  const drained = drain();
  await drained.waits();
  letGo();
  expect([await drained.ended, drained.lines]).toEqual([0, ['Nothing runs.']]);
  expect((await lastRun()).state).toBe('succeeded');
  expect((await film.pipl(['resume', '--all'], cwd)).status).toBe(0);
});

test('proj gc says what it would remove, and keeps what is young', async () => {
  const { status, json } = await film.pipl(['proj', 'gc', '--dry-run', '--json'], { cwd: slow });
  expect(status).toBe(0);
  expect(json.data).toMatchObject({ dryRun: true, runs: 0, scratch: 0 });
});
