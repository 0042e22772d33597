import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const here = import.meta.dirname;

test('the example of the README runs as it stands and prints what the README says', async () => {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(here, '../README.md'), 'utf8')) ?? [];
  const file = join(here, `readme-${process.pid}.ts`);
  // The package is not among its own dependencies, so its own name is written as a path.
  writeFileSync(file, example.replace("'@pipl/openjd-sessions'", "'../src/index.ts'"));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    const tasks = Array.from({ length: 10 }, (_, at) => `Foo=12 Bar=${at + 1}`);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'Entering DemoJobEnv',
      'Entering DemoStepEnv',
      ...tasks,
      'Exiting DemoStepEnv',
      'Exiting DemoJobEnv',
    ]);
  } finally {
    rmSync(file);
  }
});
