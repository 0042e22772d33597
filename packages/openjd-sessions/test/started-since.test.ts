/** Which processes are new is told by their numbers; where the numbers tell nothing, any may be. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { readProcessList } from '../src/process-identity.ts';
import { isBetween, mayHaveStartedSince, momentNow } from '../src/started-since.ts';

test('numbers are handed out in order and begin again from below', () => {
  const pids = [1, 5, 6, 9, 10, 11, 32_000];
  expect(pids.filter(isBetween(5, 10))).toEqual([6, 9, 10]);
  expect(pids.filter(isBetween(10, 5))).toEqual([1, 5, 11, 32_000]);
  expect(pids.filter(isBetween(10, 10))).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'who started before is left out, who started since is not',
  async () => {
    const old = spawn('sleep', ['60']);
    await once(old, 'spawn');
    const since = momentNow();
    const young = spawn('sleep', ['60']);
    await once(young, 'spawn');
    try {
      const pids = readProcessList(() => mayHaveStartedSince(since)).living.map(({ pid }) => pid);
      expect(pids).toContain(young.pid);
      expect(pids).not.toContain(old.pid);
      expect(pids).not.toContain(process.pid);
    } finally {
      old.kill();
      young.kill();
    }
  },
);

test('where nothing was counted, or as many started as there are numbers, any may be new', () => {
  const now = momentNow();
  for (const since of [
    { ...now, lastPid: 0 },
    { ...now, started: 0 },
    { ...now, started: now.started - 5_000_000 },
  ]) {
    expect(mayHaveStartedSince(since)(1)).toBe(true);
  }
});
