/**
 * One packl that somebody wants to publish: everything that can be said about it without looking at the index.
 *
 * The tarball is the truth: its `package.json` becomes the row, what was sent beside it must agree. Nothing is
 * written here, so a refusal leaves nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  packlName,
  parseManifest,
  PiplError,
  piplError,
  provenanceFile,
  type Manifest,
  type ThirdPartyLock,
} from '@pipl/packl';
import { valid } from 'semver';
import type { Content } from '../blobs/blobs.ts';
import { refuseDeep } from './stream-json.ts';
import type { ReceivedTarball } from './stream-tarball.ts';

export interface Candidate {
  readonly manifest: Manifest;
  readonly integrity: string;
  readonly shasum: string;
  readonly content: Content;
  readonly thirdParty?: ThirdPartyLock;
  readonly readme: string;
  /** what the tarball says of its making; not looked at yet */
  readonly provenance: Uint8Array | undefined;
}

const readmeCharacters = 256 * 1024;
const reservedNames = new Set(['node_modules', 'favicon.ico', '-']);

const refused = (code: `PIPL_${string}`, what: string, why: string, hint: string): PiplError =>
  piplError('invalid', code, { what, why, hint });

function refuseName({ name, version }: { name: string; version: string }): void {
  packlName(name);
  if (reservedNames.has(name) || name.startsWith('-')) {
    throw refused(
      'PIPL_PACKL_NAME',
      `"${name}" is not a name for a packl.`,
      'Registries use it themselves.',
      'Choose another one.',
    );
  }
  if (valid(version) !== version) {
    throw refused(
      'PIPL_VERSION',
      `"${version}" is not a version.`,
      'Versions are semantic and written plainly: 1.2.3 or 1.2.3-beta.1, without build metadata.',
      '`pipl packl bump patch` writes the next one.',
    );
  }
}

/** npm moves what is optional out of the dependencies it sends: compare what is left. */
function required(manifest: Manifest): Record<string, string> {
  const optional = manifest.optionalDependencies ?? {};
  return Object.fromEntries(
    Object.entries(manifest.dependencies ?? {}).filter(([name]) => !(name in optional)),
  );
}

function refuseDisagreement(sent: Manifest, packed: Manifest): void {
  const differing = [
    sent.name === packed.name ? undefined : 'name',
    sent.version === packed.version ? undefined : 'version',
    isDeepStrictEqual(required(sent), required(packed)) ? undefined : 'dependencies',
    isDeepStrictEqual(sent.pipl, packed.pipl) ? undefined : 'pipl',
  ].filter((field) => field !== undefined);
  if (differing.length === 0) return;
  throw refused(
    'PIPL_MANIFEST_DIFFERS',
    `The manifest of ${sent.name}@${sent.version} is not the one in its tarball.`,
    `They differ in ${differing.join(', ')}.`,
    'Pack and publish again, in one go.',
  );
}

const reasonOf = (error: unknown) =>
  error instanceof PiplError ? (error.why ?? error.message) : (error as Error).message;

function jsonIn(data: Uint8Array, file: string): unknown {
  const text = textOf(data);
  try {
    refuseDeep(text);
    return JSON.parse(text);
  } catch (error) {
    throw refused(
      'PIPL_TARBALL',
      'The tarball cannot be taken.',
      `Its ${file} is no JSON that can be read: ${reasonOf(error)}`,
      'Mend the file.',
    );
  }
}

function thirdPartyIn(data: Uint8Array | undefined): ThirdPartyLock | undefined {
  if (data === undefined) return undefined;
  const lock = jsonIn(data, 'pipl-lock.json') as Partial<ThirdPartyLock> | null;
  const isRecord = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (lock?.lockfileVersion === 1 && [lock.direct, lock.packages, lock.snapshots].every(isRecord)) {
    return lock as ThirdPartyLock;
  }
  throw refused(
    'PIPL_TARBALL',
    'The tarball cannot be taken.',
    'Its pipl-lock.json is not a lock of version 1.',
    'Remove the file; `pipl packl publish` writes it.',
  );
}

const damaged = (manifest: Manifest, announced: string, found: string): PiplError =>
  refused(
    'PIPL_INTEGRITY',
    `The tarball of ${manifest.name}@${manifest.version} is not what its integrity says.`,
    `It was announced as ${announced.slice(0, 120)} and is ${found}.`,
    'It was changed or cut on its way: publish again.',
  );

const textOf = (data: Uint8Array | undefined) => Buffer.from(data ?? []).toString();

export interface Sent {
  /** may carry more than the tarball's: npm adds fields */
  readonly manifest: unknown;
  /** `sha512-…`; several may stand in it */
  readonly integrity: string;
  /** hex sha1, which npm sends beside it */
  readonly shasum?: string;
  readonly tarball: ReceivedTarball;
}

/**
 * @throws PIPL_MANIFEST PIPL_MANIFEST_DIFFERS PIPL_PACKL_NAME PIPL_VERSION PIPL_INTEGRITY PIPL_TARBALL PIPL_BODY
 */
export function checkedCandidate(sent: Sent): Candidate {
  const { tarball, integrity } = sent;
  const manifest = parseManifest(sent.manifest, 'The manifest that was sent');
  refuseName(manifest);
  if (!integrity.split(/\s+/).includes(tarball.integrity))
    throw damaged(manifest, integrity, tarball.integrity);
  if (sent.shasum !== undefined && sent.shasum !== tarball.shasum) {
    throw damaged(manifest, `sha1 ${sent.shasum}`, tarball.shasum);
  }
  if (tarball.refusal !== undefined) throw tarball.refusal;
  const json = tarball.kept.get('package.json');
  if (json === undefined) {
    throw refused(
      'PIPL_TARBALL',
      'The tarball cannot be taken.',
      'It has no package.json.',
      'Pack it with `pipl packl publish`.',
    );
  }
  const packed = parseManifest(jsonIn(json, 'package.json'), 'The package.json in the tarball');
  refuseDisagreement(manifest, packed);
  const thirdParty = thirdPartyIn(tarball.kept.get('pipl-lock.json'));
  return {
    manifest: packed,
    integrity: tarball.integrity,
    shasum: tarball.shasum,
    content: tarball.content,
    provenance: tarball.kept.get(provenanceFile),
    readme: textOf(tarball.kept.get('README')).slice(0, readmeCharacters),
    ...(thirdParty === undefined ? {} : { thirdParty }),
  };
}
