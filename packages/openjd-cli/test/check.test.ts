/** `openjd check` and `openjd schema`, and how the command line itself is read. */
import { expect, test } from 'vitest';

import { film, folder } from './command-fixture.ts';

test('a good template passes, in every form of output', async () => {
  using here = folder({ 'film.json': film });
  const message = "Template at 'film.json' passes validation checks.";
  expect(await here.openjd('check', 'film.json')).toEqual({ status: 0, out: `${message}\n`, err: '' });
  const json = await here.openjd('check', 'film.json', '--output', 'json');
  expect(JSON.parse(json.out)).toEqual({ status: 'success', message });
  const yaml = await here.openjd('check', '--output=yaml', 'film.json');
  expect(yaml.out).toBe(`status: success\nmessage: ${message}\n\n`);
});

test('a bad one fails with every problem and its place', async () => {
  using here = folder({ 'bad.json': { ...film, name: '{{Param.Nothing}}', steps: [] } });
  const { status, out } = await here.openjd('check', 'bad.json');
  expect(status).toBe(1);
  expect(out).toContain("ERROR: 'bad.json' failed checks: ");
  expect(out).toContain('JobTemplate: must have at least one step.');
});

test('environment templates are checked as such', async () => {
  using here = folder({
    'env.yaml': `specificationVersion: environment-2023-09\nenvironment: { name: E, variables: { A: b } }\n`,
    'bad.yaml': `specificationVersion: environment-2023-09\nenvironment: { name: E }\n`,
  });
  expect((await here.openjd('check', 'env.yaml')).status).toBe(0);
  expect((await here.openjd('check', 'bad.yaml')).out).toContain('EnvironmentTemplate');
});

test.each([
  ['nothing.yaml', "ERROR: 'nothing.yaml' does not exist."],
  ['.', "ERROR: '.' is not a file."],
  ['yaml.json', "ERROR: 'yaml.json' failed checks: it is not a valid JSON document"],
  ['broken.yaml', "ERROR: 'broken.yaml' failed checks: The template is not YAML or JSON"],
])('%s is told apart', async (file, message) => {
  using here = folder({ 'yaml.json': 'specificationVersion: jobtemplate-2023-09', 'broken.yaml': 'a: [' });
  const { status, out } = await here.openjd('check', file);
  expect(out).toContain(message);
  expect(status).toBe(1);
});

test('--extensions says which ones a template may ask for', async () => {
  using here = folder({ 'film.json': { ...film, extensions: ['EXPR'] } });
  expect((await here.openjd('check', 'film.json')).status).toBe(0);
  expect((await here.openjd('check', 'film.json', '--extensions', 'TASK_CHUNKING, expr')).status).toBe(0);
  const refused = await here.openjd('check', 'film.json', '--extensions', 'TASK_CHUNKING');
  expect(refused.out).toContain('Unsupported extension names: EXPR');
  expect((await here.openjd('check', 'film.json', '--extensions', '')).status).toBe(1);
  const unknown = await here.openjd('check', 'film.json', '--extensions', 'TIME_TRAVEL');
  expect(unknown.out).toContain('Unsupported Open Job Description extension(s): TIME_TRAVEL');
});

test.each([
  [[], 0, 'usage: openjd <command> [arguments]'],
  [['--version'], 0, 'Open Job Description CLI 1.2.3'],
  [['check', '--help'], 0, 'usage: openjd check JOB_TEMPLATE_PATH [arguments]'],
  [['walk'], 2, "invalid choice: 'walk'"],
  [['check'], 2, 'the following arguments are required: path'],
  [['check', 'a', 'b'], 2, 'unrecognized arguments: b'],
  [['check', 'a', '--colour'], 2, 'unrecognized arguments: --colour'],
  [['check', 'a', '--output', 'xml'], 2, "invalid choice: 'xml'"],
  [['check', 'a', '--output'], 2, '--output: expected one argument'],
  [['run', 'a', '--maximum-tasks', 'x'], 2, "invalid int value: 'x'"],
  [['run', 'a', '--tasks', '[]', '-tp', 'A=1'], 2, 'not allowed with argument --tasks'],
  [['run', 'a', '--maximum-tasks', '1', '--tasks', '[]'], 2, 'not allowed with argument --maximum-tasks'],
  [['run', 'a', '--preserve=yes'], 2, "ignored explicit argument 'yes'"],
  [['run', 'a', '--ti'], 2, 'expected one argument'],
  [['run', 'a', '--p'], 2, 'ambiguous option: --p could match'],
  [['schema'], 2, 'the following arguments are required: --version'],
])('openjd %j ends with %i', async (args, status, text) => {
  using here = folder();
  const ended = await here.openjd(...args);
  expect(ended.out + ended.err).toContain(text);
  expect(ended.status).toBe(status);
});

test('the schema is a JSON Schema of the kind asked for', async () => {
  using here = folder();
  const job = JSON.parse((await here.openjd('schema', '--version', 'jobtemplate-2023-09')).out) as object;
  expect(job).toMatchObject({ type: 'object', properties: { steps: expect.anything() as object } });
  const environment = JSON.parse(
    (await here.openjd('schema', '--version', 'environment-2023-09')).out,
  ) as object;
  expect(environment).toMatchObject({ properties: { environment: expect.anything() as object } });
});
