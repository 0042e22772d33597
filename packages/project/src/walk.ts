/**
 * From a content back to every source, by signatures alone. Pure: what was collected goes in, a graph of what was
 * proven comes out, or the first thing that is not as it should be is thrown. Where the pieces came from does not
 * matter: each one is checked here.
 *
 * A version is proven by its registry's signature over its integrity; what a run has made by the server's statement
 * too, whose subjects must be what is looked for: the content that was asked about, or the content that the next
 * run says it read. Where no run made it, that is a source, and the content is looked for in the packl itself.
 */
import {
  badProvenance,
  integrityOfDigest,
  packlOfPurl,
  parseManifest,
  piplError,
  provenanceSubjects,
  specOfStatement,
  type ProvenanceStatement,
  type TreeFile,
} from '@pipl/packl';
import {
  integrityMatches,
  opened,
  readTarball,
  signatureHolds,
  signedText,
  unverified,
  type SigningKey,
  type Vouched,
} from '@pipl/registry-client';

export interface Making {
  /** task, `name@version` */
  readonly by: string;
  /** the attempt */
  readonly run: string;
  readonly index: string;
  readonly at?: string;
  /** the user whose change set it off */
  readonly causedBy?: string;
}

export interface ProvenVersion {
  readonly spec: string;
  readonly integrity: string;
  /** of the keys whose signatures hold: over the version, over the statement */
  readonly keyid: string;
  readonly statementKeyid?: string;
  /** absent: a source */
  readonly made?: Making;
  /** `name@version` of what it was made from, and as what */
  readonly from: readonly { readonly spec: string; readonly as: string }[];
}

export interface Walked {
  readonly root: string;
  /** the first one is the root */
  readonly versions: readonly ProvenVersion[];
}

export interface WalkRequest {
  readonly vouched: readonly Vouched[];
  readonly keys: readonly SigningKey[];
  readonly start: { readonly name: string; readonly version: string; readonly integrity: string };
  /** `sha256:<hex>`: what the start must hold */
  readonly digest?: string;
  /** files of folders and sequences, by digest; checked by the caller */
  readonly trees: ReadonlyMap<string, readonly TreeFile[]>;
}

interface Wanted {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly digests: readonly string[];
}

/** @throws PIPL_SIGNATURE PIPL_PROVENANCE (exit 7); PIPL_NOT_SEEN (exit 3) when a piece is missing */
export async function walk({ vouched, keys, start, digest, trees }: WalkRequest): Promise<Walked> {
  const pieces = new Map(vouched.map((one) => [keyOf(one), one]));
  const proven = new Map<string, ProvenVersion>();
  const asked = new Map<string, Set<string>>();
  const waiting: Wanted[] = [{ ...start, digests: digest === undefined ? [] : [digest] }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const key = keyOf(next);
    const before = asked.get(key) ?? new Set();
    const fresh = next.digests.filter((one) => !before.has(one));
    if (proven.has(key) && fresh.length === 0) continue;
    asked.set(key, new Set([...before, ...fresh]));
    const piece = pieces.get(key) ?? missing(next);
    const { version, needs } = await prove(piece, { keys, trees, digests: fresh });
    proven.set(key, version);
    waiting.push(...needs);
  }
  return { root: `${start.name}@${start.version}`, versions: [...proven.values()] };
}

const keyOf = ({ name, version, integrity }: Omit<Wanted, 'digests'>) => `${name}@${version} ${integrity}`;

interface Proving extends Pick<WalkRequest, 'keys' | 'trees'> {
  readonly digests: readonly string[];
}

async function prove(
  piece: Vouched,
  { keys, trees, digests }: Proving,
): Promise<{ version: ProvenVersion; needs: Wanted[] }> {
  const spec = `${piece.name}@${piece.version}`;
  const signature = piece.signatures.find((one) =>
    keys.some((key) => key.keytype !== 'ed25519' && signatureHolds(signedText(piece), one, key)),
  );
  if (signature === undefined) throw notSigned(spec);
  const known = { spec, integrity: piece.integrity, keyid: signature.keyid };
  if (piece.envelope === undefined) {
    const held = digests.length === 0 ? new Map<string, string>() : await contentsOf(piece, trees);
    for (const digest of digests) if (!held.has(digest)) throw notInIt(spec, digest);
    return { version: { ...known, from: [] }, needs: [] };
  }
  const { statement, keyid } = opened(piece.envelope, keys);
  if (specOfStatement(statement) !== spec)
    throw badProvenance(`It is about ${specOfStatement(statement)}, not ${spec}.`);
  const subjects = new Set(statement.subject.map(({ digest }) => `sha256:${digest['sha256'] ?? ''}`));
  for (const digest of digests) {
    if (!subjects.has(digest) && !isInTree(digest, { subjects, trees })) throw notInIt(spec, digest);
  }
  const needs = needsOf(statement);
  const from = needs.map(({ name, version, as }) => ({ spec: `${name}@${version}`, as }));
  return { version: { ...known, statementKeyid: keyid, made: makingOf(statement), from }, needs };
}

/** A list of files that has a proven digest proves its files. */
const isInTree = (
  digest: string,
  { subjects, trees }: { subjects: ReadonlySet<string>; trees: WalkRequest['trees'] },
): boolean =>
  [...trees].some(([tree, files]) => subjects.has(tree) && files.some((file) => file.digest === digest));

export function makingOf({ predicate }: ProvenanceStatement): Making {
  const { externalParameters } = predicate.buildDefinition;
  const { invocationId, finishedOn, pipl_causedBy: cause } = predicate.runDetails.metadata;
  return {
    by: externalParameters.task,
    run: invocationId,
    index: externalParameters.index,
    ...(finishedOn === undefined ? {} : { at: finishedOn }),
    ...(cause === undefined ? {} : { causedBy: cause.by }),
  };
}

/** Each packl that the run read, with the assets of it that were there. */
function needsOf({ predicate }: ProvenanceStatement): (Wanted & { as: string })[] {
  const { resolvedDependencies } = predicate.buildDefinition;
  const digests = new Map<string, string[]>();
  for (const { annotations = {}, digest = {} } of resolvedDependencies) {
    const of = annotations['of'];
    if (typeof of === 'string')
      digests.set(of, [...(digests.get(of) ?? []), `sha256:${digest['sha256'] ?? ''}`]);
  }
  return resolvedDependencies.flatMap(({ uri, name: as = '', digest = {} }) => {
    const packl = packlOfPurl(uri);
    const integrity = integrityOfDigest(digest);
    if (uri === undefined || packl === undefined || integrity === undefined) return [];
    return [{ ...packl, integrity, digests: digests.get(uri) ?? [], as: as.replace(/:.*/s, '') }];
  });
}

/** Digest → `name@version/asset/file` of what a packl that no run made holds, by the bytes that its integrity is of. */
async function contentsOf(
  { name, version, integrity, tarball }: Vouched,
  trees: WalkRequest['trees'],
): Promise<Map<string, string>> {
  if (tarball === undefined) throw missing({ name, version });
  const bytes = Buffer.from(tarball, 'base64');
  if (!integrityMatches(integrity, bytes)) throw notSigned(`${name}@${version}`);
  const kept = await readTarball(bytes, (path) =>
    path === 'package.json' ? { most: 1024 * 1024, bigger: 'refused' } : undefined,
  );
  const manifest = parseManifest(JSON.parse(Buffer.from(kept.get('package.json') ?? []).toString()));
  return contentNames(provenanceSubjects(manifest, trees));
}

const contentNames = (subjects: ProvenanceStatement['subject']): Map<string, string> =>
  new Map(
    subjects.flatMap(({ name, digest: { sha256 } }) =>
      sha256 === undefined ? [] : [[`sha256:${sha256}`, name] as const],
    ),
  );

/** Where in a version the content seems to be, as `name@version/asset/file`; {@link walk} proves it. */
export async function placeIn(
  piece: Vouched,
  { digest, trees }: { digest: string; trees: WalkRequest['trees'] },
): Promise<string | undefined> {
  if (piece.envelope === undefined) {
    return piece.tarball === undefined ? undefined : (await contentsOf(piece, trees)).get(digest);
  }
  const names = contentNames(unverified(piece.envelope).subject);
  for (const [tree, files] of trees) {
    const file = names.has(tree) ? files.find((one) => one.digest === digest) : undefined;
    if (file !== undefined) return `${names.get(tree)}/${file.path}`;
  }
  return names.get(digest);
}

const notSigned = (spec: string) =>
  piplError('invalid', 'PIPL_SIGNATURE', {
    what: `${spec} is not verified.`,
    why: 'No signature of it holds under a key you trust.',
    hint: 'Do not use it, and ask who runs the server: pipl proj keys list',
  });

const notInIt = (spec: string, digest: string) =>
  badProvenance(`${spec} is said to hold ${digest}, but what is signed about it does not.`);

const missing = ({ name, version }: { name: string; version: string }): never => {
  throw piplError('notFound', 'PIPL_NOT_SEEN', {
    what: `What made this cannot be followed: ${name}@${version} is missing.`,
    why: 'It was not handed over with the rest: you may not read it, or it was withdrawn and collected.',
    hint: 'Ask who may read its index to verify it.',
  });
};
