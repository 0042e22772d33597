/** What made what, as the HTTP API tells it: provenance, the proof for a content, lineage. */
import type { IndexName, Manifest, ReportedRun } from '@pipl/packl';
import type { Envelope } from './dsse.ts';
import type { Ask } from './request.ts';
import type { Signature, SigningKey } from './signatures.ts';

/** One version and what its registry vouches for: that it has this content, and what made it. */
export interface Vouched {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly signatures: readonly Signature[];
  /** of what a run has made */
  readonly envelope?: Envelope;
  /** base64, of a small product that no run has made: only its bytes say what it holds */
  readonly tarball?: string;
}

/** A file that a point of a step has made. */
export interface PointOutput {
  readonly slot: string;
  readonly asset: string;
  /** of the file, in the folder of the asset */
  readonly name: string;
  /** `sha256:<hex>` */
  readonly digest: string;
  /** bytes */
  readonly size: number;
}

export interface MadePoint {
  /** hash of everything that the point may have read */
  readonly key: string;
  readonly outputs: readonly PointOutput[];
}

export interface KnownPoint extends MadePoint {
  /** that made it */
  readonly attempt: string;
}

/** What a run has made, before it is packed. */
export interface MadeByRun {
  readonly products: readonly Manifest[];
  /** digest of a folder or sequence → its manifest, as the asset store has it */
  readonly trees: Readonly<Record<string, string>>;
  readonly reported: ReportedRun;
  /** of its steps: what later runs may take instead of running them */
  readonly points?: readonly MadePoint[];
}

/** Everything that is needed to walk from a content to its sources without asking again. Proves nothing by itself. */
export interface Evidence {
  /** versions that hold the content that was asked about, as `name@version` */
  readonly found: readonly { readonly spec: string; readonly index: IndexName; readonly asset?: string }[];
  readonly vouched: readonly Vouched[];
  /** lists of files of the folders and sequences that hold the content, by digest */
  readonly trees?: Readonly<Record<string, string>>;
}

export type LineageDirection = 'up' | 'down';

export interface LineageNode {
  /** `name@version`; where two contents have that, with the start of its integrity */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly kind?: string;
  /** where it stands, of those that the asker may read */
  readonly indexes: readonly IndexName[];
  /** absent: somebody published it */
  readonly made?: {
    readonly by: string;
    readonly run: string;
    readonly index?: IndexName;
    readonly at?: string;
  };
  readonly withdrawn?: true;
}

export interface Lineage {
  readonly direction: LineageDirection;
  readonly roots: readonly string[];
  readonly nodes: readonly LineageNode[];
  /** from what was made to what it was made from */
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly as: 'task' | 'input' | 'code';
  }[];
}

export interface ProvenanceClient {
  provenanceKeys(): Promise<readonly SigningKey[]>;
  /** @throws PIPL_NO_PROVENANCE for what no run has made */
  provenance(index: IndexName, name: string, version: string): Promise<Envelope>;
  /** By name of the product. Asks as the run itself. */
  attest(attempt: string, made: MadeByRun): Promise<Readonly<Record<string, Envelope>>>;
  /** Which of these points earlier runs of the same code have made. Asks as the run itself. */
  knownPoints(attempt: string, keys: readonly string[]): Promise<readonly KnownPoint[]>;
  /** About a version, or about whatever holds a content (`sha256:<hex>`). */
  evidence(ask: { digest: string } | { index: IndexName; name: string; version: string }): Promise<Evidence>;
  lineage(ask: {
    direction: LineageDirection;
    /** a digest, `name@version`, or `name` for the newest one in the index */
    subject: string;
    index?: IndexName;
    /** edges to code packls as well */
    code?: boolean;
  }): Promise<Lineage>;
}

const api = '/-/pipl/v1';
const encode = encodeURIComponent;

export const provenanceMethods = (json: <T>(ask: Ask) => Promise<T>): ProvenanceClient => ({
  provenanceKeys: async () => (await json<{ keys: [] }>({ path: '/-/pipl/provenance/keys' })).keys,
  provenance: (index, name, version) =>
    json<never>({ path: `/-/pipl/provenance/${index}/${name}/${encode(version)}` }),
  attest: async (attempt, body) => {
    const path = `${api}/runs/${encode(attempt)}/attest`;
    return (await json<{ envelopes: never }>({ method: 'POST', path, body })).envelopes;
  },
  knownPoints: async (attempt, keys) => {
    const path = `${api}/runs/${encode(attempt)}/points`;
    return (await json<{ points: [] }>({ method: 'POST', path, body: { keys } })).points;
  },
  evidence: (query) => json<never>({ path: `${api}/evidence`, query }),
  lineage: ({ code, ...query }) =>
    json<never>({ path: `${api}/lineage`, query: { ...query, ...(code === true ? { code: 1 } : {}) } }),
});
