/** How long `openjd check` takes over bare Node, and what it takes the peers. */
import { figure, quantile, type Print } from '../../../scripts/figures.ts';
import { against, inTurns, jobOf, ours, reported, timeProgram, withTemplate } from './measuring.ts';
import type { Peer } from '../../../scripts/peer.ts';

const rounds = 31;
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
  const quarter = (name: string) => times[name as 'node'] && quantile(times[name as 'node'], 0.25);
  const [node, value] = [quarter('node')!, quarter('ours')!];
  const baseline = { unit: 'ms, p25', baseline: node, baselineName: 'node -e 0' };
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
      unit: 'ms, p25',
      peer,
      baseline: quarter(peer.name),
      ...reported,
    });
  }
}
