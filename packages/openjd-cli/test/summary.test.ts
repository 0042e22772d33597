/** `openjd summary`, and the ways to give job parameters. */
import { expect, test } from 'vitest';

import { film, folder } from './command-fixture.ts';

test('a job: parameters, steps, environments', async () => {
  using here = folder({ 'film.json': film });
  const { out, status } = await here.openjd('summary', 'film.json', '-p', 'Width=640');
  expect(status).toBe(0);
  expect(out).toBe(`
--- Summary for 'Film sh010' ---

Parameters:
  - Shot (STRING): sh010
  - Width (INT): 640

Total steps: 2
Total tasks: 7
Total environments: 2

--- Steps in 'Film sh010' ---

1. 'Render' (6 total Tasks)
  Task parameters:
    - Frame (INT)
    - Eye (STRING)
  1 environments

2. 'Check' (1 total Tasks)
  1 dependencies


--- Environments in 'Film sh010' ---
  - Licence (from 'root')
  - Scene (from 'Render')

`);
});

test('a job as JSON', async () => {
  using here = folder({ 'film.json': film });
  const { out } = await here.openjd('summary', 'film.json', '--output', 'json');
  expect(JSON.parse(out)).toEqual({
    status: 'success',
    message: "Summary for 'Film sh010'",
    name: 'Film sh010',
    parameter_definitions: [
      { name: 'Shot', description: 'which', type: 'STRING', value: 'sh010' },
      { name: 'Width', type: 'INT', value: '320' },
    ],
    total_steps: 2,
    total_tasks: 7,
    total_environments: 2,
    root_environments: [{ name: 'Licence', parent: 'root' }],
    steps: [
      {
        name: 'Render',
        parameter_definitions: [
          { name: 'Frame', type: 'INT' },
          { name: 'Eye', type: 'STRING' },
        ],
        total_tasks: 6,
        environments: [{ name: 'Scene', parent: 'Render' }],
      },
      { name: 'Check', total_tasks: 1, dependencies: [{ step_name: 'Render' }] },
    ],
  });
});

test('one step', async () => {
  using here = folder({ 'film.json': film });
  const { out } = await here.openjd('summary', 'film.json', '--step', 'Check', '--output', 'yaml');
  expect(out).toContain("message: Summary for Step 'Check' in Job 'Film sh010'");
  expect(out).toContain('total_tasks: 1\ntotal_environments: 0\ndependencies:\n- step_name: Render\n');
  const missing = await here.openjd('summary', 'film.json', '--step', 'Comp');
  expect(missing).toMatchObject({ status: 1, out: "Step 'Comp' does not exist in Job 'Film sh010'.\n" });
});

test('chunks are counted by their tasks', async () => {
  const range = {
    name: 'F',
    type: 'CHUNK[INT]',
    range: '1-100',
    chunks: { defaultTaskCount: 10, rangeConstraint: 'CONTIGUOUS' },
  };
  const step = {
    name: 'S',
    parameterSpace: { taskParameterDefinitions: [range] },
    script: film.steps[1]!.script,
  };
  using here = folder({ 'a.json': { ...film, extensions: ['TASK_CHUNKING'], steps: [step] } });
  expect((await here.openjd('summary', 'a.json')).out).toContain('Total tasks: 100');
});

test.each([
  [['-p', 'Shot=sh020', '-p', 'Width=17'], 'sh020', '17'],
  [['-p', '{"Shot": "sh020", "Width": 18}'], 'sh020', '18'],
  [['-p', 'file://values.yaml'], 'sh020', '19'],
  [['-p', 'file://values.json', '--job-param=Width=21'], 'sh010', '21'],
  [['-pWidth=22'], 'sh010', '22'],
  [['--job-param', 'Width=9007199254740993'], 'sh010', '9007199254740993'],
  [['-p', '{"Width": 9007199254740993}'], 'sh010', '9007199254740993'],
])('values from %j', async (args, shot, width) => {
  using here = folder({
    'film.json': film,
    'values.yaml': 'Shot: sh020\nWidth: 19\n',
    'values.json': { Width: 20 },
  });
  const { out } = await here.openjd('summary', 'film.json', ...args);
  expect(out).toContain(`Shot (STRING): ${shot}\n  - Width (INT): ${width}\n`);
});

test.each([
  ['Width', 'not formatted correctly'],
  ['{"Width": 1', 'not formatted correctly'],
  ['file://nothing.json', "Provided parameter file 'nothing.json' does not exist."],
  ['file://list.yaml', 'should contain a dictionary'],
  ['Width=3', "Parameter 'Width'"],
  ['Depth=3', 'Depth'],
])('-p %s is refused', async (value, message) => {
  using here = folder({ 'film.json': film, 'list.yaml': '- 1\n' });
  const { out, status } = await here.openjd('summary', 'film.json', '-p', value);
  expect(out).toContain('ERROR generating Job: ');
  expect(out).toContain(message);
  expect(status).toBe(1);
});
