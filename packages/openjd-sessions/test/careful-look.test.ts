/** Whoever flees while they are looked for is found. */
import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { carefulLook } from '../src/careful-look.ts';
import { readOfProcess, readProcesses, signalProcess } from '../src/process-identity.ts';
import type { Look } from '../src/process-walk.ts';
import { startSession, task } from './session-fixture.ts';

const entry = (pid: number) => ({ pid, parent: 1, group: pid, startTicks: 0, name: 'sleep' });
const nothing: Look = { found: [], others: [1], vanished: [], unclear: [] };

/** How many looks it took, and what they found. */
async function after(...looks: Look[]): Promise<[number, readonly number[]]> {
  let count = 0;
  const found = await carefulLook(() => looks[count++] ?? nothing);
  return [count, found.map(({ pid }) => pid)];
}

test('a look that nothing escaped is enough', async () => {
  expect(await after(nothing)).toEqual([1, []]);
  expect(await after({ ...nothing, found: [entry(8)], vanished: [7] })).toEqual([1, [8]]);
});

test('a process that forked and ended while it was looked at does not hide its child', async () => {
  expect(await after({ ...nothing, vanished: [7] }, { ...nothing, found: [entry(8)] })).toEqual([2, [8]]);
});

test('a process in exec is looked at again', async () => {
  const inExec = { ...nothing, unclear: [entry(7)] };
  expect(await after(inExec, inExec, { ...nothing, found: [entry(7)] })).toEqual([3, [7]]);
});

test('what was read before and ends hides nothing, nor do those that wait to be collected', async () => {
  expect(await after({ ...nothing, vanished: [7] }, { ...nothing, vanished: [7, 1] })).toEqual([2, []]);
});

test('where processes come and go all the time it ends, too', async () => {
  let pid = 1;
  const busy = () => ({ ...nothing, vanished: [(pid += 1)] });
  expect(await carefulLook(busy)).toEqual([]);
  expect(pid).toBeLessThan(20);
});

test('sessions that end while what they started is still fleeing leave nobody behind', async () => {
  const marks = `FLEEING=${randomUUID()}`;
  const [name = '', value = ''] = marks.split('=');
  const flee = `(setsid sh -c "setsid sh -c 'exec sleep 60' &" >/dev/null 2>&1 &)`;
  for (let count = 0; count < 25; count += 1) {
    await using heard = startSession({ osEnvVars: { PATH: process.env['PATH'] ?? '', [name]: value } });
    await heard.session.runTask(task(flee));
  }
  const left = readProcesses().filter(({ pid }) => readOfProcess(pid, 'environ').includes(marks));
  for (const { pid, startTicks } of left) signalProcess({ pid, startTime: startTicks }, 'SIGKILL');
  expect(left.map(({ name: of }) => of)).toEqual([]);
});
