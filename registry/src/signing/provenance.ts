/**
 * Provenance of what runs publish. The server signs it before the product is packed, and only what it knows by
 * itself or what the release will be held to: so a release of a run is taken only with a statement that was signed
 * here, about exactly this content and this attempt. It lies in the tarball and nowhere else.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  badProvenance,
  indexName,
  isAbout,
  piplError,
  PiplError,
  productOf,
  provenanceFile,
  type IndexName,
  type Manifest,
  type ProvenanceStatement,
} from '@pipl/packl';
import { opened, readTarball, sealed, type Envelope, type Vouched } from '@pipl/registry-client';
import { wholeOf } from '../blobs/whole.ts';
import { answerJson } from '../http.ts';
import { shownRow } from '../indexes/verdicts.ts';
import { currentRights } from '../people/fast-rights.ts';
import type { Principal } from '../people/principal.ts';
import type { Store } from '../state/store.ts';
import type { StoredRow } from '../reading/rows.ts';
import type { Keys } from './keys.ts';
import { recentlySigned } from './recently-signed.ts';

/** Bytes of an envelope; a subject takes about two hundred. */
export const largestProvenance = 8 * 1024 * 1024;

export function sign(keys: Keys, statement: ProvenanceStatement): Envelope {
  const envelope = sealed(statement, (bytes) => keys.sign(bytes));
  recentlySigned(keys).note(envelope, statement);
  return envelope;
}

interface Brought {
  readonly manifest: Manifest;
  /** what the tarball has under {@link provenanceFile} */
  readonly provenance: Uint8Array | undefined;
}

/** @throws PIPL_NO_PROVENANCE for a product of a run without it */
export function refuseUnprovenanced(brought: readonly Brought[]): void {
  for (const { manifest, provenance } of brought) {
    if (provenance !== undefined || productOf(manifest) === undefined) continue;
    throw piplError('invalid', 'PIPL_NO_PROVENANCE', {
      what: `${manifest.name}@${manifest.version} does not say what made it.`,
      why: 'What a run publishes carries provenance that this server has signed.',
      hint: 'The runner asks for it before it publishes: is it older than the server?',
    });
  }
}

/** What a tarball says of its making must be ours, and about what is in it. @throws PIPL_PROVENANCE */
export function refuseForeignProvenance(keys: Keys, { manifest, provenance }: Brought): void {
  if (provenance === undefined) return;
  const envelope = jsonOf(provenance);
  const statement = recentlySigned(keys).take(envelope) ?? opened(envelope, keys.list()).statement;
  if (isAbout(statement, manifest)) return;
  throw badProvenance(`It is not about ${manifest.name}@${manifest.version} as it is here.`);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw badProvenance((error as Error).message);
  }
}

/** Of a version that a run has made here. Undefined: it has none, or what it carries is not ours. */
export async function envelopeOf(
  { blobs, provenance: keys }: Pick<Store, 'blobs' | 'provenance'>,
  { manifest, integrity }: Pick<StoredRow, 'manifest' | 'integrity'>,
): Promise<Envelope | undefined> {
  if (productOf(manifest)?.made === undefined) return undefined;
  const tarball = await wholeOf(blobs, integrity);
  const want = (path: string) =>
    path === provenanceFile ? ({ most: largestProvenance, bigger: 'refused' } as const) : undefined;
  const bytes = (await readTarball(tarball, want)).get(provenanceFile);
  if (bytes === undefined) return undefined;
  try {
    const envelope = jsonOf(bytes);
    return isAbout(opened(envelope, keys.list()).statement, manifest) ? (envelope as Envelope) : undefined;
  } catch (error) {
    if (error instanceof PiplError && error.code === 'PIPL_PROVENANCE') return undefined;
    throw error;
  }
}

/** Bytes: a product is a manifest and little else. */
const smallProduct = 1024 * 1024;

/** What shows which content a product has: the statement of the run, or the packl itself. */
export async function proofOf(
  store: Pick<Store, 'blobs' | 'provenance'>,
  row: Pick<StoredRow, 'manifest' | 'integrity'>,
): Promise<Pick<Vouched, 'envelope' | 'tarball'>> {
  if (productOf(row.manifest) === undefined) return {};
  const envelope = await envelopeOf(store, row);
  if (envelope !== undefined) return { envelope };
  const tarball = await wholeOf(store.blobs, row.integrity);
  return tarball.length > smallProduct ? {} : { tarball: tarball.toString('base64') };
}

const path = /^\/-\/pipl\/provenance\/([^/]+\/[^/]+)\/((?:@[^/]+\/)?[^/]+)\/([^/]+)$/;

/**
 * `/-/pipl/provenance/keys`, and `/-/pipl/provenance/<owner>/<index>/<name>/<version>` for whoever may read that
 * version there. @returns false when it is about something else
 */
export async function answerProvenance(
  store: Store,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  { path: asked, principal }: { path: string; principal: Principal },
): Promise<boolean> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (asked === '/-/pipl/provenance/keys') {
    answerJson(response, { keys: store.provenance.list() });
    return true;
  }
  const match = path.exec(decodeURIComponent(asked));
  if (match === null) return false;
  const subject = { index: indexName(match[1]!), name: match[2]!, version: match[3]! };
  const rights = await currentRights(store.db, store);
  const row = await shownRow(store.db, { rights, principal, subject });
  answerJson(response, (await envelopeOf(store, row)) ?? noProvenance(subject));
  return true;
}

function noProvenance({ index, name, version }: { index: IndexName; name: string; version: string }): never {
  throw piplError('notFound', 'PIPL_NO_PROVENANCE', {
    what: `${name}@${version} in ${index} has no provenance.`,
    why: 'No run of this project made it, or it was made before provenance was kept.',
    hint: `Who published it is in the feed: \`pipl verify ${name}@${version}\` checks the registry's signature.`,
  });
}
