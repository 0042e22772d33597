/** Stars: what somebody likes, by name, in the whole project. `npm star`, `npm unstar`, `npm stars [user]`. */
import { packlName, piplError } from '@pipl/packl';
import { trailOf } from './audit.ts';
import { bodyOf, textIn } from '../body.ts';
import { answerJson, largestDocument, readJson } from '../http.ts';
import type { NpmParts, NpmRequest } from '../publishing/npm-writes.ts';
import { mustBePerson } from './principal.ts';
import { smallBody } from './routes-people.ts';

interface Star {
  readonly name: string;
  readonly on: boolean;
}

async function set(
  { store }: NpmParts,
  { request, principal }: NpmRequest,
  { name, on }: Star,
): Promise<void> {
  const user = mustBePerson(principal, 'star a packl');
  Object.assign(trailOf(request), { action: on ? 'star' : 'unstar', subject: name });
  if (on) {
    await store.db
      .insertInto('registry_stars')
      .values({ name, user_name: user })
      .onConflict((conflict) => conflict.columns(['name', 'user_name']).doNothing())
      .execute();
  } else {
    await store.db
      .deleteFrom('registry_stars')
      .where('name', '=', name)
      .where('user_name', '=', user)
      .execute();
  }
}

const starsOf = async ({ store }: NpmParts, user: string): Promise<string[]> => {
  const rows = await store.db
    .selectFrom('registry_stars')
    .select('name')
    .where('user_name', '=', user)
    .orderBy('name')
    .execute();
  return rows.map(({ name }) => name);
};

/** npm: the document of the packl, with who stars it. */
async function put(parts: NpmParts, asked: NpmRequest, name: string): Promise<void> {
  const user = mustBePerson(asked.principal, 'star a packl');
  const { users } = bodyOf(await readJson(asked.request, largestDocument));
  await set(parts, asked, { name, on: bodyOf(users)[user] === true });
  answerJson(asked.response, { ok: true }, 201);
}

/** pnpm: a star by itself. */
async function star(parts: NpmParts, asked: NpmRequest): Promise<void> {
  const { method } = asked.request;
  if (method === 'GET') {
    const own = await starsOf(parts, mustBePerson(asked.principal, 'list your stars'));
    return answerJson(asked.response, own);
  }
  const name = packlName(textIn(bodyOf(await readJson(asked.request, smallBody)), 'name'));
  await set(parts, asked, { name, on: method === 'PUT' });
  answerJson(asked.response, { ok: true });
}

/** npm: anybody's. */
async function list(parts: NpmParts, asked: NpmRequest): Promise<void> {
  const key = new URLSearchParams(asked.path.split('?')[1] ?? '').get('key') ?? '';
  const user = /^"(.*)"$/.exec(key)?.[1];
  if (user === undefined) {
    throw piplError('usage', 'PIPL_QUERY', {
      what: 'It is not clear whose stars are meant.',
      why: 'The key must be a name in double quotes.',
      hint: 'For example ?key="alice".',
    });
  }
  answerJson(asked.response, { rows: (await starsOf(parts, user)).map((name) => ({ value: name })) });
}

/** npm puts a star the way it publishes; only this header tells the two apart before the body is read. */
const isStarring = ({ headers }: NpmRequest['request']) =>
  /^(?:un)?star$/.test(String(headers['npm-command'] ?? ''));

/** @param path decoded, below the index @returns false when the request is not about stars */
export async function answerStars(parts: NpmParts, asked: NpmRequest, path: string): Promise<boolean> {
  const { request } = asked;
  const { method = 'GET' } = request;
  if (method === 'GET' && path === '/-/_view/starredByUser') await list(parts, asked);
  else if (path === '/-/user/v1/star' && /^(?:GET|PUT|DELETE)$/.test(method)) await star(parts, asked);
  else if (method === 'PUT' && isStarring(request) && !path.startsWith('/-/')) {
    await put(parts, asked, packlName(path.slice(1)));
  } else return false;
  return true;
}
