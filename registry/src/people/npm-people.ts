/**
 * The part of npm's protocol about people: login the old way, logout, who am I, profile and password, tokens,
 * the form of the web pages. The login through a page of its own is `web-login.ts`.
 *
 * A token in the request does not count on the ways in and out: one that has ended must not block them.
 */
import { piplError, type PiplError } from '@pipl/packl';
import type { TokenView } from '@pipl/registry-client';
import { trailOf } from './audit.ts';
import { bodyOf, textIn, type Body } from '../body.ts';
import { answerJson, readJson } from '../http.ts';
import type { NpmParts, NpmRequest } from '../publishing/npm-writes.ts';
import { mustBePerson } from './principal.ts';
import { grantOf, smallBody } from './routes-people.ts';
import type { UserGrant } from './tokens.ts';

type Handler = (parts: NpmParts, asked: NpmRequest, part: string) => Promise<void>;

const body = async ({ request }: NpmRequest): Promise<Body> => bodyOf(await readJson(request, smallBody));

const notHere = (what: string, hint: string): PiplError =>
  piplError('usage', 'PIPL_NPM_UNSUPPORTED', { what, why: 'pipl has no such thing.', hint });

/** Checks the password that a login sends, and notes whose it is. */
async function checked({ users }: NpmParts, asked: NpmRequest, field: 'name' | 'username'): Promise<string> {
  const given = await body(asked);
  const user = textIn(given, field);
  trailOf(asked.request).who = user;
  await users.check({ user, password: textIn(given, 'password'), address: asked.outside.address });
  return user;
}

const login: Handler = async (parts, asked) => {
  const user = await checked(parts, asked, 'name');
  const token = await parts.tokens.forUser(user);
  answerJson(asked.response, { ok: true, id: `org.couchdb.user:${user}`, token }, 201);
};

const loginOfPages: Handler = async (parts, asked) => {
  const username = await checked(parts, asked, 'username');
  answerJson(asked.response, { username, token: await parts.tokens.forPages(username) });
};

const logout: Handler = async ({ tokens }, { response }, token) => {
  await tokens.revoke(token);
  answerJson(response, { ok: true });
};

const whoami: Handler = async (_parts, { principal, response }) => {
  if (principal.is !== 'user') {
    throw piplError('auth', 'PIPL_LOGIN_NEEDED', {
      what: 'Nobody is logged in.',
      why: 'The request carries no token of a user.',
      hint: 'Log in with `pipl login` or `npm login`.',
    });
  }
  answerJson(response, { username: principal.name });
};

/** `npm owner` looks a person up before it is told that rights are elsewhere. */
const lookUp: Handler = async ({ users }, { principal, response }, name) => {
  mustBePerson(principal, 'look up a user');
  const user = await users.get(name);
  if (user === undefined) {
    throw piplError('notFound', 'PIPL_NO_USER', {
      what: `There is no user ${name}.`,
      why: 'Nobody of that name was ever made, or they were removed.',
      hint: '`pipl proj user list` lists the users.',
    });
  }
  answerJson(response, { _id: `org.couchdb.user:${name}`, name, email: user.email ?? '' });
};

const getProfile: Handler = async ({ users }, { principal, response }) => {
  const user = await users.get(mustBePerson(principal, 'see a profile'));
  answerJson(response, {
    tfa: false,
    name: user?.name,
    email: user?.email ?? '',
    email_verified: false,
    created: user?.createdAt,
    updated: user?.createdAt,
    fullname: '',
    cidr_whitelist: null,
  });
};

const settable = new Set(['email', 'password']);

const setProfile: Handler = async ({ users }, asked) => {
  const user = mustBePerson(asked.principal, 'change a profile');
  const given = await body(asked);
  const said = Object.entries(given).filter(([, value]) => value !== null && value !== '' && value !== false);
  const other = said.find(([key]) => !settable.has(key))?.[0];
  if (other !== undefined)
    throw notHere(`A profile has no ${other} here.`, 'It has an email and a password.');
  const { email, password } = Object.fromEntries(said);
  if (password !== undefined) {
    const { old, new: fresh } = bodyOf(password);
    const { address } = asked.outside;
    await users.check({ user, password: typeof old === 'string' ? old : '', address });
    // Ends the token of this request too: npm has no place to put another one. It logs in again.
    await users.set(user, { password: typeof fresh === 'string' ? fresh : '' });
  }
  if (email !== undefined) await users.set(user, { email: textIn(given, 'email') });
  return getProfile({ users } as NpmParts, asked, '');
};

const asNpmToken = ({ id, label, limits, createdAt, expiresAt }: TokenView) => ({
  key: id,
  token: `pipl_${id}`,
  name: label ?? 'login',
  cidr_whitelist: null,
  readonly: limits?.operations?.join() === 'read',
  created: createdAt,
  updated: createdAt,
  ...(expiresAt === undefined ? {} : { expires: expiresAt }),
});

const listTokens: Handler = async ({ tokens }, { principal, response }) => {
  const own = await tokens.list(mustBePerson(principal, 'list tokens'));
  answerJson(response, { objects: own.map(asNpmToken), total: own.length, urls: {} });
};

const listIn = (given: Body, field: string): string[] =>
  [given[field] ?? []].flat().filter((one) => typeof one === 'string');

/** What `npm token create` asks for, in our words. @throws PIPL_NPM_UNSUPPORTED PIPL_TOKEN_REQUEST */
function grantIn(given: Body, now: Date): UserGrant {
  if (listIn(given, 'cidr_whitelist').length > 0) {
    throw notHere(
      'A token cannot be tied to addresses.',
      'Leave --cidr out; limit what it may do, and its days.',
    );
  }
  if (listIn(given, 'orgs').length > 0) {
    throw notHere(
      'There are no organizations.',
      'Leave --orgs out; `pipl proj token create --index` names indexes.',
    );
  }
  const permission = given['packages_and_scopes_permission'];
  const readOnly = given['readonly'] === true || permission === 'read-only';
  const scopes = listIn(given, 'scopes').map((scope) => `@${scope.replace(/^@/, '')}/*`);
  const packls = given['packages_all'] === true ? [] : [...listIn(given, 'packages'), ...scopes];
  const days = given['expires'];
  const label = [given['name'], given['description']].find((one) => typeof one === 'string' && one !== '');
  return grantOf(
    {
      label: typeof label === 'string' ? label : 'npm token',
      packls,
      ...(readOnly ? { operations: ['read'] } : {}),
      ...(typeof days === 'number' ? { days } : {}),
    },
    now,
  );
}

const createToken: Handler = async ({ users, tokens, store }, asked) => {
  const user = mustBePerson(asked.principal, 'create a token');
  const given = await body(asked);
  const grant = grantIn(given, store.now());
  trailOf(asked.request).subject = grant.label ?? '';
  await users.check({ user, password: textIn(given, 'password'), address: asked.outside.address });
  const token = await tokens.forUser(user, grant);
  const id = /^pipl_([^.]+)/.exec(token)?.[1];
  const view = (await tokens.list(user)).find((one) => one.id === id);
  answerJson(asked.response, { ...(view === undefined ? {} : asNpmToken(view)), token }, 201);
};

const revokeToken: Handler = async ({ tokens }, { principal, response }, part) => {
  const id = part.replace(/^pipl_/, '').replace(/\..*$/, '');
  if (!(await tokens.revokeOf(mustBePerson(principal, 'revoke a token'), id))) {
    throw piplError('notFound', 'PIPL_NO_TOKEN', {
      what: `There is no token ${id}.`,
      why: 'It was revoked, has another id, or is somebody else’s.',
      hint: '`npm token list` lists them.',
    });
  }
  answerJson(response, { ok: true });
};

export const indexRights = (): PiplError =>
  piplError('denied', 'PIPL_INDEX_RIGHTS', {
    what: 'Packages have no owners and no access of their own here.',
    why: 'Who may read and publish is said for a whole index.',
    hint: 'Its owner sets that: `pipl proj index set OWNER/INDEX`; `pipl help proj index set` shows how.',
  });
const rightsOfIndexes: Handler = () => Promise.reject(indexRights());

const routes: readonly (readonly [RegExp, Handler])[] = [
  [/^PUT \/-\/user\/org\.couchdb\.user:([^/]+)(?:\/-rev\/.*)?$/, login],
  [/^GET \/-\/user\/org\.couchdb\.user:([^/]+)$/, lookUp],
  [/^POST \/-\/verdaccio\/sec\/login$/, loginOfPages],
  [/^DELETE \/-\/user\/token\/([^/]+)$/, logout],
  [/^GET \/-\/whoami$/, whoami],
  [/^GET \/-\/npm\/v1\/user$/, getProfile],
  [/^POST \/-\/npm\/v1\/user$/, setProfile],
  [/^GET \/-\/npm\/v1\/tokens$/, listTokens],
  [/^POST \/-\/npm\/v1\/tokens$/, createToken],
  [/^DELETE \/-\/npm\/v1\/tokens\/token\/([^/]+)$/, revokeToken],
  [/^\w+ \/-\/package\/.+\/(?:access|collaborators|visibility|owners)$/, rightsOfIndexes],
  [/^\w+ \/-\/(?:team|org)\//, rightsOfIndexes],
];

/** @param path decoded, below the index @returns false when the request is not about people */
export async function answerNpmPeople(parts: NpmParts, asked: NpmRequest, path: string): Promise<boolean> {
  const line = `${asked.request.method ?? 'GET'} ${path}`;
  for (const [pattern, handle] of routes) {
    const found = pattern.exec(line);
    if (found === null) continue;
    await handle(parts, asked, found[1] ?? '');
    return true;
  }
  return false;
}
