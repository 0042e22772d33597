/**
 * Publishing: read and pack every folder, check everything, then send them as one release.
 *
 * The plan is the object a dry run prints and the real run sends. Nothing is sent before all of it is known to
 * be right, and the server takes all of it or nothing.
 */
import { resolve } from 'node:path';
import {
  type ErrorBody,
  type IndexName,
  type Manifest,
  type PiplError,
  PiplError as Refusal,
  productOf,
  taskOf,
  type ThirdPartyLock,
} from '@pipl/packl';
import { packTarball, type RegistryClient, type ReleaseResult } from '@pipl/registry-client';
import { withAssetPlace } from './asset-place.ts';
import { lintProblems } from './asset-types.ts';
import { jsonText } from './atomic-file.ts';
import { packedFiles } from './pack-files.ts';
import { staleBase, writeBase } from './packl-base.ts';
import { readPackl } from './packl-file.ts';
import { liveRows, parseType } from './packl-types.ts';
import { refuseUnknown } from './people.ts';
import type { PnpmLogin } from './pnpm.ts';
import type { Project } from './project-file.ts';
import { promiseProblems } from './product-promises.ts';
import { type Candidate, problemsOf, type Surroundings } from './publish-checks.ts';
import { releaseFolders } from './workspace-release.ts';
import { completed } from './published-manifest.ts';
import { commandsOf } from './task-commands.ts';
import { lockFile, lockThirdParty, thirdPartyOf } from './third-party-lock.ts';

export interface PlannedPackl {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly integrity: string;
  /** bytes of the tarball */
  readonly size: number;
  /** paths inside the tarball */
  readonly files: readonly string[];
  /** third-party packages that its lock pins */
  readonly thirdParty: number;
}

export interface PublishPlan {
  readonly index: IndexName;
  readonly packls: readonly PlannedPackl[];
}

export interface Packed extends PlannedPackl {
  readonly manifest: Manifest;
  readonly tarball: Uint8Array;
  readonly lock: ThirdPartyLock | undefined;
}

export const asPlanned = ({
  manifest: _manifest,
  tarball: _tarball,
  lock: _lock,
  ...planned
}: Packed): PlannedPackl => planned;

export interface Publish {
  readonly project: Project;
  readonly folders: readonly string[];
  /** absent: the project's default index */
  readonly to?: IndexName | undefined;
  /** publishes although somebody published a newer version than the sources started from */
  readonly staleOk?: boolean | undefined;
}

/**
 * Publishes the packls of these folders as one release.
 * @param client one that may write
 * @throws PIPL_VERSION_TAKEN (exit 4), PIPL_WORK_IN_PROGRESS, PIPL_MANIFEST and what else is not right with a packl
 *   (7), PIPL_STALE_BASE (4), PIPL_NO_TYPE (3), PIPL_INSTALL (11), what the server refuses with
 */
export async function publish(
  client: RegistryClient,
  options: Publish,
): Promise<PublishPlan & ReleaseResult> {
  const { index, packls } = await preparePublish(client, options);
  const result = await client.release({ index, packls });
  for (const { folder, name, version } of packls)
    await writeBase(options.project, folder, { index, name, version });
  return { index, packls: packls.map(asPlanned), ...result };
}

export interface CheckedPackl {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** everything that would keep it from being published, the worst first */
  readonly problems: readonly ErrorBody[];
}

/** What publishing would refuse, packl by packl. Reads only. @throws PIPL_MANIFEST, PIPL_NO_INDEX */
export async function checkPackls(
  client: RegistryClient,
  options: Publish,
): Promise<readonly CheckedPackl[]> {
  const { candidates, problems } = await judged(client, options);
  return candidates.map((candidate) => {
    const { name, version } = candidate.manifest;
    return {
      name,
      version,
      folder: candidate.folder,
      problems: problems(candidate).map((one) => one.toJSON()),
    };
  });
}

/** Everything that can be checked here, and packed. Sends nothing. @throws as {@link publish} */
export async function preparePublish(
  client: RegistryClient,
  options: Publish,
): Promise<{ index: IndexName; packls: readonly Packed[] }> {
  const { index, candidates, problems } = await judged(client, options);
  refuse(candidates.flatMap(problems));
  const owned = new Set((await client.packls(index, { inherited: true })).map(({ name }) => name));
  for (const { manifest } of candidates) owned.add(manifest.name);
  const packls: Packed[] = [];
  for (const candidate of candidates) {
    packls.push(
      await pack(candidate, { owned, login: { registry: `${client.url}/${index}/`, token: client.token } }),
    );
  }
  return { index, packls };
}

/** Reads the candidates and all that their checks ask for. */
async function judged(client: RegistryClient, { project, folders: named, to, staleOk }: Publish) {
  const index = to ?? project.defaultIndex;
  const candidates: Candidate[] = [];
  const folders = await releaseFolders(client, { folders: named, index });
  for (const folder of folders) candidates.push(await readCandidate(resolve(folder)));
  refuseTwice(candidates);
  const indexes = await client.indexes();
  refuseUnknown(index, indexes);
  const volatile = indexes.find(({ name }) => name === index)?.volatile === true;
  const around = await surroundings(client, { project, index, volatile, candidates });
  const stale = staleOk === true ? [] : await staleProblems(client, { project, index, candidates });
  const lint = new Map<Candidate, PiplError[]>();
  const promises = new Map<Candidate, PiplError[]>();
  for (const candidate of candidates) {
    lint.set(candidate, await lintProblems({ project, ...candidate }, around.stored));
    promises.set(candidate, await promiseProblems(candidate));
  }
  const problems = (candidate: Candidate): PiplError[] => [
    ...(lint.get(candidate) ?? []),
    ...(stale[candidates.indexOf(candidate)] ?? []),
    ...problemsOf(candidate, around),
    ...(promises.get(candidate) ?? []),
  ];
  return { index, candidates, problems };
}

async function readCandidate(folder: string): Promise<Candidate> {
  const { manifest } = await readPackl(folder);
  const files = await packedFiles(folder, manifest);
  return { folder, ...completed({ manifest, files }, await commandsOf(folder, manifest)) };
}

/** For each candidate none or one. */
async function staleProblems(
  client: RegistryClient,
  { candidates, ...where }: { project: Project; index: IndexName; candidates: readonly Candidate[] },
): Promise<PiplError[][]> {
  const found = await Promise.all(
    candidates.map(({ folder, manifest: { name, version } }) =>
      staleBase(client, { ...where, folder, name, version }),
    ),
  );
  return found.map((problem) => (problem === undefined ? [] : [problem]));
}

async function pack(
  { folder, manifest, files }: Candidate,
  { owned, login }: { owned: ReadonlySet<string>; login: PnpmLogin },
): Promise<Packed> {
  const lock = await lockThirdParty(
    thirdPartyOf(manifest, (name) => owned.has(name)),
    login,
  );
  const all = new Map(files);
  all.delete(lockFile); // one that somebody left in the folder does not count
  if (lock !== undefined) all.set(lockFile, { data: Buffer.from(jsonText(lock)), mode: 0o644 });
  const { tarball, integrity } = await packTarball(all);
  return {
    name: manifest.name,
    version: manifest.version,
    folder,
    integrity,
    size: tarball.byteLength,
    files: [...all.keys()].toSorted(),
    thirdParty: Object.keys(lock?.packages ?? {}).length,
    manifest,
    tarball,
    lock,
  };
}

/** Reads what the checks ask for: the rows of every name they may look at, and which assets are stored. */
async function surroundings(
  client: RegistryClient,
  about: { project: Project; index: IndexName; volatile: boolean; candidates: readonly Candidate[] },
): Promise<Surroundings> {
  const { project, index, volatile, candidates } = about;
  const manifests = candidates.map(({ manifest }) => manifest);
  const declaring = manifests.flatMap((manifest) => declaringPackl(manifest) ?? []);
  const rows = new Map<string, Surroundings['rowsOf'] extends (name: string) => infer R ? R : never>();
  for (const name of new Set(declaring)) {
    const own = manifests.filter((manifest) => manifest.name === name);
    const released = own.map((manifest) => ({ name, version: manifest.version, manifest }));
    rows.set(name, [...released, ...(await liveRows(client, index, name))]);
  }
  const taken = new Set<string>();
  for (const { name } of manifests) {
    const { rows: mine } = await client.rows(index, name);
    for (const row of mine) if (row.index === index && row.name === name) taken.add(`${name}@${row.version}`);
  }
  const stored = new Set<string>();
  for (const { folder, manifest } of candidates) {
    // Only who publishes assets needs a store.
    const assets = Object.entries(productOf(manifest)?.assets ?? {});
    if (assets.length === 0) continue;
    const product = { name: manifest.name, version: manifest.version };
    await withAssetPlace({ project, folder }, async ({ stat }) => {
      for (const [asset, reference] of assets)
        if ((await stat({ product, asset, reference })) !== undefined) stored.add(reference.digest);
    });
  }
  return {
    index,
    volatile,
    rowsOf: (name) => rows.get(name) ?? [],
    taken: (name, version) => taken.has(`${name}@${version}`),
    stored: (digest) => stored.has(digest),
  };
}

function declaringPackl(manifest: Manifest): string | undefined {
  const type = taskOf(manifest)?.type ?? productOf(manifest)?.type;
  return type === undefined ? undefined : parseType(type).packl;
}

function refuseTwice(candidates: readonly Candidate[]): void {
  const seen = new Map<string, string>();
  for (const { folder, manifest } of candidates) {
    const other = seen.get(manifest.name);
    seen.set(manifest.name, folder);
    if (other === undefined) continue;
    throw new Refusal({
      code: 'PIPL_TWICE',
      kind: 'usage',
      message: `${manifest.name} is named twice.`,
      why: `Both ${other} and ${folder} hold it.`,
      hint: 'Name each packl once in a release.',
    });
  }
}

/** One problem is thrown as it is; several as the first, with the others in `problems`. */
function refuse(problems: readonly PiplError[]): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  const lines = problems.map(({ message, why }) => (why === undefined ? message : `${message} ${why}`));
  throw new Refusal({ ...first.toJSON(), problems: lines });
}
