/**
 * Which version a run may give to its product: the highest ever used, raised by the largest change among what
 * the run pins. Versions count as used when withdrawn or reserved too, so none is given out twice.
 */
import semver from 'semver';
import type { Pin } from './ticket.ts';
import { compareVersions, versionOf } from './versions.ts';

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
  let highest: string | undefined;
  for (const version of used)
    if (highest === undefined || compareVersions(version, highest) > 0) highest = version;
  return highest === undefined ? '1.0.0' : raised(highest, largestStep(before, now));
}

/** What `semver.inc` says, which reads the text three times over. */
function raised(text: string, step: Step): string {
  const { prerelease, major, minor, patch } = versionOf(text);
  if (prerelease.length > 0) return semver.inc(text, step)!;
  switch (step) {
    case 'major':
      return `${major + 1}.0.0`;
    case 'minor':
      return `${major}.${minor + 1}.0`;
    case 'patch':
      return `${major}.${minor}.${patch + 1}`;
  }
}

/**
 * The largest change from one run's pins to the next. A dependency added or removed is minor, and without a run
 * before all of them were added. What changed deeper down, or under the same version, is a patch.
 */
export function largestStep(before: ReservedFrom | undefined, now: ReservedFrom): Step {
  if (before === undefined) return 'minor';
  let step = stepBetween(before.task.version, now.task.version);
  for (const name in before.direct) if (now.direct[name] === undefined) step = larger(step, 'minor');
  for (const name in now.direct) step = larger(step, stepBetween(before.direct[name], now.direct[name]));
  return step;
}

/** How far apart two versions are, up or down; undefined stands for a dependency that is not there. */
export function stepBetween(from: string | undefined, to: string | undefined): Step {
  if (from === to) return 'patch';
  if (from === undefined || to === undefined) return 'minor';
  const difference = semver.diff(versionOf(from), versionOf(to)) ?? 'patch';
  if (difference.endsWith('major')) return 'major';
  return difference.endsWith('minor') ? 'minor' : 'patch';
}

const sizes = { patch: 0, minor: 1, major: 2 };
const larger = (one: Step, other: Step): Step => (sizes[other] > sizes[one] ? other : one);
