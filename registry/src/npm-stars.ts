/** Stars: what somebody likes, by name, in the whole project. `npm star`, `npm unstar`, `npm stars [user]`. */
import { packlName, piplError } from '@pipl/packl';
import { trailOf } from './audit.ts';
import { bodyOf } from './body.ts';
import { answerJson, largestDocument, readJson } from './http.ts';
import type { NpmParts, NpmRequest } from './npm-writes.ts';
import { mustBePerson } from './principal.ts';

async function put({ store }: NpmParts, { request, response, principal }: NpmRequest, name: string): Promise<void> {
  const user = mustBePerson(principal, 'star a packl');
  const { users } = bodyOf(await readJson(request, largestDocument));
  const starred = bodyOf(users)[user] === true;
  Object.assign(trailOf(request), { action: starred ? 'star' : 'unstar', subject: name });
  if (starred) {
    await store.db
      .insertInto('registry_stars')
      .values({ name, user_name: user })
      .onConflict((conflict) => conflict.columns(['name', 'user_name']).doNothing())
      .execute();
  } else {
    await store.db.deleteFrom('registry_stars').where('name', '=', name).where('user_name', '=', user).execute();
  }
  answerJson(response, { ok: true }, 201);
}

async function list({ store }: NpmParts, { response, path }: NpmRequest): Promise<void> {
  const key = new URLSearchParams(path.split('?')[1] ?? '').get('key') ?? '';
  const user = /^"(.*)"$/.exec(key)?.[1];
  if (user === undefined) {
    throw piplError('usage', 'PIPL_QUERY', {
      what: 'It is not clear whose stars are meant.',
      why: 'The key must be a name in double quotes.',
      hint: 'For example ?key="alice".',
    });
  }
  const rows = await store.db
    .selectFrom('registry_stars')
    .select('name')
    .where('user_name', '=', user)
    .orderBy('name')
    .execute();
  answerJson(response, { rows: rows.map(({ name }) => ({ value: name })) });
}

/** npm puts a star the way it publishes; only this header tells the two apart before the body is read. */
const isStarring = ({ headers }: NpmRequest['request']) => /^(?:un)?star$/.test(String(headers['npm-command'] ?? ''));

/** @param path decoded, below the index @returns false when the request is not about stars */
export async function answerStars(parts: NpmParts, asked: NpmRequest, path: string): Promise<boolean> {
  const { request } = asked;
  if (request.method === 'GET' && path === '/-/_view/starredByUser') await list(parts, asked);
  else if (request.method === 'PUT' && isStarring(request) && !path.startsWith('/-/')) {
    await put(parts, asked, packlName(path.slice(1)));
  } else return false;
  return true;
}
