/** The next version of a packl, written with a line of history. */
import { piplError } from '@pipl/packl';
import { inc } from 'semver';
import { editPackl, readPackl } from './packl-file.ts';

export const bumps = ['major', 'minor', 'patch', 'prerelease', 'release'] as const;
export type Bump = (typeof bumps)[number];

/**
 * `release` drops the prerelease (0.0.1-wip.0 → 0.0.1), `prerelease` counts it on; the others are semver's.
 * @throws PIPL_VERSION
 */
export async function bumpPackl(
  folder: string,
  { bump, comment }: { bump: Bump; comment?: string | undefined },
): Promise<{ name: string; from: string; to: string }> {
  const { manifest } = await readPackl(folder);
  const from = manifest.version;
  const to = nextVersion(from, bump);
  if (to === undefined) {
    throw piplError('invalid', 'PIPL_VERSION', {
      what: `${manifest.name} ${from} cannot be bumped by ${bump}.`,
      why: bump === 'release' ? 'It is no prerelease.' : 'Its version is not MAJOR.MINOR.PATCH.',
      hint: 'Bump by major, minor or patch, or mend "version" in package.json.',
    });
  }
  await editPackl(folder, {
    comment: comment ?? `version ${to}`,
    edit: (written) => ({ ...written, version: to }),
  });
  return { name: manifest.name, from, to };
}

function nextVersion(from: string, bump: Bump): string | undefined {
  if (bump === 'release') return from.includes('-') ? (inc(from, 'patch') ?? undefined) : undefined;
  if (bump === 'prerelease') return inc(from, 'prerelease', 'wip') ?? undefined;
  return inc(from, bump) ?? undefined;
}
