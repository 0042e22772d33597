/**
 * A task as another user, after the first. The users are made for this measurement in a mount namespace of its
 * own, which needs root; `other-user-program.ts` runs in there.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { figure, type Print } from '../../../scripts/figures.ts';

const most = 3;
const repository = resolve(import.meta.dirname, '../../..');
const namespace = `${repository}/packages/openjd-sessions/test/user-cases/namespace.sh`;
const program = 'packages/openjd-cli/bench/other-user-program.ts';
const firstId = '47100';

export interface Measured {
  /** Milliseconds a task. */
  readonly other: number;
  readonly own: number;
}

export function otherUser(print: Print): void {
  const inside = [namespace, process.execPath, repository, 'hostuser', program, firstId];
  const { status, stdout, stderr, error } = spawnSync(
    'unshare',
    ['-m', '--propagation', 'private', 'sh', ...inside],
    { encoding: 'utf8' },
  );
  if (process.getuid?.() !== 0 || error || status !== 0) {
    const why =
      process.getuid?.() === 0 ? (error?.message ?? stderr.trim().split('\n').at(-1)) : 'it needs root';
    process.stderr.write(`a task as another user: not measured, ${why}\n`);
    return;
  }
  const { other, own } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
  const baseline = { baseline: own, baselineName: 'a task as oneself, same run' };
  const goal = `at most ${most} ms after the first`;
  print(
    figure('a task as another user', { ...baseline, value: other, unit: 'ms', goal, holds: other <= most }),
  );
}
