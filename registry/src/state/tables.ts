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
    /** JSON of `IndexSettings`: rights, grants, what a mirror may be asked; null for none */
    settings: string | null;
    created_at: string;
    created_by: string;
  };
  /** What a version needs before it is promoted into an index, there or not yet; `gate` is JSON of `Gate`. */
  registry_gates: { index_name: IndexName; gate: string };
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
    /** JSON list of `{keyid, sig}`; null until it is signed at the next start */
    signatures: string | null;
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
    /** JSON of what only some changes have: origin, verdict, wave, message */
    detail: string | null;
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
    /** what its owner calls it; null for a login */
    label: string | null;
    /** JSON of `TokenLimits`; null for none */
    limits: string | null;
  };
  registry_stars: { name: string; user_name: string };
  /** Logins through a web page that somebody has begun. Of both secrets only a hash is kept. */
  registry_web_logins: {
    /** hex sha256 of the secret in the address of the page */
    id: string;
    /** hex sha256 of the secret that only the asking program has */
    poll: string;
    asked_from: string;
    machine: string | null;
    /** who has logged in there; null while nobody has */
    user_name: string | null;
    expires_at: string;
  };
  /** Every write that was accepted or refused. Ids sort by time. */
  registry_audit: {
    id: string;
    at: string;
    who: string;
    address: string;
    action: string;
    subject: string;
    /** `ok`, or the code of the refusal */
    outcome: string;
  };
  registry_webhooks: {
    id: string;
    url: string;
    secret: string;
    /** JSON lists; null: all of them */
    indexes: string | null;
    ops: string | null;
    kinds: string | null;
    created_at: string;
    created_by: string;
    /** seq of the last change that was delivered, given up or of no interest */
    cursor: number;
    /** how often the change after `cursor` was tried */
    attempts: number;
    /** not before */
    next_at: string | null;
    last_at: string | null;
    last_status: string | null;
    /** the server process that delivers now, and until when its word counts */
    lease_by: string | null;
    lease_until: string | null;
  };
  /** Changes that a webhook was not given: for `redeliver`. */
  registry_webhook_dead: { hook: string; seq: number; at: string; attempts: number; error: string };
  /** Private addresses that the server may call all the same, because root said so. */
  registry_reachable: { host: string; by_whom: string; at: string };
  registry_groups: { name: string; created_at: string; created_by: string };
  registry_group_members: { group_name: string; user_name: string };
  /** Names of removed indexes that held versions: not given out again. */
  registry_retired_indexes: {
    name: IndexName;
    removed_at: string;
    removed_by: string;
    /** JSON list of `name@version integrity` */
    held: string;
    message: string | null;
  };
  /** What was judged, newest last by `seq`. */
  registry_verdicts: {
    /** of its change */
    seq: number;
    index_name: IndexName;
    name: string;
    version: string;
    integrity: string;
    kind: 'check' | 'approval';
    check_name: string | null;
    result: 'passed' | 'failed' | 'approved' | 'retake';
    by_whom: string;
    handler: string | null;
    run: string | null;
    message: string | null;
    at: string;
  };
  /** Content that is being taken out of a bucket, or was within a day. */
  registry_blobs_going: {
    integrity: string;
    at: string;
    /** other for each time it goes */
    turn: string;
    gone_at: string | null;
  };
  /** Little content whose file is written, and perhaps not on disk yet: until it is, its bytes are here. */
  registry_arriving: {
    /** by chance: nobody has to ask for the next one, and no two servers choose the same */
    id: number;
    integrity: string;
    bytes: Uint8Array;
  };
  /** Tarballs that a mirror has fetched: file name → content. */
  registry_mirrored: { index_name: IndexName; name: string; file: string; integrity: string };
}

export type Database = Kysely<Tables>;
/** A transaction, or the database itself where none is needed. */
export type Queries = Database | Transaction<Tables>;
