/**
 * `pipl-lock.json`: what the third-party dependencies of a packl resolve to today.
 *
 * pnpm resolves them in an empty folder against the index, so the mirror and its cache are asked, never the
 * network behind this project's back; its lock is then written in our form. A packl without third-party
 * dependencies costs nothing.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputNames, taskOf } from '@pipl/packl';
import type { Manifest, ThirdPartyLock, ThirdPartyPackage, ThirdPartySnapshot } from '@pipl/packl';
import { load } from 'js-yaml';
import { z } from 'zod';
import { jsonText } from './atomic-file.ts';
import { pnpm, type PnpmLogin } from './pnpm.ts';

export const lockFile = 'pipl-lock.json';

const PnpmLock = z.looseObject({
  importers: z.record(
    z.string(),
    z.looseObject({
      dependencies: z.record(z.string(), z.looseObject({ version: z.string() })).optional(),
      optionalDependencies: z.record(z.string(), z.looseObject({ version: z.string() })).optional(),
    }),
  ),
  packages: z
    .record(z.string(), z.looseObject({ resolution: z.looseObject({ integrity: z.string() }) }))
    .default({}),
  snapshots: z.record(z.string(), z.looseObject({})).default({}),
});

interface ThirdParty {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/**
 * The dependencies that no index of the project owns. Peers count: nobody else would bring them.
 * @param owned names that the view (or the release itself) holds
 */
export function thirdPartyOf(manifest: Manifest, owned: (name: string) => boolean): ThirdParty {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifest;
  const task = taskOf(manifest);
  // A product that nobody has made yet is the project's all the same: the task waits for it.
  const inputs = new Set(task === undefined ? [] : inputNames(task));
  const foreign = (ranges: Readonly<Record<string, string>> = {}) =>
    Object.entries(ranges).filter(([name]) => !owned(name) && !inputs.has(name));
  const peers = foreign(peerDependencies).filter(([name]) => peerDependenciesMeta?.[name]?.optional !== true);
  return {
    dependencies: Object.fromEntries([...peers, ...foreign(dependencies)]),
    optionalDependencies: Object.fromEntries(foreign(optionalDependencies)),
  };
}

/** @param login the index, and who asks @throws PIPL_INSTALL with what pnpm could not resolve */
export async function lockThirdParty(
  thirdParty: ThirdParty,
  login: PnpmLogin,
): Promise<ThirdPartyLock | undefined> {
  const { registry } = login;
  const { dependencies, optionalDependencies } = thirdParty;
  if (Object.keys(dependencies).length + Object.keys(optionalDependencies).length === 0) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'pipl-lock-'));
  try {
    await writeFile(
      join(folder, 'package.json'),
      jsonText({ name: 'pipl-lock', private: true, dependencies, optionalDependencies }),
    );
    await writeFile(join(folder, 'pnpm-workspace.yaml'), 'minimumReleaseAge: 0\nautoInstallPeers: true\n');
    await writeFile(join(folder, '.npmrc'), `registry=${registry}\n`);
    await pnpm(
      ['install', '--lockfile-only', '--ignore-scripts', '--no-frozen-lockfile', `--registry=${registry}`],
      { cwd: folder, login },
    );
    return asThirdPartyLock(await readFile(join(folder, 'pnpm-lock.yaml'), 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param text a pnpm-lock.yaml, version 9, with one importer */
export function asThirdPartyLock(text: string): ThirdPartyLock {
  const { importers, packages, snapshots } = PnpmLock.parse(load(text));
  const { dependencies = {}, optionalDependencies = {} } = importers['.'] ?? {};
  const direct = Object.fromEntries(
    Object.entries({ ...optionalDependencies, ...dependencies }).map(([name, { version }]) => [
      name,
      snapshotKey(name, version, snapshots),
    ]),
  );
  return {
    lockfileVersion: 1,
    direct,
    packages: packages as Record<string, ThirdPartyPackage>,
    snapshots: snapshots as Record<string, ThirdPartySnapshot>,
  };
}

/** pnpm writes an alias (`npm:other@1.0.0`) as the whole key, everything else as the version alone. */
const snapshotKey = (name: string, version: string, snapshots: Readonly<Record<string, unknown>>): string =>
  version in snapshots ? version : `${name}@${version}`;
