/** What an index says of one package, own, inherited or from the mirror: versions and tags. */
import { type IndexName, type Manifest, piplError } from '@pipl/packl';
import type { RegistryClient } from '@pipl/registry-client';
import { maxSatisfying, rcompare, satisfies, validRange } from 'semver';
import { z } from 'zod';

const Packument = z.looseObject({
  'dist-tags': z.record(z.string(), z.string()).default({}),
  versions: z.record(
    z.string(),
    z.looseObject({ deprecated: z.union([z.string(), z.boolean()]).optional() }),
  ),
});
export type Packument = z.output<typeof Packument>;

/** @returns undefined where neither the index nor anything behind it has the name */
export async function readPackument(
  client: RegistryClient,
  index: IndexName,
  name: string,
): Promise<Packument | undefined> {
  const url = `${client.url}/${index}/${name.replace('/', '%2f')}`;
  const headers = {
    accept: 'application/json',
    ...(client.token === undefined ? {} : { authorization: `Bearer ${client.token}` }),
  };
  const response = await fetch(url, { headers }).catch((cause: unknown) => {
    throw piplError('unreachable', 'PIPL_SERVER_UNREACHABLE', {
      what: `The server at ${client.url} does not answer.`,
      why: cause instanceof Error ? cause.message : String(cause),
      hint: 'Start it: pipl proj start --detach',
      cause,
    });
  });
  if (response.status === 404) return undefined;
  if (response.ok) return Packument.parse(await response.json());
  throw piplError('unreachable', 'PIPL_UPSTREAM', {
    what: `${index} could not answer for ${name}.`,
    why: `The server answered ${response.status}.`,
    hint: 'If it is an npm package: is the npm registry behind root/npm reachable? Try again.',
  });
}

export interface Chosen {
  readonly name: string;
  readonly version: string;
  readonly manifest: Manifest;
}

/**
 * The version a person means: the tag, else the highest that fits and is not deprecated.
 * @throws PIPL_NO_PACKAGE, PIPL_NO_VERSION (exit 11), naming index, range and what there is
 */
export async function chooseVersion(
  client: RegistryClient,
  { index, name, range }: { index: IndexName; name: string; range?: string | undefined },
): Promise<Chosen> {
  const packument = await readPackument(client, index, name);
  if (packument === undefined) throw noPackage(name, index);
  const tags = packument['dist-tags'];
  const version = tags[range ?? 'latest'] ?? highest(packument, range ?? '*');
  const manifest = version === undefined ? undefined : packument.versions[version];
  if (version === undefined || manifest === undefined) throw noVersion(name, { index, range, packument });
  return { name, version, manifest: manifest as unknown as Manifest };
}

function highest({ versions }: Packument, range: string): string | undefined {
  if (validRange(range) === null) return undefined;
  const all = Object.keys(versions);
  const good = all.filter((version) => !versions[version]!.deprecated);
  const pre = all.filter((version) => satisfies(version, range, { includePrerelease: true }));
  const onlyPrereleases = all.every((version) => version.includes('-'));
  return (
    maxSatisfying(good, range) ??
    maxSatisfying(all, range) ??
    (onlyPrereleases ? pre.toSorted(rcompare)[0] : undefined)
  );
}

const noPackage = (name: string, index: IndexName) =>
  piplError('unresolvable', 'PIPL_NO_PACKAGE', {
    what: `${index} has no ${name}.`,
    why: 'Neither the index, nor its bases, nor the npm registry behind them knows the name.',
    hint: 'Look what is there: pipl proj index list; or publish it first.',
  });

function noVersion(
  name: string,
  { index, range, packument }: { index: IndexName; range: string | undefined; packument: Packument },
) {
  const versions = Object.keys(packument.versions).toSorted(rcompare);
  const shown = versions.slice(0, 8).join(', ') + (versions.length > 8 ? `, … (${versions.length})` : '');
  return piplError('unresolvable', 'PIPL_NO_VERSION', {
    what: `Nothing in ${index} satisfies ${name}@${range ?? 'latest'}.`,
    why: versions.length === 0 ? 'It has no version at all.' : `It has ${shown}.`,
    hint:
      versions.length === 0
        ? 'Publish one first.'
        : `Ask for one of these: pipl packl add ${name}@^${versions[0]}`,
  });
}
