/**
 * Which version a run may give to its product: the highest ever used, raised by the largest change among what
 * the run pins. Versions count as used when withdrawn or reserved too, so none is given out twice.
 */
import semver from 'semver';
import type { Pin } from './ticket.ts';
import { compareVersions } from './versions.ts';

export type Step = 'major' | 'minor' | 'patch';

/** The pins of one run that decide the step: the task and its direct dependencies. A `RunLock` is one. */
export interface ReservedFrom {
  readonly hash: string;
  readonly task: Pin;
  /** dependency name → version */
  readonly direct: Readonly<Record<string, string>>;
}

export interface Reservation {
  /** every version of the product ever published, withdrawn or reserved, in every index it may be seen in */
  readonly used: Iterable<string>;
  /** the lock of the last run that succeeded */
  readonly before?: ReservedFrom;
  readonly now: ReservedFrom;
}

/** The version to reserve: `1.0.0` when none was ever used. */
export function reserve({ used, before, now }: Reservation): string {
  const highest = [...used].reduce<string | undefined>(
    (top, version) => (top === undefined || compareVersions(version, top) > 0 ? version : top),
    undefined,
  );
  if (highest === undefined) return '1.0.0';
  return semver.inc(highest, largestStep(before, now))!;
}

/**
 * The largest change from one run's pins to the next. A dependency added or removed is minor, and without a run
 * before all of them were added. What changed deeper down, or under the same version, is a patch.
 */
export function largestStep(before: ReservedFrom | undefined, now: ReservedFrom): Step {
  if (before === undefined) return 'minor';
  const steps = new Set([stepBetween(before.task.version, now.task.version)]);
  for (const name of Object.keys(before.direct)) if (now.direct[name] === undefined) steps.add('minor');
  for (const [name, version] of Object.entries(now.direct))
    steps.add(stepBetween(before.direct[name], version));
  return largest(steps);
}

/** How far apart two versions are, up or down; undefined stands for a dependency that is not there. */
export function stepBetween(from: string | undefined, to: string | undefined): Step {
  if (from === to) return 'patch';
  if (from === undefined || to === undefined) return 'minor';
  const difference = semver.diff(from, to) ?? 'patch';
  if (difference.endsWith('major')) return 'major';
  return difference.endsWith('minor') ? 'minor' : 'patch';
}

const largest = (steps: ReadonlySet<Step>): Step =>
  steps.has('major') ? 'major' : steps.has('minor') ? 'minor' : 'patch';
