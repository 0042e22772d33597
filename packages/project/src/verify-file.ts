/**
 * Is a file what this project made, and of what? The content says what it is: its digest is looked for, and from
 * there every step back to every source is verified. With a server what it hands over is kept, so that the same
 * question is answered without one later; a bundle carries it to somebody else.
 */
import { contentDigestOf, type FoundContent } from '@pipl/assets';
import { parseSpec, PiplError, piplError, type IndexName } from '@pipl/packl';
import type { Evidence, RegistryClient, SigningKey, Vouched } from '@pipl/registry-client';
import { reader } from './credentials.ts';
import {
  keepEvidence,
  keptEvidence,
  provenTrees,
  readBundle,
  writeBundle,
  type KeptEvidence,
} from './evidence.ts';
import { chooseVersion } from './packument.ts';
import type { Project } from './project-file.ts';
import { knownKeys, learnKeys, type Trust } from './trusted-keys.ts';
import { placeIn, walk, type Walked } from './walk.ts';

export interface VerifyContent {
  /** ask no server */
  readonly offline?: boolean | undefined;
  /** trust keys that no known key vouches for */
  readonly trust?: boolean | undefined;
  /** use what is in this file, and nothing else */
  readonly bundle?: string | undefined;
  /** write everything that was used to this file */
  readonly saveBundle?: string | undefined;
}

export interface VerifiedContent extends Walked {
  readonly file?: FoundContent & { readonly path: string };
  /** `name@version/asset/file` */
  readonly place?: string;
  /** other versions that hold the same content */
  readonly also: readonly string[];
  readonly offline: boolean;
  /** the keys were taken on trust just now */
  readonly firstKeys: boolean;
}

interface Material extends KeptEvidence {
  readonly trust: Trust;
  readonly offline: boolean;
}

type Ask = Parameters<RegistryClient['evidence']>[0];

/** Keys of both kinds; a server of before has none for provenance. */
export async function offeredKeys(client: RegistryClient): Promise<SigningKey[]> {
  const forProvenance = await client.provenanceKeys().catch((error: unknown) => {
    if (error instanceof PiplError && error.kind === 'notFound') return [];
    throw error;
  });
  return [...(await client.keys()), ...forProvenance];
}

async function online(
  project: Project,
  ask: Ask,
  trust: boolean,
): Promise<Material & { evidence: Evidence }> {
  const client = await reader(project);
  const evidence = await client.evidence(ask);
  const learned = await learnKeys(project, { offered: await offeredKeys(client), all: trust });
  return { evidence, vouched: evidence.vouched, trees: evidence.trees ?? {}, trust: learned, offline: false };
}

async function fromHere(project: Project): Promise<Material> {
  const trust = { keys: await knownKeys(project), strange: [], first: false };
  return { ...(await keptEvidence(project)), trust, offline: true };
}

async function material(project: Project, what: VerifyContent, ask: Ask): Promise<Material> {
  if (what.bundle !== undefined) {
    const { vouched, trees = {}, keys } = await readBundle(what.bundle);
    const trust = await learnKeys(project, { offered: keys, all: what.trust === true });
    return { vouched, trees, trust, offline: true };
  }
  if (what.offline === true) return fromHere(project);
  try {
    const { evidence, ...rest } = await online(project, ask, what.trust === true);
    // Only what proved to be true is worth keeping: see `finish`.
    return { ...rest, vouched: evidence.vouched };
  } catch (error) {
    if (!(error instanceof PiplError) || error.kind !== 'unreachable') throw error;
    return fromHere(project);
  }
}

async function finish(
  project: Project,
  { vouched, trees, trust, offline }: Material,
  { saveBundle, walked }: { saveBundle: string | undefined; walked: Walked },
): Promise<Pick<VerifiedContent, 'offline' | 'firstKeys'>> {
  const used = new Set(walked.versions.map(({ spec, integrity }) => `${spec} ${integrity}`));
  const kept = vouched.filter(({ name, version, integrity }) => used.has(`${name}@${version} ${integrity}`));
  if (!offline) await keepEvidence(project, { found: [], vouched: kept, trees });
  if (saveBundle !== undefined) {
    await writeBundle(saveBundle, { bundle: 'pipl-provenance-1', keys: trust.keys, vouched: kept, trees });
  }
  return { offline, firstKeys: trust.first };
}

/**
 * @param path a file, or a folder as it was checked out
 * @throws PIPL_UNKNOWN_CONTENT (exit 3) for what nobody made; PIPL_SIGNATURE, PIPL_PROVENANCE (exit 7) when a step
 *   back is not signed as it should be; PIPL_NOT_SEEN (exit 3) when a step is missing
 */
export async function verifyFile(
  project: Project,
  { path, ...what }: VerifyContent & { readonly path: string },
): Promise<VerifiedContent> {
  const file = { ...(await contentDigestOf(path)), path };
  const { digest } = file;
  const found = await material(project, what, { digest });
  const trees = provenTrees(found.trees);
  const places: { piece: Vouched; place: string }[] = [];
  for (const piece of found.vouched) {
    const place = await placeIn(piece, { digest, trees });
    if (place !== undefined) places.push({ piece, place });
  }
  const [first, ...others] = places;
  if (first === undefined) throw unknown(file, found.offline);
  const walked = await walk({
    vouched: found.vouched,
    keys: found.trust.keys,
    start: first.piece,
    digest,
    trees,
  });
  const ended = await finish(project, found, { saveBundle: what.saveBundle, walked });
  return { file, place: first.place, also: others.map(({ place }) => place), ...walked, ...ended };
}

/** The same from a version. @throws also PIPL_NO_VERSION PIPL_NO_PACKAGE */
export async function verifySources(
  project: Project,
  { spec, index, ...what }: VerifyContent & { readonly spec: string; readonly index?: IndexName | undefined },
): Promise<VerifiedContent> {
  const { name, range } = parseSpec(spec);
  const within = index ?? project.defaultIndex;
  const asksServer = what.bundle === undefined && what.offline !== true;
  const version = asksServer
    ? (await chooseVersion(await reader(project), { index: within, name, range })).version
    : (range ?? '');
  const found = await material(project, what, { index: within, name, version });
  const start = found.vouched.find((one) => one.name === name && one.version === version);
  if (start === undefined) throw notKept(spec);
  const trees = provenTrees(found.trees);
  const walked = await walk({ vouched: found.vouched, keys: found.trust.keys, start, trees });
  const ended = await finish(project, found, { saveBundle: what.saveBundle, walked });
  return { also: [], ...walked, ...ended };
}

const unknown = ({ path, digest }: FoundContent & { path: string }, offline: boolean) =>
  piplError('notFound', 'PIPL_UNKNOWN_CONTENT', {
    what: `${path} is nothing that this project made.`,
    why: offline
      ? `Nothing that was kept here tells of ${digest}.`
      : `No version that you may read holds ${digest}: it was changed, or it comes from elsewhere.`,
    hint: offline
      ? 'Verify it once with the server running, or with a bundle: pipl verify FILE --bundle BUNDLE'
      : 'One byte is enough to make it unknown: compare it with a fresh checkout.',
  });

const notKept = (spec: string) =>
  piplError('notFound', 'PIPL_NOT_SEEN', {
    what: `What made ${spec} cannot be verified without the server.`,
    why: 'It was never verified here before, under exactly that version.',
    hint: 'Name a version: pipl verify --sources NAME@1.2.3',
  });
