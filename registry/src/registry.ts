/**
 * The registry of one project: opens its state, mends what a crash left, listens.
 *
 * Promises: a version of a stable index never changes and its tarball matches its integrity; what was
 * acknowledged survives; every change is in the feed; a name that is owned is never asked upstream.
 * It does not know the reactor: that one reads the feed, guards releases and answers extra routes.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { indexName, type IndexName, type ProvenanceStatement, type Row } from '@pipl/packl';
import type {
  Envelope,
  Gate,
  IndexView,
  PromoteResult,
  ReleaseRequest,
  ReleaseResult,
  ServerStatus,
  TagRow,
  Vouched,
} from '@pipl/registry-client';
import manifest from '../package.json' with { type: 'json' };
import type { ExtraRoutes } from './api.ts';
import { openAudit } from './people/audit.ts';
import { openBlobs, type BlobsAt } from './blobs/open-blobs.ts';
import { openFastReads } from './reading/fast-reads.ts';
import { openFresh } from './reading/fast-reads-fresh.ts';
import { appendChanges, openFeed, type Feed, type NewChange } from './feed/feed.ts';
import { reachOf } from './door/forwarded.ts';
import { setGate, takeGates } from './indexes/gates.ts';
import type { IndexChange } from './indexes/index-change.ts';
import { setIndex } from './indexes/index-writes.ts';
import { readIndexes } from './indexes/indexes.ts';
import { openKeys, provenanceKeys } from './signing/keys.ts';
import { listen, refuseOpenRoot } from './listen.ts';
import { migrate } from './state/migrations.ts';
import { ownNames } from './door/origin.ts';
import { openUpkeep, type Upkeep } from './upkeep/open-upkeep.ts';
import { openOutlets, type OutletOptions } from './feed/outlets.ts';
import type { Principal } from './people/principal.ts';
import { promote, type Promotion } from './indexes/promote.ts';
import { openReads } from './reading/reads.ts';
import { release } from './publishing/release.ts';
import { readRows, readTags, rowOf } from './reading/rows.ts';
import { outerServer } from './server.ts';
import { proofOf, sign } from './signing/provenance.ts';
import { signUnsigned } from './signing/signatures.ts';
import type { ReleaseGuard, Store } from './state/store.ts';
import type { Database } from './state/tables.ts';
import { openTokens, type RunGrant, type Tokens } from './people/tokens.ts';
import { openUsers, ownerKey, type UserChange, type Users } from './people/users.ts';
import { judge, type Judgement } from './indexes/verdicts.ts';
import { verdaccioApp } from './verdaccio/app.ts';

export interface RegistryOptions {
  /** PROJ/system */
  readonly dataDir: string;
  // eslint-disable-next-line typescript/no-explicit-any -- shared with others, see openDatabase
  readonly db: Kysely<any>;
  /** name of the project, as status tells it */
  readonly project: string;
  /** where every user may publish; default `root/PROJ` */
  readonly common?: string;
  /** where the content of versions is kept; absent: in `dataDir` */
  readonly blobs?: BlobsAt | undefined;
  /** what a version needs before it is promoted into an index, as `.pipl` says it: these and no others */
  readonly gates?: Readonly<Record<string, Gate>>;
  readonly host: string;
  /** 0: any free one */
  readonly port: number;
  readonly guard?: ReleaseGuard;
  /** what runs publish needs provenance that was signed here; default false */
  readonly demandsProvenance?: boolean;
  readonly handle?: ExtraRoutes;
  /** metrics of others, pages of others, how webhooks are tried */
  readonly outlets?: OutletOptions;
  /** under which the world reaches it, when that is not the address it listens on: `https://host/sub/path` */
  readonly publicUrl?: string;
  /** whose `X-Forwarded-*` headers are believed: addresses or `address/bits`; default loopback */
  readonly trustedProxies?: readonly string[];
  /** more names that a request may come to, as `Host` says them */
  readonly hosts?: readonly string[];
}

export interface Registry {
  /** without a slash at the end */
  readonly url: string;
  readonly port: number;
  readonly feed: Feed;
  /** Every version row of every index, withdrawn ones too, in the order in which they were published. */
  rows(): Promise<Row[]>;
  tags(): Promise<TagRow[]>;
  row(index: IndexName, name: string, version: string): Promise<Row | undefined>;
  indexes(): Promise<IndexView[]>;
  /** Creates or changes, as root. */
  createIndex(name: IndexName, change?: IndexChange): Promise<IndexView>;
  /** What a version needs before it is promoted into the index; undefined: nothing. In force at once. */
  setGate(index: IndexName, gate: Gate | undefined, principal: Principal): Promise<IndexView>;
  /** Creates or updates, as root. */
  setUser(name: string, change: UserChange): Promise<void>;
  /** A token of a user who need not log in for it: for what runs inside the server. */
  issueUserToken(name: string): Promise<string>;
  release(request: ReleaseRequest, principal: Principal): Promise<ReleaseResult>;
  /** `handler`: with the right of this handler of the source index, for the principal. */
  promote(promotion: Promotion, principal: Principal): Promise<PromoteResult>;
  /** The verdict may speak for a handler. */
  judge(judgement: Judgement, principal: Principal): ReturnType<typeof judge>;
  /** Signs provenance: for what made the statement itself. */
  attest(statement: ProvenanceStatement): Envelope;
  /** The version as it stands there, with what the registry vouches for; rights are the caller's business. */
  vouched(index: IndexName, name: string, version: string): Promise<Vouched | undefined>;
  /** @param tx of the project's database, in which it becomes true; absent: at once */
  issueRunToken(grant: RunGrant, tx?: AnyTransaction): Promise<string>;
  /** @param tx as for {@link Registry.issueRunToken} */
  revokeRunTokens(attempt: string, tx?: AnyTransaction): Promise<void>;
  /** Appends lines that nobody published to the feed, in a transaction of the project's database. */
  note(lines: readonly NewChange[], tx: AnyTransaction): Promise<void>;
  /** After a commit with such lines. */
  rang(): void;
  readonly upkeep: Upkeep;
  /** Loads Verdaccio before somebody asks for it. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

// eslint-disable-next-line typescript/no-explicit-any -- shared with others, see openDatabase
type AnyTransaction = Kysely<any>;

const root: Principal = { is: 'user', name: 'root' };
/** @throws PIPL_PUBLIC_URL */
function doorOf({ publicUrl, trustedProxies, hosts = [], host }: RegistryOptions) {
  const isOwn = ownNames([host, ...hosts, publicUrl === undefined ? undefined : URL.parse(publicUrl)?.host]);
  return { reach: reachOf({ publicUrl, trustedProxies }), isOwn };
}

async function allNamed(db: Database): Promise<Set<string>> {
  const versions = await db.selectFrom('registry_versions').select('integrity').execute();
  const mirrored = await db.selectFrom('registry_mirrored').select('integrity').execute();
  return new Set([...versions, ...mirrored].map(({ integrity }) => integrity));
}

/** Everything that lives in files and tables, ready to be asked. */
async function openState(options: RegistryOptions) {
  const db = options.db as unknown as Database;
  await mkdir(options.dataDir, { recursive: true });
  await migrate(db);
  const now = () => new Date();
  const users = openUsers(db, { now, ownerKeyFile: join(options.dataDir, 'owner.key') });
  await ownerKey(join(options.dataDir, 'owner.key'));
  if (!(await users.has('root'))) await users.set('root', {});
  const blobs = await openBlobs({ dataDir: options.dataDir, db, at: options.blobs });
  await blobs.repair(() => allNamed(db));
  const { feed, rang, close: closeFeed } = openFeed(db);
  const common = indexName(options.common ?? 'root/PROJ');
  await takeGates(db, { gates: options.gates ?? {}, at: now().toISOString() });
  const keys = await openKeys(join(options.dataDir, 'keys'), now);
  await signUnsigned(db, keys);
  const provenance = await openKeys(join(options.dataDir, 'keys'), now, provenanceKeys(keys));
  const demandsProvenance = options.demandsProvenance ?? false;
  const kept = {
    db,
    blobs,
    feed,
    keys,
    provenance,
    demandsProvenance,
    now,
    guard: options.guard,
    common,
  };
  const fresh = await openFresh(kept);
  const store: Store = {
    ...kept,
    rang() {
      fresh.rang();
      rang();
    },
  };
  const reads = openReads(store, join(options.dataDir, 'npm-cache'));
  const tokens = openTokens(db, now);
  const audit = openAudit(db, now);
  return {
    db,
    users,
    tokens,
    audit,
    store,
    closeFeed,
    reads,
    fresh,
    fast: openFastReads({ reads, blobs, fresh, now }),
  };
}

const operations = (store: Store, users: Users, tokens: Tokens) => ({
  feed: store.feed,
  rows: async () => (await readRows(store.db)).map(rowOf),
  tags: () => readTags(store.db),
  async row(index: IndexName, name: string, version: string) {
    const [row] = await readRows(store.db, { indexes: [index], name, version });
    return row === undefined ? undefined : rowOf(row);
  },
  indexes: async () => [...(await readIndexes(store.db)).values()],
  createIndex: (name: IndexName, change: IndexChange = {}) =>
    setIndex(store, { name, change: { near: change.mirror !== undefined, ...change } }, root),
  setGate: (index: IndexName, gate: Gate | undefined, principal: Principal) =>
    setGate(store, { index, gate }, principal),
  async setUser(name: string, change: UserChange) {
    await users.set(name, change);
  },
  issueUserToken: (name: string) => tokens.forUser(name),
  release: (request: ReleaseRequest, principal: Principal) => release(store, request, principal),
  promote: (promotion: Promotion, principal: Principal) => promote(store, promotion, principal),
  judge: (judgement: Judgement, principal: Principal) => judge(store, judgement, principal),
  attest: (statement: ProvenanceStatement) => sign(store.provenance, statement),
  async vouched(index: IndexName, name: string, version: string) {
    const [row] = await readRows(store.db, { indexes: [index], name, version });
    if (row === undefined) return undefined;
    const { integrity, signatures = [] } = row;
    return { name, version, integrity, signatures, ...(await proofOf(store, row)) };
  },
  issueRunToken: (grant: RunGrant, tx?: AnyTransaction) => tokens.forRun(grant, tx),
  revokeRunTokens: (attempt: string, tx?: AnyTransaction) => tokens.revokeRun(attempt, tx),
  async note(lines: readonly NewChange[], tx: AnyTransaction) {
    await appendChanges(tx, store.now().toISOString(), lines);
  },
  rang: () => store.rang(),
});

/**
 * @throws PIPL_PORT_IN_USE PIPL_ROOT_PASSWORD_EMPTY PIPL_DATABASE; the caller keeps `db` and closes it after `close`
 */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const door = doorOf(options);
  const { users, tokens, audit, store, reads, fresh, fast, closeFeed } = await openState(options);
  await refuseOpenRoot(users, options.host);
  const startedAt = new Date().toISOString();
  const status = async (): Promise<ServerStatus> => ({
    project: options.project,
    version: manifest.version,
    startedAt,
    head: await store.feed.head(),
    rootPasswordEmpty: await users.rootPasswordEmpty(),
    common: store.common,
  });
  const closing = new AbortController();
  const verdaccio = verdaccioApp({ reads, blobs: store.blobs, users, title: options.project });
  const outlets = await openOutlets({
    store,
    project: options.project,
    version: manifest.version,
    dataDir: options.dataDir,
    options: options.outlets ?? {},
  });
  const shared = {
    store,
    users,
    tokens,
    audit,
    status,
    outlets,
    closing: closing.signal,
    verdaccio,
    fresh,
    fast,
  };
  const upkeep = openUpkeep(store, options);
  const parts = { ...shared, ...door, upkeep, extra: options.handle };
  const { server, idle } = outerServer(parts);
  const { url, port } = await listen(server, options).catch(async (error: unknown) => {
    await outlets.close();
    throw error;
  });
  return {
    url,
    port,
    ...operations(store, users, tokens),
    upkeep,
    warm: () => verdaccio.load(),
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await idle();
      server.closeAllConnections();
      await closed;
      await upkeep.close();
      await outlets.close();
      await audit.settle();
      await store.blobs.close?.();
      await closeFeed();
    },
  };
}
