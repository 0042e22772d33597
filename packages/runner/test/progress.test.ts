/** What is told of a run: who hears of it finds it written, the last word is kept, and what comes after the end goes nowhere. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProgress } from '../src/progress.ts';

function begun() {
  const folder = mkdtempSync(join(tmpdir(), 'progress-test'));
  const events: unknown[] = [];
  const progress = openProgress({
    folder,
    secret: '',
    startedAt: new Date().toISOString(),
    onEvent: (event, more) => events.push({ event, ...more }),
  });
  const logged = () => readFileSync(join(folder, 'log.ndjson'), 'utf8').trim().split('\n');
  return { folder, events, progress, logged, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test('whoever hears of the first action finds it in the status', async () => {
  using run = begun();
  run.progress.firstAction();
  await expect.poll(() => run.events).toEqual([{ event: 'first-action' }]);
  const status = JSON.parse(readFileSync(join(run.folder, 'status.json'), 'utf8')) as Record<string, unknown>;
  expect(status['firstActionAt']).toBe(run.progress.status.firstActionAt);
  run.progress.end();
});

test('the last report is told, however soon the end follows', () => {
  using run = begun();
  run.progress.firstAction();
  run.progress.report(10, 'begun');
  run.progress.report(90, 'nearly done');
  run.progress.end();
  const last = { progress: 90, message: 'nearly done' };
  expect(run.progress.status).toMatchObject(last);
  expect(run.events).toEqual([{ event: 'first-action' }, { event: 'progress', ...last }]);
  expect(JSON.parse(run.logged().at(-1) ?? '')).toMatchObject(last);
});

test('what is told after the end is in no file, whoever has the number of the log by then', () => {
  using run = begun();
  run.progress.log({ event: 'before' });
  run.progress.end();
  const other = join(run.folder, 'other');
  const descriptor = openSync(other, 'w');
  run.progress.log({ event: 'after', text: 'x'.repeat(16 * 1024) });
  for (let lines = 0; lines < 8; lines += 1) run.progress.log({ text: 'x'.repeat(16 * 1024) });
  closeSync(descriptor);
  expect(run.logged().map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['before']);
  expect(readFileSync(other, 'utf8')).toBe('');
});
