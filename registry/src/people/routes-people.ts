/** The part of `/-/pipl/v1` about people: logins, users, tokens, the audit log. */
import { piplError } from '@pipl/packl';
import type { NewToken } from '@pipl/registry-client';
import type { ApiParts, ApiRequest, Route } from '../api.ts';
import { trailOf } from './audit.ts';
import { bodyOf, textIn, type Body } from '../body.ts';
import { readJson } from '../http.ts';
import { mayAdminister, mustBePerson } from './principal.ts';
import { checkedLimits } from './token-limits.ts';
import type { UserGrant } from './tokens.ts';

/** Bytes. Before a login nobody is worth more. */
export const smallBody = 64 * 1024;
const body = async ({ request }: ApiRequest): Promise<Body> => bodyOf(await readJson(request, smallBody));

const badToken = (why: string) =>
  piplError('usage', 'PIPL_TOKEN_REQUEST', {
    what: 'There is no such token to be had.',
    why,
    hint: 'For example {"label": "farm", "operations": ["read"], "days": 30}.',
  });

const listIn = (given: Body, field: string): string[] | undefined => {
  const value = given[field];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw badToken(`"${field}" must be a list of texts.`);
};

const longestDays = 3660;

/** @throws PIPL_TOKEN_REQUEST PIPL_INDEX_NAME */
export function grantOf(given: Partial<Omit<NewToken, 'label'>> & { label: string }, now: Date): UserGrant {
  const { label, days } = given;
  if (label === '' || label.length > 200) throw badToken('Its label must have 1 to 200 letters.');
  if (days !== undefined && !(Number.isFinite(days) && days > 0 && days <= longestDays)) {
    throw badToken(`It can last from a part of a day to ${longestDays} days.`);
  }
  return {
    label,
    limits: checkedLimits(given),
    ...(days === undefined ? {} : { expires: new Date(now.getTime() + days * 86_400_000) }),
  };
}

const logIn: Route = async ({ users, tokens }, asked) => {
  const given = await body(asked);
  const user = textIn(given, 'user');
  const trail = trailOf(asked.request);
  trail.who = user;
  const ownerKey = given['ownerKey'] === undefined ? undefined : textIn(given, 'ownerKey');
  const { address } = asked.outside;
  await users.check({ user, password: textIn(given, 'password'), ownerKey, address });
  const token = given['brief'] === true ? tokens.forCommand(user) : tokens.forUser(user);
  return { token: await token, user };
};

/** Ends the token that asks; without one there is nothing to end. */
const logOut: Route = async ({ tokens }, { request }) => {
  await tokens.revoke(/^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
  return { ok: true };
};

const getWho: Route = ({ users }, { principal }) => users.get(mustBePerson(principal, 'ask who you are'));

/** Who changes their own password is given a new token: the one they asked with has ended too. */
const putUser: Route = async ({ users, tokens }, asked, [name = '']) => {
  const known = await users.has(name);
  const by = mayAdminister(
    asked.principal,
    known ? name : 'root',
    `${known ? 'change' : 'create'} the user ${name}`,
  );
  const given = await body(asked);
  const { passwordChanged } = await users.set(name, {
    ...(given['password'] === undefined ? {} : { password: textIn(given, 'password') }),
    ...(given['email'] === undefined ? {} : { email: textIn(given, 'email') }),
  });
  return { name, ...(passwordChanged && by === name ? { token: await tokens.forUser(name) } : {}) };
};

const deleteUser: Route = async ({ users }, { principal }, [name = '']) => {
  mayAdminister(principal, 'root', `remove the user ${name}`);
  await users.remove(name);
  return { name };
};

const ownerOf = ({ principal, query }: ApiRequest): string => {
  const self = mustBePerson(principal, 'look at tokens');
  return mayAdminister(principal, query.get('user') ?? self, 'look at the tokens of others');
};

const getTokens: Route = async ({ tokens }, asked) => {
  ownerOf(asked);
  const self = mustBePerson(asked.principal, 'look at tokens');
  return { tokens: await tokens.list(asked.query.get('user') ?? self) };
};

const postToken: Route = async ({ tokens, store }, asked) => {
  const user = mustBePerson(asked.principal, 'create a token');
  const given = await body(asked);
  const days = given['days'];
  if (days !== undefined && typeof days !== 'number') throw badToken('"days" must be a number.');
  const grant = grantOf(
    {
      label: textIn(given, 'label'),
      ...(days === undefined ? {} : { days }),
      ...Object.fromEntries(
        ['indexes', 'packls', 'operations'].flatMap((field) => {
          const list = listIn(given, field);
          return list === undefined ? [] : [[field, list]];
        }),
      ),
    },
    store.now(),
  );
  trailOf(asked.request).subject = grant.label ?? '';
  return { token: await tokens.forUser(user, grant), user };
};

const deleteToken: Route = async ({ tokens }, asked, [id = '']) => {
  const self = mustBePerson(asked.principal, 'revoke a token');
  ownerOf(asked);
  if (await tokens.revokeOf(asked.query.get('user') ?? self, id)) return { id };
  throw piplError('notFound', 'PIPL_NO_TOKEN', {
    what: `There is no token ${id}.`,
    why: 'It was revoked, has another id, or is somebody else’s.',
    hint: '`pipl proj token list` lists them.',
  });
};

const mostLines = 1000;

const getAudit: Route = async ({ audit }: ApiParts, { principal, query }) => {
  mayAdminister(principal, 'root', 'read the audit log');
  const limit = Math.min(Math.max(1, Math.trunc(Number(query.get('limit') ?? 100)) || 1), mostLines);
  const lines = await audit.read({ before: query.get('before') ?? undefined, limit });
  const last = lines.at(-1);
  return { lines, ...(lines.length === limit && last !== undefined ? { next: last.id } : {}) };
};

export const peopleRoutes: Readonly<Record<string, Route>> = {
  'POST /login': logIn,
  'POST /logout': logOut,
  'GET /whoami': getWho,
  'GET /users': async ({ users }) => ({ users: await users.list() }),
  'PUT /users/*': putUser,
  'DELETE /users/*': deleteUser,
  'GET /tokens': getTokens,
  'POST /tokens': postToken,
  'DELETE /tokens/*': deleteToken,
  'GET /audit': getAudit,
};
