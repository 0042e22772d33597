/** What handlers read from disk when the disk does not give it: told by the file, and nothing is passed by it. */
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reportOf, templateOf } from '../../src/handlers/files.ts';
import { passed, stage } from './scene.ts';

const job = (template: string) => ({
  index: stage,
  name: 'job',
  handler: { kind: 'job' as const, template },
});
const run = { attempt: 'a1', name: '@film/bunny', version: '1.0.0' };

test('a template is its text, nothing when it is not there, and the reason when it cannot be read', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'handlers-files-'));
  await writeFile(join(folder.path, 'tell.yaml'), 'name: tell');
  const read = (template: string) => templateOf(folder.path, job(template));
  expect(await read('./tell.yaml')).toEqual({ text: 'name: tell' });
  expect([await read('./none.yaml'), await read('./tell.yaml/none.yaml'), await read('./../x')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(await read('./.')).toEqual({ unreadable: expect.stringContaining('EISDIR') });
  expect(await read('./a\0b')).toEqual({ unreadable: expect.stringContaining('null bytes') });
});

test('a report that is there and cannot be read is a check that did not pass', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'handlers-files-'));
  const file = join(folder.path, run.attempt, 'checks.json');
  expect(await reportOf(folder.path, run)).toBeUndefined();
  await mkdir(file, { recursive: true });
  expect(await reportOf(folder.path, run)).toEqual({
    checks: [
      {
        of: '@film/bunny@1.0.0',
        check: 'runs',
        passed: false,
        seconds: 0,
        message: expect.stringMatching(/^checks\.json of run a1 cannot be read: EISDIR/),
      },
    ],
  });
  const other = { ...run, attempt: 'a2' };
  await mkdir(join(folder.path, 'a2'));
  await writeFile(join(folder.path, 'a2', 'checks.json'), '{"che');
  expect(await reportOf(folder.path, other)).toBeUndefined();
  await writeFile(join(folder.path, 'a2', 'checks.json'), JSON.stringify({ checks: [passed('works')] }));
  expect(await reportOf(folder.path, other)).toEqual({ checks: [passed('works')] });
});
