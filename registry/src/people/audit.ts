/**
 * The audit log: one line for every write that was accepted or refused, failed logins among them.
 *
 * Lines are written together, moments after their answers and with what is committed then, so that they cost no
 * write to disk of their own and no publish waits for one. What a power cut takes of them is at most the last moment; what changed then stands in the feed, with who did it.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AuditLine } from '@pipl/registry-client';
import { commitTogether, commitWhatWaits, commitWithNext } from '../publishing/group-commit.ts';
import type { Database, Queries, Tables } from '../state/tables.ts';

/** What is known of a request while it is being answered; who finds out more writes it here. */
export interface Trail {
  who: string;
  address: string;
  action: string;
  subject: string;
  /** when a refusal is answered with a page */
  outcome?: string;
}

export interface Audit {
  note(trail: Trail, outcome: string): void;
  /** Newest first. @param before an id; only lines older than that one */
  read(ask: { before?: string | undefined; limit: number }): Promise<AuditLine[]>;
  /** Resolves when everything noted so far is written, or cannot be: then the server's log says so. */
  settle(): Promise<void>;
}

const trails = new WeakMap<IncomingMessage, Trail>();

export function trailOf(request: IncomingMessage): Trail {
  const known = trails.get(request);
  if (known !== undefined) return known;
  const trail: Trail = { who: 'anonymous', address: '', action: '', subject: '' };
  trails.set(request, trail);
  return trail;
}

/** Milliseconds that lines wait for a commit that takes them along. */
const patience = 50;
const longestText = 500;
/** While the disk is full the oldest lines go, not the memory. */
const mostWaiting = 10_000;

export function openAudit(db: Database, now: () => Date): Audit {
  let waiting: Tables['registry_audit'][] = [];
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;
  let count = 0;
  /** who waits for everything to be written */
  let askers = 0;

  const writeNext = async (): Promise<void> => {
    let lines: typeof waiting = [];
    const insert = (tx: Queries) => {
      // Those of now: more have come while it waited for its turn.
      lines = waiting.slice(0, 100);
      return tx.insertInto('registry_audit').values(lines).execute();
    };
    await (askers > 0 ? commitTogether(db, insert) : commitWithNext(db, insert, patience));
    waiting = waiting.slice(lines.length);
  };
  const write = async () => {
    isWriting = true;
    try {
      while (waiting.length > 0) await writeNext();
    } finally {
      isWriting = false;
    }
  };
  // One that failed must not keep the next from trying.
  const flush = () => (writing = writing.catch(() => undefined).then(write));
  /** Somebody waits: what is under way is not left to wait for others, nor what follows it. */
  const flushNow = async () => {
    askers += 1;
    commitWhatWaits(db);
    await flush().finally(() => (askers -= 1));
  };
  const complain = (error: unknown) => console.error('The audit log cannot be written:', error);

  return {
    note({ who, address, action, subject }, outcome) {
      const at = now();
      // Sorts by time, then by order within this process; the rest keeps two processes apart.
      const order = `${at.getTime().toString(36).padStart(9, '0')}${(count++ % 36 ** 5).toString(36).padStart(5, '0')}`;
      const id = `${order}${randomBytes(4).toString('hex')}`;
      const short = (text: string) => text.slice(0, longestText);
      if (waiting.length >= mostWaiting) waiting.shift();
      waiting.push({
        id,
        at: at.toISOString(),
        who: short(who),
        address,
        action,
        subject: short(subject),
        outcome,
      });
      if (!isWriting) flush().catch(complain);
    },
    settle: () => flushNow().catch(complain),
    async read({ before, limit }) {
      await flushNow();
      let lines = db.selectFrom('registry_audit').selectAll().orderBy('id', 'desc').limit(limit);
      if (before !== undefined) lines = lines.where('id', '<', before);
      return (await lines.execute()).map(({ address, ...line }) => ({ ...line, from: address }));
    },
  };
}

const pathWords: readonly (readonly [RegExp, string])[] = [
  [/^POST \/-\/pipl\/v1\/login$/, 'login'],
  [/^POST \/-\/pipl\/v1\/logout$/, 'logout'],
  [/^POST \/-\/pipl\/v1\/release$/, 'publish'],
  [/^PUT \/-\/pipl\/v1\/users\/(.+)$/, 'set user'],
  [/^DELETE \/-\/pipl\/v1\/users\/(.+)$/, 'remove user'],
  [/^PUT \/-\/pipl\/v1\/indexes\/([^/]+\/[^/]+)$/, 'set index'],
  [/^DELETE \/-\/pipl\/v1\/indexes\/([^/]+\/[^/]+)$/, 'remove index'],
  [/^PUT \/-\/pipl\/v1\/indexes\/([^/]+\/[^/]+)\/deprecate$/, 'deprecate'],
  [/^PUT \/-\/pipl\/v1\/indexes\/([^/]+\/[^/]+)\/withdraw$/, 'withdraw'],
  [/^POST \/-\/pipl\/v1\/tokens$/, 'create token'],
  [/^DELETE \/-\/pipl\/v1\/tokens\/([^.]+).*$/, 'revoke token'],
  [/^PUT \/[^/]+\/[^/]+\/-\/user\/org\.couchdb\.user:(.+)$/, 'login'],
  [/^POST \/[^/]+\/[^/]+\/-\/v1\/login$/, 'begin web login'],
  [/^POST \/[^/]+\/[^/]+\/-\/v1\/login\/.+$/, 'login'],
  [/^PUT \/[^/]+\/[^/]+\/-\/user\/v1\/star$/, 'star'],
  [/^DELETE \/[^/]+\/[^/]+\/-\/user\/v1\/star$/, 'unstar'],
  [/^POST \/[^/]+\/[^/]+\/-\/verdaccio\/sec\/login$/, 'login'],
  [/^DELETE \/[^/]+\/[^/]+\/-\/user\/token\/[^/]+$/, 'logout'],
  [/^POST \/[^/]+\/[^/]+\/-\/npm\/v1\/user$/, 'set user'],
  [/^POST \/[^/]+\/[^/]+\/-\/npm\/v1\/tokens$/, 'create token'],
  [/^DELETE \/[^/]+\/[^/]+\/-\/npm\/v1\/tokens\/token\/([^.]+).*$/, 'revoke token'],
  [/^(?:PUT|POST) \/([^/]+\/[^/]+)\/-\/package\/(.+)\/dist-tags\/(.+)$/, 'tag'],
  [/^DELETE \/([^/]+\/[^/]+)\/-\/package\/(.+)\/dist-tags\/(.+)$/, 'untag'],
  [/^(?:PUT|DELETE) \/([^/]+\/[^/]+)\/(.+)\/-rev\/[^/]+$/, 'unpublish'],
  [/^PUT \/([^/]+\/[^/]+)\/((?!-\/).+)$/, 'publish'],
];

/**
 * What a request is called in the log; whoever reads its body may know better.
 * @param path decoded, from the root of the server
 */
export function wordsOf(method: string, path: string): { action: string; subject: string } {
  const line = `${method} ${path}`;
  for (const [pattern, action] of pathWords) {
    const found = pattern.exec(line);
    if (found !== null) return { action, subject: found.slice(1).join(' ') };
  }
  return { action: method.toLowerCase(), subject: path.replace(/^\/-\/pipl\/v1/, '') };
}

export const wordsOfRelease = (asked: {
  index: string;
  packls: readonly { manifest: unknown }[];
}): string => {
  const specs = asked.packls.map(({ manifest }) => {
    const { name, version } = (manifest ?? {}) as { name?: unknown; version?: unknown };
    return `${String(name)}@${String(version)}`;
  });
  return [asked.index, ...specs].join(' ');
};

/** Reads and health checks leave no line. */
export const isWrite = (method: string): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method);
