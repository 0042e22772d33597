/** `pipl openjd`: the commands of `openjd` with pipl's streams, `--json` and exit statuses. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'pipl-openjd-'));
afterAll(() => rmSync(folder, { recursive: true }));

const job = (line: string) => ({
  specificationVersion: 'jobtemplate-2023-09',
  name: 'J',
  steps: [{ name: 'S', script: { actions: { onRun: { command: 'sh', args: ['-c', line] } } } }],
});
writeFileSync(join(folder, 'good.json'), JSON.stringify(job('echo made; exit 0')));
writeFileSync(join(folder, 'fails.json'), JSON.stringify(job('exit 3')));
writeFileSync(join(folder, 'bad.json'), JSON.stringify({ ...job('true'), steps: [] }));

function pipl(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, '-C', folder, 'openjd', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('a good template', () => {
  expect(pipl('check', 'good.json')).toEqual({
    status: 0,
    stdout: "Template at 'good.json' passes validation checks.\n",
    stderr: '',
  });
  expect(JSON.parse(pipl('summary', 'good.json', '--json').stdout)).toMatchObject({
    ok: true,
    data: { status: 'success', total_tasks: 1 },
  });
});

test.each([
  [['check', 'bad.json'], 7, 'must have at least one step'],
  [['check', 'missing.json'], 3, "'missing.json' does not exist"],
  [['check'], 2, 'the following arguments are required: path'],
  [['run', 'fails.json'], 9, 'Session ended with errors'],
  [['run', 'good.json', '--colour'], 2, 'unrecognized arguments: --colour'],
])('pipl openjd %j ends with %i', (args, status, text) => {
  const ended = pipl(...args);
  expect(ended.stderr).toContain(text);
  expect(ended.stderr).toContain('fix:');
  expect(ended.status).toBe(status);
});

test('a run logs to stdout as it goes; with --json it is one document', () => {
  const { status, stdout } = pipl('run', 'good.json', '--step', 'S');
  expect(stdout).toMatch(/\tmade\n/);
  expect(stdout).toContain('--- Results of local session ---');
  expect(status).toBe(0);
  const { data } = JSON.parse(pipl('run', 'good.json', '--json').stdout) as {
    data: { logs: { message: string }[] };
  };
  expect(data.logs.map(({ message }) => message)).toContain('made');
  const failed = JSON.parse(pipl('run', 'fails.json', '--json').stdout) as { error: object };
  expect(failed).toMatchObject({ ok: false, error: { code: 'PIPL_OPENJD_FAILED' } });
});
