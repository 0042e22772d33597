/**
 * `npm run soak -- sessions`: 2,000 sessions at full scale with cancels, timeouts, failing actions and processes
 * that try to stay behind, six at a time. Afterwards no process, descriptor, folder or timer may be left.
 * `SOAK_SEED` repeats what an earlier one did.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { SoakResult } from '../../../scripts/soak.ts';
import { readOfProcess, readProcesses, signalProcess } from '../src/process-identity.ts';
import type { ProcessEntry } from '../src/process-identity.ts';
import { Dice } from '../../../scripts/dice.ts';
import { liveOneSession } from './one-session.ts';

const sessionsAtFullScale = 2000;
const atOnce = 6;
/** So many first, before counting what is open: what Node and this package load once is no leak. */
const warmUp = 6;

interface Count {
  sessions: number;
  escapees: number;
  readonly ends: Record<string, number>;
  wrong: number;
  processes: number;
}

export async function soak(scale: number): Promise<SoakResult> {
  const seed = Number(process.env['SOAK_SEED'] ?? randomInt(2 ** 31));
  const sessions = Math.max(20, Math.round(sessionsAtFullScale * scale));
  const run = randomUUID();
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'sessions-soak')));
  const count: Count = { sessions: 0, escapees: 0, ends: {}, wrong: 0, processes: 0 };
  const live = async (from: number, to: number): Promise<void> => {
    let next = from;
    const worker = async (): Promise<void> => {
      for (let at = next++; at < to; at = next++) await liveAndLook(at, { seed, run, root, count });
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };
  await live(-warmUp, 0);
  const before = openNow();
  await live(0, sessions);
  const { descriptors, timers, handles } = await settled(before);
  const folders = readdirSync(root).length;
  rmSync(root, { recursive: true, force: true });
  const { wrong, processes, ...tried } = count;
  const { ends, ...counts } = tried;
  return {
    tried: { ...counts, ...ends },
    lost: { wrong, processes, folders, descriptors, timers, handles },
    seed,
  };
}

async function liveAndLook(
  at: number,
  { seed, run, root, count }: { seed: number; run: string; root: string; count: Count },
): Promise<void> {
  const mark = `${run}/${at}/`;
  const dice = new Dice(seed + at);
  const { ends, escapees, problems } = await liveOneSession({ sessionId: `soak${at}-`, root, mark, dice });
  const left = markedBy(mark);
  if (left.length > 0 || problems.length > 0) {
    console.error(`session ${at} of seed ${seed}: ${JSON.stringify({ problems, left })}`);
  }
  // What one session leaves must not be counted again, nor stay on the machine.
  for (const { pid, startTicks } of left) signalProcess({ pid, startTime: startTicks }, 'SIGKILL');
  count.sessions += 1;
  count.escapees += escapees;
  count.wrong += problems.length;
  count.processes += left.length;
  for (const [state, times] of Object.entries(ends)) count.ends[state] = (count.ends[state] ?? 0) + times;
}

const markedBy = (mark: string): ProcessEntry[] =>
  readProcesses().filter(({ pid }) => readOfProcess(pid, 'environ').includes(`SOAK_MARK=${mark}`));

interface Open {
  readonly descriptors: number;
  readonly timers: number;
  readonly handles: number;
}

function openNow(): Open {
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((name) => name === 'Timeout').length;
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    timers,
    handles: resources.length - timers,
  };
}

/** What is open beyond `before`, after what closes by itself in the next turns has closed. */
async function settled(before: Open): Promise<Open> {
  const more = (): Open => {
    const now = openNow();
    return {
      descriptors: Math.max(0, now.descriptors - before.descriptors),
      timers: Math.max(0, now.timers - before.timers),
      handles: Math.max(0, now.handles - before.handles),
    };
  };
  const { promise, resolve } = Promise.withResolvers<Open>();
  const deadline = performance.now() + 2000;
  const look = (): void => {
    const open = more();
    const clean = Object.values(open).every((value) => value === 0);
    if (clean || performance.now() > deadline) resolve(open);
    else setImmediate(look);
  };
  setImmediate(look);
  return promise;
}
