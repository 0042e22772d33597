/** Lines of the feature list that no other test of the command line is about. */
import { expect, test } from 'vitest';

import { film, folder, said } from './command-fixture.ts';

test('--no-run-dependencies runs the step alone, as without it', async () => {
  using here = folder({ 'film.json': film });
  const { out } = await here.openjd('run', 'film.json', '--step', 'Check', '--no-run-dependencies');
  expect(said(out, /^rendered/)).toEqual([]);
  expect(out).toContain('exited with code: 3');
});

test('times are counted from the start unless asked for otherwise', async () => {
  using here = folder({ 'film.json': film });
  const only = ['run', 'film.json', '--step', 'Check'];
  for (const more of [[], ['--timestamp-format', 'relative']]) {
    const { out } = await here.openjd(...only, ...more);
    expect(out).toMatch(/^0:00:00\.\d{6}\t/);
  }
});

test('rules of path mapping may come from a file', async () => {
  const rule = { source_path_format: 'POSIX', source_path: '/mnt', destination_path: '/dst' };
  const job = {
    ...film,
    parameterDefinitions: [{ name: 'File', type: 'PATH' }],
    name: 'J',
    jobEnvironments: undefined,
    steps: [{ name: 'S', script: { actions: { onRun: { command: 'echo', args: ['OUT {{Param.File}}'] } } } }],
  };
  using here = folder({
    'job.json': job,
    'rules.json': { version: 'pathmapping-1.0', path_mapping_rules: [rule] },
  });
  const args = ['run', 'job.json', '-p', 'File=/mnt/a', '--path-mapping-rules', 'file://rules.json'];
  const { out, status } = await here.openjd(...args);
  expect(said(out, /^OUT/)).toEqual(['OUT /dst/a']);
  expect(status).toBe(0);
});

test('run and summary know the extensions that are allowed, an empty text allows none', async () => {
  using here = folder({ 'film.json': { ...film, extensions: ['EXPR'] } });
  for (const command of ['run', 'summary']) {
    const refused = await here.openjd(command, 'film.json', '--extensions', '');
    expect(refused.out).toContain('Unsupported extension names: EXPR');
    expect(refused.status).toBe(1);
  }
  const allowed = await here.openjd('summary', 'film.json', '--extensions', 'EXPR');
  expect(allowed.status).toBe(0);
});

test('the report of a run as YAML', async () => {
  using here = folder({ 'film.json': film });
  const { out, status } = await here.openjd('run', 'film.json', '--step', 'Check', '--output', 'yaml');
  expect(out).toMatch(/^status: error\n/);
  expect(out).toContain('job_name: Film sh010\nstep_name: Check\n');
  expect(out).toContain('chunks_run: ');
  expect(status).toBe(1);
});

test('--help without a template tells every option', async () => {
  using here = folder();
  const { out, status } = await here.openjd('run', '-h');
  const options = [
    '--job-param',
    '--step',
    '--task-param',
    '--tasks',
    '--maximum-tasks',
    '--run-dependencies',
    '--no-run-dependencies',
    '--path-mapping-rules',
    '--environment',
    '--preserve',
    '--verbose',
    '--timestamp-format',
    '--output',
    '--extensions',
  ];
  expect(options.filter((option) => !out.includes(option))).toEqual([]);
  expect(status).toBe(0);
});
