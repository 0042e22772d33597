/** One run as one line: what, how it stands, how long, why. */
import type { RunView } from '@pipl/registry-client';

const marks: Record<RunView['state'], string> = {
  waiting: '·',
  running: '▶',
  succeeded: '✔',
  unchanged: '=',
  failed: '✘',
  canceled: '✘',
  lost: '!',
  superseded: '↷',
};

export function runLine(run: RunView): string {
  const made = run.products.map(
    ({ name, version, published }) => `${name}@${version}${published ? '' : ' (unchanged)'}`,
  );
  const progress = run.state === 'running' ? `${Math.round(run.progress ?? 0)} %` : run.state;
  const seconds = run.startedAt === undefined ? '' : `${elapsed(run).toFixed(1)} s`;
  const why = run.state === 'failed' ? (run.reason ?? '') : made.length > 0 ? `→ ${made.join(', ')}` : '';
  return `${marks[run.state]} ${`${run.task}@${run.taskVersion}`.padEnd(26)} ${progress.padEnd(10)} ${seconds.padStart(7)}  ${why}`.trimEnd();
}

const elapsed = (run: RunView): number =>
  (Date.parse(run.endedAt ?? new Date().toISOString()) - Date.parse(run.startedAt ?? '')) / 1000;
