/** The registry's tables, as Kysely sees them. Lists and manifests are JSON text, times ISO 8601 in UTC. */
import type { Kysely, Transaction } from 'kysely';
import type { ChangeOp, IndexName } from '@pipl/packl';

export interface Tables {
  registry_indexes: {
    name: IndexName;
    /** JSON list, nearest first */
    bases: string;
    volatile: number;
    /** URL of the upstream registry; null for an index that is no mirror */
    mirror: string | null;
    created_at: string;
    created_by: string;
  };
  registry_versions: {
    index_name: IndexName;
    name: string;
    version: string;
    /** of the change that published it */
    seq: number;
    integrity: string;
    shasum: string;
    manifest: string;
    third_party: string | null;
    readme: string | null;
    deprecated: string | null;
    withdrawn: number;
    published_at: string;
    published_by: string;
    /** attempt that made it */
    run: string | null;
  };
  registry_tags: { index_name: IndexName; name: string; tag: string; version: string };
  registry_changes: {
    seq: number;
    index_name: IndexName;
    op: ChangeOp;
    name: string;
    version: string;
    integrity: string | null;
    tag: string | null;
    by_whom: string;
    at: string;
    run: string | null;
    outcome: string | null;
  };
  /** One row. A counter instead of the largest seq: on a server with many writers it is what orders them. */
  registry_head: { id: 1; seq: number };
  registry_users: { name: string; password: string; email: string | null; created_at: string };
  registry_tokens: {
    id: string;
    /** hex sha256 of the secret */
    secret: string;
    kind: 'user' | 'run';
    user_name: string | null;
    attempt: string | null;
    index_name: IndexName | null;
    packls: string | null;
    created_at: string;
    expires_at: string | null;
  };
  /** Tarballs that a mirror has fetched: file name → content. */
  registry_mirrored: { index_name: IndexName; name: string; file: string; integrity: string };
}

export type Database = Kysely<Tables>;
/** A transaction, or the database itself where none is needed. */
export type Queries = Database | Transaction<Tables>;
