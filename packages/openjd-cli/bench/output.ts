/** A task that prints a million lines: how long until all of them are in the log. */
import { spawnSync } from 'node:child_process';
import { Session } from '@pipl/openjd-sessions';
import type { Print } from '../../../scripts/figures.ts';
import { against, best, jobOf, reported, timeProgram, withTemplate } from './measuring.ts';
import type { Peer } from '../../../scripts/peer.ts';

const lines = 1_000_000;
/** The peers get fewer, as one of them takes 18 s for a million. */
const linesOfPeers = 100_000;
const rounds = 5;
const most = 500;

const onRun = (count: number) => ({ command: 'seq', args: [String(count)] });

async function inSession(): Promise<number> {
  let heard = 0;
  await using session = new Session({
    sessionId: 'bench',
    jobParameterValues: {},
    onLog: ({ content }) => {
      if (content === 'COMMAND_OUTPUT') heard += 1;
    },
  });
  const began = performance.now();
  await session.runTask({ stepScript: { actions: { onRun: onRun(lines) } }, taskParameterValues: {} });
  const took = performance.now() - began;
  if (heard !== lines) throw new Error(`${heard} lines were heard`);
  return took;
}

function floor(): number {
  const began = performance.now();
  const { status } = spawnSync('/bin/sh', ['-c', `seq ${lines} | cat >/dev/null`]);
  if (status !== 0) throw new Error('The floor failed');
  return performance.now() - began;
}

export async function manyLines(print: Print, peers: readonly Peer[]): Promise<void> {
  const [times, floors]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    times.push(await inSession());
    floors.push(floor());
  }
  const common = { name: 'a million lines of output', value: best(times), unit: 'ms' };
  const floorOf = { peer: { name: 'seq | cat' }, baseline: best(floors) };
  against(print, { ...common, ...floorOf, goal: `at most ${most} ms`, holds: (value) => value <= most });
  const job = jobOf({ name: 'S', script: { actions: { onRun: onRun(linesOfPeers) } } });
  for (const peer of peers) {
    const baseline = await withTemplate(job, (file) =>
      peer.program ? timeProgram([peer.program, 'run', file]) * (lines / linesOfPeers) : undefined,
    );
    against(print, { ...common, peer, baseline, ...reported });
  }
}
