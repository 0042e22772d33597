/** What runs leave goes after a while: the old before the new, successes before failures, nothing that is under way. */
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { beyond, tidyRuns, type Left } from '../src/run-retention.ts';
import { RunSettings } from '../src/run-settings.ts';

const day = 24 * 60 * 60 * 1000;
const now = Date.parse('2026-12-01T00:00:00Z');
const keep = { days: 30, failedDays: 90, scratchDays: 7, count: 100, bytes: 1_000 };

/** `+` ended well, `-` did not; then the days since */
const left = (attempt: string, more: Partial<Left> = {}): Left => ({
  attempt,
  endedAt: now - Number(attempt.slice(1)) * day,
  endedWell: attempt.startsWith('+'),
  bytes: 10,
  scratchBytes: 0,
  ...more,
});

test.each([
  ['age', keep, ['+29', '+31', '-31', '-91'], ['+31', '-91']],
  ['number', { ...keep, count: 2 }, ['+1', '+2', '-3', '-4'], ['+1', '+2']],
  ['size', { ...keep, bytes: 25 }, ['+1', '+2', '-3', '+4'], ['+2', '+4']],
  ['nothing', keep, ['+1', '-1'], []],
])('by %s', (_by, policy, attempts, gone) => {
  const { runs } = beyond(
    attempts.map((one) => left(one)),
    policy,
    now,
  );
  expect(runs.toSorted()).toEqual(gone);
});

test('of a run that failed the scratch goes before its log, and no longer counts', () => {
  const failed = left('-8', { bytes: 900, scratchBytes: 890 });
  const policy = { ...keep, bytes: 20 };
  expect(beyond([failed, left('+1')], policy, now)).toEqual({ runs: [], scratch: ['-8'] });
});

test('folders go whole, and what is under way stays however old it is', async () => {
  const runsDir = await mkdtemp(join(tmpdir(), 'pipl-retention-'));
  onTestFinished(() => rm(runsDir, { recursive: true, force: true }));
  const make = async (attempt: string, state: string | undefined, days: number) => {
    const folder = join(runsDir, attempt);
    await mkdir(join(folder, 'work'), { recursive: true });
    await writeFile(join(folder, 'log.ndjson'), 'x'.repeat(50));
    await writeFile(join(folder, 'work', 'big'), 'x'.repeat(500));
    if (state === undefined) return;
    const result = join(folder, 'result.json');
    await writeFile(result, JSON.stringify({ state }));
    await utimes(result, new Date(now - days * day), new Date(now - days * day));
  };
  await make('old.1', 'succeeded', 40);
  await make('failed.1', 'failed', 40);
  await make('running.1', undefined, 40);
  await make('claimed.1', 'lost', 400);
  await make('young.1', 'succeeded', 0);
  await mkdir(join(runsDir, '.gone-half'));
  const request = { runsDir, keep, isUnderWay: (attempt: string) => attempt === 'claimed.1', now };

  const before = await readdir(runsDir);
  expect(await tidyRuns({ ...request, dryRun: true })).toMatchObject({ runs: 1, scratch: 1 });
  expect(await readdir(runsDir)).toEqual(before);
  expect(await tidyRuns(request)).toMatchObject({ runs: 1, scratch: 1, keptRuns: 1 });
  expect((await readdir(runsDir)).toSorted()).toEqual(['claimed.1', 'failed.1', 'running.1', 'young.1']);
  expect(await readdir(join(runsDir, 'failed.1'))).not.toContain('work');
  expect(await readdir(join(runsDir, 'running.1'))).toContain('work');
});

test('a project that says nothing keeps runs for a month, and failures for three', () => {
  expect(RunSettings.parse({})).toMatchObject({ timeout: 86_400, keep: { days: 30, failedDays: 90 } });
  expect(RunSettings.safeParse({ timeout: 86_401 }).success).toBe(false);
  expect(RunSettings.safeParse({ keep: { day: 3 } }).success).toBe(false);
});
