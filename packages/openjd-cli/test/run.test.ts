/** `openjd run`: which tasks run, in what order, and what is reported. */
import { existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';

import { film, folder, said } from './command-fixture.ts';

const printed = /^(?:rendered|took|gave)/;

test('a whole job runs in dependency order and reports the step that failed', async () => {
  using here = folder({ 'film.json': film });
  const { out, status } = await here.openjd('run', 'film.json');
  expect(said(out, printed)).toEqual([
    'took a licence',
    ...[1, 2, 3].flatMap((frame) => ['left', 'right'].map((eye) => `rendered sh010 ${frame} ${eye} 320`)),
    'gave it back',
  ]);
  expect(out).toContain("ERROR executing action: 'Run Step 'Check' with Task parameters '{}''");
  expect(out).toMatch(/exited with code: 3 \(unsigned\) \/ 0x3 \(hex\)/);
  expect(out).toMatch(
    /\n--- Results of local session ---\n\nSession ended with errors; see Task logs for details\n\nJob: Film sh010\nStep: Check\nDuration: [\d.]+ seconds\nChunks run: 6\n\n$/,
  );
  expect(status).toBe(1);
});

test.each([
  [['--step', 'Render', '-tp', 'Frame=2', '-tp', 'Eye=left'], ['2 left']],
  [
    ['--step', 'Render', '--tasks', '[{"Frame": 1, "Eye": "right"}, {"Frame": "3", "Eye": "left"}]'],
    ['1 right', '3 left'],
  ],
  [['--step', 'Render', '--tasks', 'file://tasks.yaml'], ['3 right']],
  [
    ['--step', 'Render', '--maximum-tasks', '3'],
    ['1 left', '1 right', '2 left'],
  ],
])('%j runs %j', async (args, tasks) => {
  using here = folder({ 'film.json': film, 'tasks.yaml': '- { Frame: 3, Eye: right }\n' });
  const { out, status } = await here.openjd('run', 'film.json', ...args);
  expect(said(out, /^rendered/)).toEqual(tasks.map((task) => `rendered sh010 ${task} 320`));
  expect(out).toContain(`Step: Render\n`);
  expect(out).toContain(`Chunks run: ${tasks.length}\n`);
  expect(status).toBe(0);
});

test('a step runs alone unless its dependencies are asked for', async () => {
  using here = folder({ 'film.json': film });
  const alone = await here.openjd('run', 'film.json', '--step', 'Check');
  expect(said(alone.out, /^rendered/)).toEqual([]);
  const after = await here.openjd('run', 'film.json', '--step', 'Check', '--run-dependencies');
  expect(said(after.out, /^rendered/)).toHaveLength(6);
});

test.each([
  [
    ['-tp', 'Frame=9', '-tp', 'Eye=left'],
    'Task 0: Parameter Frame of type INT value 9 is not in the parameter space range.',
  ],
  [['-tp', 'Frame=1'], 'Task 0 is missing values for parameters: Eye'],
  [['-tp', 'Frame=1', '-tp', 'Eye=left', '-tp', 'Depth=1'], 'Task 0 defines unknown parameters: Depth'],
  [['-tp', 'Frame=1', '-tp', 'Frame=2'], "Task parameter 'Frame' has been defined more than once."],
  [['-tp', 'Frame'], "Expected '<NAME>=<VALUE>' format."],
  [['--tasks', '{}'], 'must be a list of maps'],
  [['--tasks', 'nonsense'], 'must be a JSON encoded list of maps'],
])('tasks %j are refused, and the help of the job follows', async (args, message) => {
  using here = folder({ 'film.json': film });
  const { out, status } = await here.openjd('run', 'film.json', '--step', 'Render', ...args);
  expect(out).toContain(message);
  expect(out).toContain('usage: openjd run film.json [arguments]');
  expect(status).toBe(1);
});

test('task parameters need a step', async () => {
  using here = folder({ 'film.json': film });
  const { out } = await here.openjd('run', 'film.json', '-tp', 'Frame=1');
  expect(out).toContain(
    "requires a specified step or a job with a single step.\n2 steps: ['Render', 'Check'].",
  );
});

test('--help with a template tells its parameters', async () => {
  using here = folder({ 'film.json': film });
  const { out, status } = await here.openjd('run', 'film.json', '--help');
  expect(out).toContain(`usage: openjd run film.json [arguments]

Job: Film {{Param.Shot}}
A shot

Job Parameters (-p/--job-param PARAM_NAME=VALUE):
  Shot (STRING) [default: 'sh010'] (allowed: 'sh010', 'sh020')
      which
  Width (INT) [default: 320] (minimum: 16)

Standard Options:
`);
  expect(status).toBe(0);
});

test('environments and path mapping come from outside', async () => {
  const environment = (name: string) => ({
    specificationVersion: 'environment-2023-09',
    environment: { name, variables: { [name]: 'was here' } },
  });
  const job = {
    specificationVersion: 'jobtemplate-2023-09',
    name: 'J',
    parameterDefinitions: [{ name: 'File', type: 'PATH' }],
    steps: [
      {
        name: 'S',
        script: { actions: { onRun: { command: 'sh', args: ['-c', 'echo OUT $A $B {{Param.File}}'] } } },
      },
    ],
  };
  using here = folder({ 'job.json': job, 'a.json': environment('A'), 'b.json': environment('B') });
  const rules = {
    version: 'pathmapping-1.0',
    path_mapping_rules: [{ source_path_format: 'posix', source_path: '/mnt', destination_path: '/dst' }],
  };
  const args = ['run', 'job.json', '--env', 'a.json', '--environment', 'b.json', '-p', 'File=/mnt/x'];
  const { out, status } = await here.openjd(...args, '--path-mapping-rules', JSON.stringify(rules));
  expect(said(out, /^OUT/)).toEqual(['OUT was here was here /dst/x']);
  expect(status).toBe(0);
  const wrong = await here.openjd(
    'run',
    'job.json',
    '-p',
    'File=x',
    '--path-mapping-rules',
    '{"version": "2"}',
  );
  expect(wrong).toMatchObject({ status: 1, out: expect.stringContaining('path mapping rules') as string });
});

test('as JSON the log is part of the document, and --verbose adds to it', async () => {
  using here = folder({ 'film.json': film });
  const only = ['--step', 'Render', '--maximum-tasks', '1', '--output', 'json'];
  const quiet = JSON.parse((await here.openjd('run', 'film.json', ...only)).out) as {
    logs: { message: string; timestamp: string }[];
  };
  expect(quiet).toMatchObject({
    status: 'success',
    job_name: 'Film sh010',
    step_name: 'Render',
    chunks_run: 1,
  });
  expect(quiet.logs.map(({ message }) => message)).toContain('rendered sh010 1 left 320');
  expect(quiet.logs[0]!.timestamp).toMatch(/^0:00:00\.\d{6}$/);
  const verbose = JSON.parse(
    (await here.openjd('run', 'film.json', ...only, '--verbose')).out,
  ) as typeof quiet;
  expect(verbose.logs.length).toBeGreaterThan(quiet.logs.length);
});

test.each([
  ['utc', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00\t/],
  ['local', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?[+-]\d\d:\d\d\t/],
])('--timestamp-format %s', async (format, pattern) => {
  using here = folder({ 'film.json': film });
  const { out } = await here.openjd('run', 'film.json', '--step', 'Check', '--timestamp-format', format);
  expect(out).toMatch(pattern);
});

test('--preserve keeps the working directory and names it', async () => {
  using here = folder({ 'film.json': film });
  const { out } = await here.openjd(
    'run',
    'film.json',
    '--step',
    'Render',
    '--maximum-tasks',
    '1',
    '--preserve',
  );
  const kept = /Working directory preserved at: (.+)/.exec(out)?.[1] ?? '';
  expect(existsSync(kept)).toBe(true);
  rmSync(kept, { recursive: true });
});

test('chunks that adapt grow towards their target', async () => {
  const chunks = { defaultTaskCount: 1, targetRuntimeSeconds: 86_400, rangeConstraint: 'CONTIGUOUS' };
  const frames = { name: 'F', type: 'CHUNK[INT]', range: '1-100', chunks };
  const onRun = { command: 'echo', args: ['CHUNK {{Task.Param.F}}'] };
  const step = {
    name: 'S',
    parameterSpace: { taskParameterDefinitions: [frames] },
    script: { actions: { onRun } },
  };
  using here = folder({
    'a.json': {
      specificationVersion: 'jobtemplate-2023-09',
      extensions: ['TASK_CHUNKING'],
      name: 'J',
      steps: [step],
    },
  });
  const { out } = await here.openjd('run', 'a.json');
  expect(said(out, /^CHUNK/)).toEqual(['CHUNK 1-1', 'CHUNK 2-100']);
  expect(out).toContain('Adjusting chunk size from 1 to ');
});
