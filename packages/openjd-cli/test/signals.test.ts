/** Interrupting `openjd run`, as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { folder } from './command-fixture.ts';

const main = join(import.meta.dirname, '../src/main.ts');
const shell = (line: string, more: object = {}) => ({ command: 'sh', args: ['-c', line], ...more });
const job = (onRun: object) => ({
  specificationVersion: 'jobtemplate-2023-09',
  name: 'J',
  jobEnvironments: [{ name: 'E', script: { actions: { onExit: shell('echo left the environment') } } }],
  steps: [{ name: 'S', script: { actions: { onRun } } }],
});

interface Step {
  /** When this is printed, */
  readonly at: string;
  /** this is sent. */
  readonly send: NodeJS.Signals;
}

async function interrupted(onRun: object, steps: readonly Step[]) {
  using here = folder({ 'job.json': job(onRun) });
  const child = spawn(process.execPath, [main, 'run', 'job.json'], {
    cwd: here.path,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const left = [...steps];
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (left[0] !== undefined && out.includes(`\t${left[0].at}`)) child.kill(left.shift()!.send);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out };
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s cancels the task, leaves environments and reports',
  async (send) => {
    const { code, out } = await interrupted(shell('echo ready; sleep 60'), [{ at: 'ready', send }]);
    expect(out).toContain('Interruption signal received.');
    expect(out).toContain('left the environment');
    expect(out).toContain('Session ended with errors');
    expect(code).toBe(1);
  },
);

test('a second signal waits for nothing', async () => {
  const cancelation = { mode: 'NOTIFY_THEN_TERMINATE', notifyPeriodInSeconds: 600 };
  const stubborn = shell("trap 'echo noticed' TERM; echo ready; while :; do sleep 0.05; done", {
    cancelation,
  });
  const { code, out } = await interrupted(stubborn, [
    { at: 'ready', send: 'SIGINT' },
    { at: 'noticed', send: 'SIGINT' },
  ]);
  expect(out).toContain('ending everything now');
  expect(out).not.toContain('left the environment');
  expect(code).toBe(1);
});
