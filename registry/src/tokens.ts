/**
 * Opaque tokens, `pipl_<id>.<secret>`. The id finds the row; of the secret only a hash is kept, so neither
 * the database nor a backup of it lets anybody in.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { piplError, type IndexName, type PiplError } from '@pipl/packl';
import type { Principal } from './principal.ts';
import type { Database, Tables } from './tables.ts';

export interface RunGrant {
  readonly attempt: string;
  readonly index: IndexName;
  readonly packls: readonly string[];
  readonly expires: Date;
}

export interface Tokens {
  forUser(name: string): Promise<string>;
  forRun(grant: RunGrant): Promise<string>;
  revoke(token: string): Promise<void>;
  revokeRun(attempt: string): Promise<void>;
  /** @throws PIPL_TOKEN for one that is wrong, expired or revoked */
  principalOf(token: string): Promise<Principal>;
}

const pattern = /^pipl_([A-Za-z0-9]{1,64})\.([A-Za-z0-9_-]{20,128})$/;

const refused = (why: string): PiplError =>
  piplError('auth', 'PIPL_TOKEN', {
    what: 'The token is not accepted.',
    why,
    hint: 'Log in again with `pipl login`.',
  });

const hashOf = (secret: string) => hash('sha256', secret, 'hex');

const principalIn = (row: Tables['registry_tokens']): Principal =>
  row.kind === 'user'
    ? { is: 'user', name: row.user_name ?? '' }
    : {
        is: 'run',
        attempt: row.attempt ?? '',
        index: row.index_name ?? ('' as IndexName),
        packls: JSON.parse(row.packls ?? '[]') as string[],
      };

export function openTokens(db: Database, now: () => Date): Tokens {
  const issue = async (
    row: Omit<Tables['registry_tokens'], 'id' | 'secret' | 'created_at'>,
  ): Promise<string> => {
    const id = randomBytes(9).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    await db
      .insertInto('registry_tokens')
      .values({ ...row, id, secret: hashOf(secret), created_at: now().toISOString() })
      .execute();
    return `pipl_${id}.${secret}`;
  };
  const rowOf = async (token: string) => {
    const [, id, secret] = pattern.exec(token) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const row = await db.selectFrom('registry_tokens').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) return undefined;
    return timingSafeEqual(Buffer.from(row.secret), Buffer.from(hashOf(secret))) ? row : undefined;
  };
  const nobody = { user_name: null, attempt: null, index_name: null, packls: null, expires_at: null };

  return {
    forUser: (name) => issue({ ...nobody, kind: 'user', user_name: name }),
    forRun: ({ attempt, index, packls, expires }) =>
      issue({
        ...nobody,
        kind: 'run',
        attempt,
        index_name: index,
        packls: JSON.stringify(packls),
        expires_at: expires.toISOString(),
      }),
    async revoke(token) {
      const row = await rowOf(token);
      if (row !== undefined) await db.deleteFrom('registry_tokens').where('id', '=', row.id).execute();
    },
    async revokeRun(attempt) {
      await db.deleteFrom('registry_tokens').where('attempt', '=', attempt).execute();
    },
    async principalOf(token) {
      const row = await rowOf(token);
      if (row === undefined) throw refused('It is wrong, or it was revoked.');
      if (row.expires_at !== null && row.expires_at <= now().toISOString()) throw refused('It has expired.');
      return principalIn(row);
    },
  };
}
