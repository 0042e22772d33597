/**
 * The people of a project. Root is there from the start with an empty password, which lets in only somebody
 * who can also read the project's owner key: another user of the machine cannot.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { piplError, type PiplError } from '@pipl/packl';
import { hashPassword, passwordMatches } from './passwords.ts';
import type { Database } from './tables.ts';

export interface UserChange {
  readonly password?: string;
  readonly email?: string;
}

export interface Users {
  list(): Promise<{ name: string; email?: string }[]>;
  has(name: string): Promise<boolean>;
  /** Creates or updates. @throws PIPL_USER_NAME PIPL_PASSWORD_EMPTY */
  set(name: string, change: UserChange): Promise<void>;
  /** @throws PIPL_WRONG_PASSWORD PIPL_OWNER_KEY */
  check(who: { user: string; password: string; ownerKey?: string | undefined }): Promise<void>;
  rootPasswordEmpty(): Promise<boolean>;
}

/** What is stored for the empty password of root: no hash of anything. */
const empty = '';
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const wrongPassword = (user: string): PiplError =>
  piplError('auth', 'PIPL_WRONG_PASSWORD', {
    what: `${user} cannot log in.`,
    why: 'There is no such user, or the password is another one.',
    hint: 'Try again; root gives a new password with `pipl proj user set`.',
  });

const sameText = (one: string, other: string) =>
  timingSafeEqual(Buffer.from(hash('sha256', one, 'hex')), Buffer.from(hash('sha256', other, 'hex')));

/** The key's text; written (mode 0600) when the file is not there yet. */
export async function ownerKey(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const key = randomBytes(32).toString('base64url');
  await writeFile(file, `${key}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}

function refuseName(name: string): void {
  if (namePattern.test(name)) return;
  throw piplError('usage', 'PIPL_USER_NAME', {
    what: `"${name}" is not a name for a user.`,
    why: 'Letters, digits, dot, dash and underscore, at most 64.',
    hint: 'For example alice.',
  });
}

function refuseEmptyPassword(password: string | undefined): void {
  if (password !== '') return;
  throw piplError('usage', 'PIPL_PASSWORD_EMPTY', {
    what: 'A password cannot be empty.',
    why: 'Only root starts with an empty one, and only until it is changed.',
    hint: 'Give one with at least one character.',
  });
}

export function openUsers(db: Database, options: { now: () => Date; ownerKeyFile: string }): Users {
  const stored = async (name: string) =>
    (await db.selectFrom('registry_users').select('password').where('name', '=', name).executeTakeFirst())
      ?.password;
  return {
    async list() {
      const rows = await db.selectFrom('registry_users').select(['name', 'email']).orderBy('name').execute();
      return rows.map(({ name, email }) => ({ name, ...(email === null ? {} : { email }) }));
    },
    has: async (name) => (await stored(name)) !== undefined,
    rootPasswordEmpty: async () => (await stored('root')) === empty,
    async set(name, { password, email }) {
      refuseName(name);
      refuseEmptyPassword(password);
      const known = await stored(name);
      if (known === undefined && password === undefined && name !== 'root') refuseEmptyPassword('');
      const hashed = password === undefined ? undefined : await hashPassword(password);
      await db
        .insertInto('registry_users')
        .values({
          name,
          password: hashed ?? empty,
          email: email ?? null,
          created_at: options.now().toISOString(),
        })
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet({
            ...(hashed === undefined ? {} : { password: hashed }),
            ...(email === undefined ? {} : { email }),
            name,
          }),
        )
        .execute();
    },
    async check({ user, password, ownerKey: given }) {
      const known = await stored(user);
      if (known !== empty) {
        if (await passwordMatches(password, known)) return;
        throw wrongPassword(user);
      }
      if (password !== '') throw wrongPassword(user);
      if (given !== undefined && sameText(given.trim(), await ownerKey(options.ownerKeyFile))) return;
      throw piplError('auth', 'PIPL_OWNER_KEY', {
        what: `${user} cannot log in with an empty password from here.`,
        why: 'That also needs the owner key of the project, which only its owner can read.',
        hint: 'Log in with `pipl login` inside the project, or set a password: `pipl proj user set root --password …`.',
      });
    },
  };
}
