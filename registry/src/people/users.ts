/**
 * The people of a project. Root is there from the start with an empty password, which lets in only somebody
 * who can also read the project's owner key: another user of the machine cannot. Who guesses passwords is slowed
 * down (`throttle.ts`), and a changed password ends every token that came before it.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { piplError, type PiplError } from '@pipl/packl';
import { hashPassword, passwordMatches } from './passwords.ts';
import type { Database } from '../state/tables.ts';
import { openThrottle } from './throttle.ts';
import { revokeAllOf } from './tokens.ts';

export interface UserChange {
  readonly password?: string;
  readonly email?: string;
}

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly ownerKey?: string | undefined;
  /** where the try comes from */
  readonly address: string;
}

export interface Users {
  list(): Promise<{ name: string; email?: string }[]>;
  has(name: string): Promise<boolean>;
  get(name: string): Promise<{ name: string; email?: string; createdAt: string } | undefined>;
  /**
   * Creates or updates. Another password ends all tokens of the user.
   * @throws PIPL_USER_NAME PIPL_PASSWORD_EMPTY
   */
  set(name: string, change: UserChange): Promise<{ passwordChanged: boolean }>;
  /** With all tokens of the user; what they published and their indexes stay. @throws PIPL_NO_USER PIPL_ROOT_STAYS */
  remove(name: string): Promise<void>;
  /** @throws PIPL_WRONG_PASSWORD PIPL_OWNER_KEY PIPL_TOO_MANY_TRIES */
  check(who: Login): Promise<void>;
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

const rootStays = (): PiplError =>
  piplError('denied', 'PIPL_ROOT_STAYS', {
    what: 'Root cannot be removed.',
    why: 'Somebody must be able to let others in.',
    hint: 'Give root another password: `pipl proj user set root --password-stdin`.',
  });

const noUser = (name: string): PiplError =>
  piplError('notFound', 'PIPL_NO_USER', {
    what: `There is no user ${name}.`,
    why: 'Nobody of that name was ever made, or they were removed.',
    hint: '`pipl proj user list` lists the users.',
  });

const notFromHere = (user: string): PiplError =>
  piplError('auth', 'PIPL_OWNER_KEY', {
    what: `${user} cannot log in with an empty password from here.`,
    why: 'That also needs the owner key of the project, which only its owner can read.',
    hint: 'Log in with `pipl login` inside the project, or set a password: `pipl proj user set root --password …`.',
  });

interface UsersOptions {
  readonly now: () => Date;
  readonly ownerKeyFile: string;
}

export function openUsers(db: Database, options: UsersOptions): Users {
  const throttle = openThrottle(() => options.now().getTime());
  const rowOf = (name: string) =>
    db.selectFrom('registry_users').selectAll().where('name', '=', name).executeTakeFirst();
  const stored = async (name: string) => (await rowOf(name))?.password;
  return {
    async list() {
      const rows = await db.selectFrom('registry_users').select(['name', 'email']).orderBy('name').execute();
      return rows.map(({ name, email }) => ({ name, ...(email === null ? {} : { email }) }));
    },
    has: async (name) => (await stored(name)) !== undefined,
    async get(name) {
      const row = await rowOf(name);
      if (row === undefined) return undefined;
      return { name, ...(row.email === null ? {} : { email: row.email }), createdAt: row.created_at };
    },
    rootPasswordEmpty: async () => (await stored('root')) === empty,
    async set(name, change) {
      refuseName(name);
      refuseEmptyPassword(change.password);
      const known = await stored(name);
      if (known === undefined && change.password === undefined && name !== 'root') refuseEmptyPassword('');
      return write(db, { name, change, known, at: options.now().toISOString() });
    },
    async remove(name) {
      if (name === 'root') throw rootStays();
      await db.transaction().execute(async (tx) => {
        const gone = await tx
          .deleteFrom('registry_users')
          .where('name', '=', name)
          .returning('name')
          .execute();
        if (gone.length === 0) throw noUser(name);
        await revokeAllOf(tx, name);
        await tx.deleteFrom('registry_stars').where('user_name', '=', name).execute();
        await tx.deleteFrom('registry_group_members').where('user_name', '=', name).execute();
      });
    },
    async check({ user, password, ownerKey: given, address }) {
      const known = await stored(user);
      const isOwner = async () =>
        given !== undefined && sameText(given.trim(), await ownerKey(options.ownerKeyFile));
      // Nobody can guess the key: guesses of others never lock out who has it.
      if (known === empty && password === '' && (await isOwner())) return;
      const tried = throttle.begin(namePattern.test(user) ? user : '', address);
      if (known === empty) throw password === '' ? notFromHere(user) : wrongPassword(user);
      if (!(await passwordMatches(password, known))) throw wrongPassword(user);
      tried.succeeded();
    },
  };
}

interface Writing {
  readonly name: string;
  readonly change: UserChange;
  /** the password as it is stored; undefined for a new user */
  readonly known: string | undefined;
  readonly at: string;
}

/** User and tokens in one transaction: no token outlives the password it was made with. */
async function write(
  db: Database,
  { name, change, known, at }: Writing,
): Promise<{ passwordChanged: boolean }> {
  const { password, email } = change;
  const isSame = password !== undefined && known !== undefined && (await passwordMatches(password, known));
  const hashed = password === undefined || isSame ? undefined : await hashPassword(password);
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('registry_users')
      .values({ name, password: hashed ?? empty, email: email ?? null, created_at: at })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet({
          ...(hashed === undefined ? {} : { password: hashed }),
          ...(email === undefined ? {} : { email }),
          name,
        }),
      )
      .execute();
    if (hashed !== undefined) await revokeAllOf(tx, name);
  });
  return { passwordChanged: hashed !== undefined };
}
