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
import { isIn, meaningOf } from './versions.ts';
import type { Meaning } from './versions.ts';
import type { View } from './view.ts';

/** @param range exact version, tag, or node-semver range */
export const pick = (view: View, name: string, range: string): Row | undefined =>
  pickForAll(view, name, [range]);

/** The one version that every range admits: how a peer is chosen. No range at all means `*`. */
export function pickForAll(view: View, name: string, ranges: readonly string[]): Row | undefined {
  const rows = view.versions(name);
  const wanted = (ranges.length === 0 ? ['*'] : ranges).map((range) => range.trim());
  const admit = wanted.map((range) => admitter(view, name, range));
  const satisfies = (row: Row) => admit.every((admits) => admits(row));

  const held = heldLatest(view, name);
  const heldFits = held !== undefined && admit.every((admits, at) => wanted[at] === '' || admits(held));
  if (heldFits && held.deprecated === undefined) return held;

  const best = rows.find((row) => row.deprecated === undefined && satisfies(row));
  if (best !== undefined) return best;
  const deprecated = rows.find(satisfies);
  if (deprecated !== undefined) return heldFits ? held : deprecated;
  // Any stable version would satisfy these: there are only prereleases.
  return wanted.every((range) => range === '*' || range === '') ? rows[0] : undefined;
}

/**
 * Could a version that was just published change what these ranges mean? False is certain, true is not. Where one
 * of them is a tag, a version that another refuses may still move the tag away from what both admitted.
 */
export function admitsPublished(row: Row, ranges: readonly string[]): boolean {
  let isAdmitted = true;
  for (const range of ranges) {
    const wanted = range.trim();
    const meaning = meaningOf(wanted);
    if (meaning.is === 'tag') return true;
    if (wanted !== '' && wanted !== '*' && !isMeant(meaning, row)) isAdmitted = false;
  }
  return isAdmitted;
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

type Admits = (row: Row) => boolean;

function admitter(view: View, name: string, range: string): Admits {
  const meaning = meaningOf(range);
  if (meaning.is !== 'tag') return (row) => isMeant(meaning, row);
  const tagged = range === 'latest' ? latestOf(view, name)?.version : view.tag(name, range);
  return (row) => row.version === tagged;
}

const isMeant = (meaning: Meaning & { readonly is: 'range' | 'version' }, { version }: Row): boolean =>
  meaning.is === 'version' ? version === meaning.version : isIn(meaning.range, version);
