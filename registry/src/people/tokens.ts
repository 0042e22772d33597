/**
 * Opaque tokens, `pipl_<id>.<secret>`. The id finds the row; of the secret only a hash is kept, so neither
 * the database nor a backup of it lets anybody in.
 *
 * Those of the web pages carry readable words in the middle, `pipl_<id>.<words>.<secret>`: Verdaccio's pages
 * look there for the time when the login ends. Nothing here believes them.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { piplError, type IndexName, type PiplError } from '@pipl/packl';
import type { TokenLimits, TokenView } from '@pipl/registry-client';
import { backendOf } from '../state/database.ts';
import { openTokenMemory } from './fast-tokens.ts';
import type { Principal } from './principal.ts';
import type { Database, Queries, Tables } from '../state/tables.ts';

export interface RunGrant {
  readonly attempt: string;
  readonly index: IndexName;
  readonly packls: readonly string[];
  readonly expires: Date;
}

export interface UserGrant {
  readonly label?: string | undefined;
  readonly limits?: TokenLimits | undefined;
  readonly expires?: Date | undefined;
}

export interface Tokens {
  forUser(name: string, grant?: UserGrant): Promise<string>;
  /** For one command of somebody who saves no login; ends by itself. */
  forCommand(name: string): Promise<string>;
  /** For a browser's pages; ends by itself. */
  forPages(name: string): Promise<string>;
  /** @param tx in which it becomes true; absent: at once */
  forRun(grant: RunGrant, tx?: Queries): Promise<string>;
  revoke(token: string): Promise<void>;
  /** @returns whether this user had such a token */
  revokeOf(user: string, id: string): Promise<boolean>;
  /** @param tx in which it becomes true; absent: at once */
  revokeRun(attempt: string, tx?: Queries): Promise<void>;
  /** Without those of the web pages' logins that have ended, oldest first. */
  list(user: string): Promise<TokenView[]>;
  /** @throws PIPL_TOKEN for one that is wrong, expired or revoked */
  principalOf(token: string): Promise<Principal>;
}

const pattern = /^pipl_([A-Za-z0-9]{1,64})\.(?:[\w-]{1,500}\.)?([A-Za-z0-9_-]{20,128})$/;
const pagesHours = 24;
const commandHours = 1;
const hour = 3600 * 1000;

const refused = (why: string): PiplError =>
  piplError('auth', 'PIPL_TOKEN', {
    what: 'The token is not accepted.',
    why,
    hint: 'Log in again with `pipl login`.',
  });

const hashOf = (secret: string) => hash('sha256', secret, 'hex');

const limitsIn = ({ limits }: Tables['registry_tokens']) =>
  limits === null ? {} : { limits: JSON.parse(limits) as TokenLimits };

const principalIn = (row: Tables['registry_tokens']): Principal =>
  row.kind === 'user'
    ? { is: 'user', name: row.user_name ?? '', ...limitsIn(row) }
    : {
        is: 'run',
        attempt: row.attempt ?? '',
        index: row.index_name ?? ('' as IndexName),
        packls: JSON.parse(row.packls ?? '[]') as string[],
      };

const viewOf = (row: Tables['registry_tokens']): TokenView => ({
  id: row.id,
  user: row.user_name ?? '',
  ...(row.label === null ? {} : { label: row.label }),
  ...limitsIn(row),
  createdAt: row.created_at,
  ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
});

/** All of a user's: they left, or their password did. */
export async function revokeAllOf(db: Queries, user: string): Promise<void> {
  await db.deleteFrom('registry_tokens').where('user_name', '=', user).execute();
  await db.deleteFrom('registry_web_logins').where('user_name', '=', user).execute();
}

type NewRow = Omit<Tables['registry_tokens'], 'id' | 'secret' | 'created_at'>;
const nobody = {
  user_name: null,
  attempt: null,
  index_name: null,
  packls: null,
  expires_at: null,
  label: null,
  limits: null,
};

export function openTokens(db: Database, now: () => Date): Tokens {
  const memory = openTokenMemory(backendOf(db));
  const issue = async (row: NewRow, { words = '', tx = db }: { words?: string; tx?: Queries } = {}) => {
    const id = randomBytes(9).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    await tx
      .insertInto('registry_tokens')
      .values({ ...row, id, secret: hashOf(secret), created_at: now().toISOString() })
      .execute();
    return `pipl_${id}.${words}${secret}`;
  };
  const rowOf = async (token: string) => {
    const [, id, secret] = pattern.exec(token) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const row = await db.selectFrom('registry_tokens').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) return undefined;
    return timingSafeEqual(Buffer.from(row.secret), Buffer.from(hashOf(secret))) ? row : undefined;
  };
  const ofUser = (name: string, { label, limits, expires }: UserGrant): NewRow => ({
    ...nobody,
    kind: 'user',
    user_name: name,
    label: label ?? null,
    limits: limits === undefined ? null : JSON.stringify(limits),
    expires_at: expires?.toISOString() ?? null,
  });

  const forgetEnded = async (name: string): Promise<void> => {
    await db
      .deleteFrom('registry_tokens')
      .where('user_name', '=', name)
      .where('expires_at', '<', now().toISOString())
      .execute();
  };

  return {
    forUser: (name, grant = {}) => issue(ofUser(name, grant)),
    async forCommand(name) {
      await forgetEnded(name);
      const expires = new Date(now().getTime() + commandHours * hour);
      return issue(ofUser(name, { expires, label: 'one command' }));
    },
    async forPages(name) {
      await forgetEnded(name);
      const expires = new Date(now().getTime() + pagesHours * hour);
      const words = JSON.stringify({ name, exp: Math.floor(expires.getTime() / 1000) });
      return issue(ofUser(name, { expires }), { words: `${Buffer.from(words).toString('base64url')}.` });
    },
    forRun({ attempt, index, packls, expires }, tx) {
      const row = {
        ...nobody,
        kind: 'run' as const,
        attempt,
        index_name: index,
        packls: JSON.stringify(packls),
        expires_at: expires.toISOString(),
      };
      return issue(row, tx === undefined ? {} : { tx });
    },
    async revoke(token) {
      const row = await rowOf(token);
      if (row !== undefined) await db.deleteFrom('registry_tokens').where('id', '=', row.id).execute();
    },
    async revokeOf(user, id) {
      const gone = await db
        .deleteFrom('registry_tokens')
        .where('user_name', '=', user)
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst();
      return gone !== undefined;
    },
    async revokeRun(attempt, tx = db) {
      await tx.deleteFrom('registry_tokens').where('attempt', '=', attempt).execute();
    },
    async list(user) {
      const rows = await db
        .selectFrom('registry_tokens')
        .selectAll()
        .where('user_name', '=', user)
        .orderBy('created_at')
        .execute();
      const at = now().toISOString();
      return rows.filter(({ expires_at: end }) => end === null || end > at).map(viewOf);
    },
    async principalOf(token) {
      const ask = async () => {
        const row = await rowOf(token);
        if (row === undefined) throw refused('It is wrong, or it was revoked.');
        return { principal: principalIn(row), expires: row.expires_at };
      };
      const { principal, expires } = memory.get(token) ?? (await memory.learn(token, ask));
      if (expires !== null && expires <= now().toISOString()) throw refused('It has expired.');
      return principal;
    },
  };
}
