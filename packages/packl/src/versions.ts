/**
 * Versions and ranges, parsed. A registry has few different ones, and they are asked about all the time: they are kept
 * by their text, up to a limit.
 */
import semver from 'semver';

const kept = 10_000;

function remembered<Parsed>(parse: (text: string) => Parsed): (text: string) => Parsed {
  const known = new Map<string, Parsed>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= kept) known.clear();
    const parsed = parse(text);
    known.set(text, parsed);
    return parsed;
  };
}

/** @throws TypeError for what is no version */
export const versionOf = remembered((text) => new semver.SemVer(text));

/** Above 0 when the first is the higher one. @throws TypeError for what is no version */
export const compareVersions = (one: string, other: string): number =>
  versionOf(one).compare(versionOf(other));

/** A node-semver range, one exact version, or else a tag. */
export type Meaning =
  | { readonly is: 'range'; readonly range: semver.Range }
  | { readonly is: 'version'; readonly version: string }
  | { readonly is: 'tag' };

export const meaningOf = remembered((text): Meaning => {
  const version = semver.valid(text);
  if (version !== null) return { is: 'version', version };
  if (semver.validRange(text) === null) return { is: 'tag' };
  return { is: 'range', range: new semver.Range(text) };
});

/**
 * Is the version in the range? What `range.test` says, which makes two objects for each comparison. Only prereleases
 * are left to it: whether they are meant depends on more than what is higher.
 * @throws TypeError for what is no version
 */
export function isIn(range: semver.Range, text: string): boolean {
  const version = versionOf(text);
  if (version.prerelease.length > 0) return range.test(version);
  return range.set.some((comparators) => comparators.every((one) => holds(one, version)));
}

function holds({ semver: bound, operator }: semver.Comparator, version: semver.SemVer): boolean {
  // `*` has no bound.
  if (!(bound instanceof semver.SemVer)) return true;
  const order = version.compare(bound);
  switch (operator) {
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
    case '':
    case undefined:
      return order === 0;
  }
}
