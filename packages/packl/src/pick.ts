/**
 * Which version a range means. The rule looks at one edge only, never at what else was chosen: so an unrelated
 * publish cannot change an edge, and the boundary of an edge can be watched by itself.
 *
 * ```
 * exact version, or tag                         → that one, if present and not withdrawn
 * a set `latest` satisfies, not deprecated      → latest                    (a hold)
 * highest satisfying, not deprecated            → it      (node-semver; prereleases only beside their own x.y.z)
 * all satisfying are deprecated                 → latest if it satisfies, else the highest of them
 * range is * or "", only prereleases exist      → the highest
 * otherwise                                     → nothing
 * ```
 * It is what pnpm does for a lone edge, except that `latest` is derived until a person sets it. An empty range
 * follows even a prerelease `latest`, as pnpm does.
 */
import semver from 'semver';
import type { Row } from './change.ts';
import type { View } from './view.ts';

/** @param range exact version, tag, or node-semver range */
export const pick = (view: View, name: string, range: string): Row | undefined =>
  pickForAll(view, name, [range]);

/** The one version that every range admits: how a peer is chosen. No range at all means `*`. */
export function pickForAll(view: View, name: string, ranges: readonly string[]): Row | undefined {
  const rows = view.versions(name);
  const wanted = (ranges.length === 0 ? ['*'] : ranges).map((range) => range.trim());
  const admit = wanted.map((range) => admitter(view, name, range));
  const satisfying = rows.filter((row) => admit.every((admits) => admits(row.version)));

  const held = heldLatest(view, name);
  const heldFits =
    held !== undefined && admit.every((admits, at) => wanted[at] === '' || admits(held.version));
  if (heldFits && held.deprecated === undefined) return held;

  const best = satisfying.find((row) => row.deprecated === undefined);
  if (best !== undefined) return best;
  if (satisfying.length > 0) return heldFits ? held : satisfying[0];
  // Any stable version would satisfy these: there are only prereleases.
  return wanted.every((range) => range === '*' || range === '') ? rows[0] : undefined;
}

/** What the tag `latest` means here: what a person set it to, else the highest stable version not deprecated. */
export const latestOf = (view: View, name: string): Row | undefined =>
  heldLatest(view, name) ??
  view.versions(name).find((row) => row.deprecated === undefined && semver.prerelease(row.version) === null);

/** A set `latest` whose version is gone, or has not come yet, holds nothing. */
function heldLatest(view: View, name: string): Row | undefined {
  const version = view.tag(name, 'latest');
  return version === undefined ? undefined : view.versions(name).find((row) => row.version === version);
}

function admitter(view: View, name: string, range: string): (version: string) => boolean {
  const exact = semver.valid(range);
  if (exact !== null) return (version) => version === exact;
  if (semver.validRange(range) === null) {
    const tagged = range === 'latest' ? latestOf(view, name)?.version : view.tag(name, range);
    return (version) => version === tagged;
  }
  const parsed = new semver.Range(range);
  return (version) => parsed.test(version);
}
