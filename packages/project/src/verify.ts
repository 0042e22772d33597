/**
 * Is a version what its registry signed? The bytes must have the integrity, the integrity a signature, the
 * signature a key that is trusted; and what its tarball says of its making must be signed by the server. With a
 * server what it says is kept; without one that is what counts.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  badProvenance,
  type IndexName,
  isAbout,
  parseManifest,
  parseSpec,
  PiplError,
  piplError,
  provenanceFile,
} from '@pipl/packl';
import {
  integrityMatches,
  opened,
  readTarball,
  type RegistryClient,
  signatureHolds,
  signedText,
  type SigningKey,
} from '@pipl/registry-client';
import { z } from 'zod';
import { asPiplError, isMissing } from './atomic-file.ts';
import { reader } from './credentials.ts';
import { chooseVersion } from './packument.ts';
import type { Project } from './project-file.ts';
import { offeredKeys } from './verify-file.ts';
import { makingOf, type Making } from './walk.ts';
import { keepReceipt, keptReceipt, knownKeys, learnKeys, type Receipt } from './trusted-keys.ts';

export interface Verify {
  /** `name`, `name@range` or `name@tag`; without a server `name@version` */
  readonly spec: string;
  readonly index?: IndexName | undefined;
  /** a tarball to look at instead of the one that the server or the project has */
  readonly file?: string | undefined;
  /** ask no server */
  readonly offline?: boolean | undefined;
  /** trust keys that no known key vouches for */
  readonly trust?: boolean | undefined;
}

export interface Verified {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  /** of the key whose signature holds */
  readonly keyid: string;
  /** where the bytes came from */
  readonly bytes: 'server' | 'project' | 'file';
  readonly offline: boolean;
  /** the keys were taken on trust just now: nothing was known about this project's before */
  readonly firstKeys: boolean;
  /** what the server signed about its making; absent for what no run has made */
  readonly made?: Making & { readonly keyid: string };
}

const Dist = z.looseObject({
  integrity: z.string(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })).default([]),
});

interface Knowledge {
  readonly receipt: Receipt;
  readonly keys: readonly SigningKey[];
  readonly strange: readonly SigningKey[];
  readonly first: boolean;
  readonly client: RegistryClient | undefined;
}

const bad = (spec: string, why: string, hint: string) =>
  piplError('invalid', 'PIPL_SIGNATURE', { what: `${spec} is not verified.`, why, hint });

/** @throws PIPL_NO_PACKAGE PIPL_NO_VERSION PIPL_SIGNATURE when it is not signed at all */
async function ask(
  project: Project,
  client: RegistryClient,
  { spec, index, trust }: Verify,
): Promise<Knowledge> {
  const { name, range } = parseSpec(spec);
  const chosen = await chooseVersion(client, { index: index ?? project.defaultIndex, name, range });
  const { integrity, signatures } = Dist.parse((chosen.manifest as { dist?: unknown }).dist);
  const receipt = { name, version: chosen.version, integrity, signatures };
  const offered = await offeredKeys(client);
  const { keys, strange, first } = await learnKeys(project, { offered, all: trust === true });
  return { receipt, keys, strange, first, client };
}

async function remember(project: Project, { spec }: Verify, why: string): Promise<Knowledge> {
  const receipt = await keptReceipt(project, spec);
  if (receipt === undefined) {
    throw piplError('notFound', 'PIPL_NOT_SEEN', {
      what: `${spec} cannot be verified without the server.`,
      why: `${why} And it was never verified here before, under exactly that version.`,
      hint: 'Verify it once with the server running, or name a version: pipl verify NAME@1.2.3',
    });
  }
  return { receipt, keys: await knownKeys(project), strange: [], first: false, client: undefined };
}

async function know(project: Project, what: Verify): Promise<Knowledge> {
  if (what.offline === true) return remember(project, what, 'No server was to be asked.');
  try {
    return await ask(project, await reader(project), what);
  } catch (error) {
    if (!(error instanceof PiplError) || error.kind !== 'unreachable') throw error;
    return remember(project, what, error.message);
  }
}

/** The blob of the project itself, where it stands on this machine. */
const blobOf = ({ system }: Project, integrity: string): string => {
  const hex = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  return join(system, 'blobs', 'sha512', hex.slice(0, 2), hex);
};

async function bytesOf(
  project: Project,
  { receipt, client }: Knowledge,
  { index, file }: Verify,
): Promise<{ bytes: Uint8Array; from: Verified['bytes'] }> {
  const { name, version, integrity } = receipt;
  const spec = `${name}@${version}`;
  if (file === undefined && client !== undefined) {
    const of = index ?? project.defaultIndex;
    return { bytes: await client.tarball(of, name, version, { integrity }), from: 'server' };
  }
  const path = file ?? blobOf(project, integrity);
  try {
    return { bytes: await readFile(path), from: file === undefined ? 'project' : 'file' };
  } catch (error) {
    if (!isMissing(error)) throw asPiplError(error, path);
    throw piplError('notFound', 'PIPL_NO_TARBALL', {
      what: `There is no tarball of ${spec} to look at.`,
      why: `${path} is not there.`,
      hint: 'Start the server, or name the file: pipl verify NAME@VERSION --file FILE',
      cause: error,
    });
  }
}

/**
 * @throws PIPL_SIGNATURE (exit 7) when the bytes are not what was signed, or not by a key that is trusted;
 *   PIPL_NOT_SEEN and PIPL_NO_TARBALL (exit 3) when there is nothing to verify with
 */
export async function verify(project: Project, what: Verify): Promise<Verified> {
  const known = await know(project, what);
  const { receipt, keys, strange, first } = known;
  const { name, version, integrity, signatures } = receipt;
  const spec = `${name}@${version}`;
  if (signatures.length === 0) {
    throw bad(
      spec,
      'Nobody signed it.',
      'A mirror hands on what its upstream signs; some registries sign nothing.',
    );
  }
  const { bytes, from } = await bytesOf(project, known, what);
  if (!integrityMatches(integrity, bytes)) {
    throw bad(
      spec,
      `Its content does not match ${integrity}.`,
      'Somebody changed it: do not use it, and tell who runs the server.',
    );
  }
  const holds = signatures.find((one) => keys.some((key) => signatureHolds(signedText(receipt), one, key)));
  if (holds === undefined) throw bad(spec, ...unsigned(signatures, strange));
  if (known.client !== undefined) await keepReceipt(project, receipt);
  const made = await makingIn(bytes, { spec, keys });
  return {
    name,
    version,
    integrity,
    keyid: holds.keyid,
    bytes: from,
    offline: known.client === undefined,
    firstKeys: first,
    ...(made === undefined ? {} : { made }),
  };
}

/** What the tarball carries about its making. @throws PIPL_PROVENANCE when it is not believed */
async function makingIn(
  bytes: Uint8Array,
  { spec, keys }: { spec: string; keys: readonly SigningKey[] },
): Promise<Verified['made']> {
  const most = 16 * 1024 * 1024;
  const kept = await readTarball(bytes, (path) =>
    path === provenanceFile || path === 'package.json' ? { most, bigger: 'refused' } : undefined,
  );
  const [envelope, manifest] = [kept.get(provenanceFile), kept.get('package.json')].map((file) =>
    file === undefined ? undefined : (JSON.parse(Buffer.from(file).toString()) as unknown),
  );
  if (envelope === undefined) return undefined;
  const { statement, keyid } = opened(envelope, keys);
  if (!isAbout(statement, parseManifest(manifest))) throw badProvenance(`It is not about ${spec}.`);
  return { ...makingOf(statement), keyid };
}

function unsigned(
  signatures: Receipt['signatures'],
  strange: readonly SigningKey[],
): [why: string, hint: string] {
  const key = strange.find(({ keyid }) => signatures.some((one) => one.keyid === keyid));
  if (key === undefined) {
    return ['No signature of it holds under a key you trust.', 'Do not use it, and ask who runs the server.'];
  }
  return [
    `It is signed with ${key.keyid}, which no key you know vouches for.`,
    'Ask who runs the server whether that is their key; if so: pipl verify --trust NAME@VERSION',
  ];
}
