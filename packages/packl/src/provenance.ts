/**
 * Provenance: what made a product, as an in-toto Statement with a SLSA v1 predicate. The words only, and how a run
 * becomes such a statement; who signs it and who believes it is for others.
 *
 * Subjects are the content of one product version: first the version itself by its content hash (type, metadata,
 * assets), then each asset, then each file of a folder or sequence. The tarball is none of them: the statement is
 * in it. What the run read is listed with the digest it had, so that each of them can be looked for in turn.
 */
import { z } from 'zod';
import { canonicalJson } from './canonical.ts';
import { contentHash } from './content.ts';
import { piplError } from './errors.ts';
import { productOf, type Manifest } from './manifest.ts';
import type { Pin, Ticket, TicketInput } from './ticket.ts';

export const statementType = 'https://in-toto.io/Statement/v1';
export const predicateType = 'https://slsa.dev/provenance/v1';
export const runBuildType = 'urn:pipl:run:1';
/** Where a product's tarball carries it. */
export const provenanceFile = 'provenance.dsse.json';
/** Digest of a version by {@link contentHash}; of a whole tree by its manifest it is sha256. */
export const contentDigest = 'piplContent';
/** `mediaType` of a subject that is a folder or sequence: its sha256 is that of its manifest. */
export const treeMediaType = 'application/vnd.pipl.tree+ndjson';

const Digests = z.record(z.string(), z.string());
const Resource = z.looseObject({
  name: z.string().optional(),
  uri: z.string().optional(),
  digest: Digests.optional(),
  mediaType: z.string().optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
export type ProvenanceResource = z.output<typeof Resource>;

export const ProvenanceStatement = z.looseObject({
  _type: z.literal(statementType),
  subject: z.array(Resource.extend({ name: z.string(), digest: Digests })).min(1),
  predicateType: z.literal(predicateType),
  predicate: z.looseObject({
    buildDefinition: z.looseObject({
      buildType: z.literal(runBuildType),
      externalParameters: z.looseObject({
        task: z.string(),
        index: z.string(),
        parameters: z.record(z.string(), z.unknown()),
      }),
      internalParameters: z.looseObject({}).default({}),
      resolvedDependencies: z.array(Resource),
    }),
    runDetails: z.looseObject({
      builder: z.looseObject({ id: z.string(), version: Digests.optional() }),
      metadata: z.looseObject({
        invocationId: z.string(),
        startedOn: z.string().optional(),
        finishedOn: z.string().optional(),
        pipl_runKey: z.string().optional(),
        /** the user whose change set it off */
        pipl_causedBy: z.looseObject({ by: z.string(), change: z.number().optional() }).optional(),
      }),
      byproducts: z.array(Resource).optional(),
    }),
  }),
});
export type ProvenanceStatement = z.output<typeof ProvenanceStatement>;

/** One file of a folder or sequence. */
export interface TreeFile {
  readonly path: string;
  /** `sha256:<hex>` */
  readonly digest: string;
}

/** What a run says of itself: nobody else can know it. */
export interface ReportedRun {
  readonly startedOn: string;
  /** after defaults: the code of the task filled them in */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** `sha256:<hex>` of the job template, canonical JSON */
  readonly template: string;
  readonly node: string;
  readonly platform: string;
  /** points that came from earlier runs */
  readonly reused?: readonly ReusedPoints[];
}

/** Of one step: how many of its points were not run, and which attempts had made them. */
export interface ReusedPoints {
  readonly step: string;
  readonly points: number;
  readonly reused: number;
  readonly from: readonly string[];
}

/** What the server knows of a run by itself. */
export interface KnownRun {
  readonly ticket: Ticket;
  /** everything that the run's lock pins, the task and its inputs included */
  readonly pins: readonly (Pin & { readonly kind?: string })[];
  /** asset → digest of each input and each last product of its own that it read, by `name@version` */
  readonly inputAssets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly causedBy: { readonly by: string; readonly change?: number };
  /** `sha256:<hex>` of the text of the code lock */
  readonly lockfile: string;
  readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> };
  /** ISO 8601 */
  readonly finishedOn: string;
}

/** `pkg:npm/%40film/bunny@1.2.0` */
export const purlOf = ({ name, version }: Pick<Pin, 'name' | 'version'>): string =>
  `pkg:npm/${name.split('/').map(encodeURIComponent).join('/')}@${version}`;

/** Undefined for anything else. */
export function packlOfPurl(uri: string | undefined): { name: string; version: string } | undefined {
  const match = /^pkg:npm\/((?:%40[^/@]+\/)?[^/@]+)@([^@?#]+)$/.exec(uri ?? '');
  if (match === null) return undefined;
  return { name: decodeURIComponent(match[1]!), version: match[2]! };
}

/** `sha512-<base64>` as the hex that digest sets hold, and back. */
export const integrityAsDigest = (integrity: string): Record<string, string> => ({
  sha512: Buffer.from(/sha512-([A-Za-z0-9+/=]+)/.exec(integrity)?.[1] ?? '', 'base64').toString('hex'),
});
export const integrityOfDigest = ({ sha512 }: Readonly<Record<string, string>>): string | undefined =>
  sha512 === undefined ? undefined : `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`;

const sha256Of = (digest: string): Record<string, string> => ({ sha256: digest.replace(/^sha256:/, '') });

/** @param trees files of each folder and sequence, by its digest; one that is missing is named by its digest only */
export function provenanceSubjects(
  manifest: Manifest,
  trees: ReadonlyMap<string, readonly TreeFile[]>,
): ProvenanceStatement['subject'] {
  const spec = `${manifest.name}@${manifest.version}`;
  const assets = Object.entries(productOf(manifest)?.assets ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    { name: spec, digest: { [contentDigest]: contentHash(manifest) } },
    ...assets.flatMap(([asset, { kind, digest, basename }]) => {
      const name = `${spec}/${asset}`;
      if (kind === 'file') return [{ name: `${name}/${basename}`, digest: sha256Of(digest) }];
      const files = (trees.get(digest) ?? []).map((file) => ({
        name: `${name}/${file.path}`,
        digest: sha256Of(file.digest),
      }));
      return [{ name, digest: sha256Of(digest), mediaType: treeMediaType }, ...files];
    }),
  ];
}

/** The statement of one product of a run. */
export function provenanceOfRun(
  subject: ProvenanceStatement['subject'],
  { known, reported }: { readonly known: KnownRun; readonly reported: ReportedRun },
): ProvenanceStatement {
  const { ticket, builder, causedBy, finishedOn } = known;
  const { task, index, purpose, field, attempt, runKey } = ticket;
  const { startedOn, template, parameters, node, platform, reused = [] } = reported;
  return {
    _type: statementType,
    subject,
    predicateType,
    predicate: {
      buildDefinition: {
        buildType: runBuildType,
        externalParameters: {
          task: `${task.name}@${task.version}`,
          type: field.type,
          index,
          purpose,
          parameters: field.parameters,
        },
        internalParameters: {
          products: Object.fromEntries(
            ticket.products.map(({ slot, name, version }) => [slot, `${name}@${version}`]),
          ),
          codeLock: ticket.codeLock.hash,
          ...(ticket.timeout === undefined ? {} : { timeout: ticket.timeout }),
          /** by the runner; all the rest is what the server knows by itself */
          reported: { parameters, node, platform, ...(reused.length === 0 ? {} : { reused: [...reused] }) },
        },
        resolvedDependencies: dependenciesOf(known),
      },
      runDetails: {
        builder: { id: builder.id, version: { ...builder.version, node } },
        metadata: {
          invocationId: attempt,
          startedOn,
          finishedOn,
          pipl_runKey: runKey,
          pipl_causedBy: causedBy,
        },
        byproducts: [{ name: 'job-template', digest: sha256Of(template) }],
      },
    },
  };
}

function dependenciesOf({ ticket, pins, inputAssets, lockfile }: KnownRun): ProvenanceResource[] {
  const { task, inputs, previous = [], codeLock } = ticket;
  const packl = (name: string, pin: Pin): ProvenanceResource => ({
    name,
    uri: purlOf(pin),
    digest: integrityAsDigest(pin.integrity),
  });
  const read = (as: string, product: TicketInput): ProvenanceResource[] => [
    packl(`${as}:${product.slot}`, product),
    ...Object.entries(inputAssets[`${product.name}@${product.version}`] ?? {}).map(([asset, digest]) => ({
      name: `${as}:${product.slot}/${asset}`,
      uri: `urn:pipl:asset:${digest}`,
      digest: sha256Of(digest),
      annotations: { of: purlOf(product) },
    })),
  ];
  const named = new Set([task, ...inputs].map(({ name, version }) => `${name}@${version}`));
  return [
    packl('task', task),
    {
      name: 'code-lock',
      uri: `urn:pipl:code-lock:${codeLock.hash}`,
      digest: sha256Of(lockfile),
      annotations: { installed: codeLock.dependencies },
    },
    ...inputs.flatMap((input) => read('input', input)),
    ...previous.flatMap((product) => read('previous', product)),
    ...pins
      .filter(({ name, version }) => !named.has(`${name}@${version}`))
      .map((pin) => packl(pin.kind ?? 'packl', pin)),
  ];
}

/** The bytes that are signed. */
export const statementBytes = (statement: ProvenanceStatement): Buffer =>
  Buffer.from(canonicalJson(statement));

/** @throws PIPL_PROVENANCE */
export function parseStatement(bytes: Uint8Array): ProvenanceStatement {
  const parsed = ProvenanceStatement.safeParse(jsonOf(bytes));
  if (parsed.success) return parsed.data;
  throw badProvenance(
    parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`).join('; '),
  );
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw badProvenance((error as Error).message);
  }
}

export const badProvenance = (why: string) =>
  piplError('invalid', 'PIPL_PROVENANCE', {
    what: 'This is not provenance that can be believed.',
    why,
    hint: 'Do not use what it is about, and tell who runs the server.',
  });

/** `name@version` that a statement is about. */
export const specOfStatement = ({ subject }: ProvenanceStatement): string => subject[0]!.name;

/** Whether a statement is about exactly this content. */
export function isAbout(statement: ProvenanceStatement, manifest: Manifest): boolean {
  const [first] = statement.subject;
  return (
    first?.name === `${manifest.name}@${manifest.version}` &&
    first.digest[contentDigest] === contentHash(manifest) &&
    productOf(manifest)?.made?.run === statement.predicate.runDetails.metadata.invocationId
  );
}
