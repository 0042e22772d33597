/** How long `openjd check` takes over bare Node, and what it takes the peers. */
import { figure, quantile, type Print } from '../../../scripts/figures.ts';
import { against, inTurns, jobOf, ours, reported, timeProgram, withTemplate } from './measuring.ts';
import type { Peer } from '../../../scripts/peer.ts';

const rounds = 21;
const most = 60;
const template = jobOf({ name: 'S', script: { actions: { onRun: { command: 'true' } } } });

export async function startUp(print: Print, peers: readonly Peer[]): Promise<void> {
  const times = await withTemplate(template, (file) =>
    inTurns(rounds, {
      node: () => timeProgram([process.execPath, '-e', '0']),
      ours: () => timeProgram([process.execPath, ours, 'check', file]),
      ...Object.fromEntries(
        peers.flatMap(({ name, program }) =>
          program ? [[name, () => timeProgram([program, 'check', file])]] : [],
        ),
      ),
    }),
  );
  const median = (name: string) => times[name as 'node'] && quantile(times[name as 'node'], 0.5);
  const [node, value] = [median('node')!, median('ours')!];
  const baseline = { unit: 'ms, p50', baseline: node, baselineName: 'node -e 0' };
  print(
    figure('openjd check', {
      ...baseline,
      value,
      goal: `at most ${most} ms more`,
      holds: value <= node + most,
    }),
  );
  for (const peer of peers) {
    against(print, {
      name: 'openjd check',
      value,
      unit: 'ms, p50',
      peer,
      baseline: median(peer.name),
      ...reported,
    });
  }
}
