/** What only the process that reacts can answer is asked of it, in the asker's name. */
import type { ExtraRoutes } from '@pipl/registry';
import type { Kysely } from 'kysely';
import { notYet } from './routes.ts';
import type { CiTables } from './tables.ts';

const patience = 35_000;

/** @throws PIPL_SERVER_STARTING when nobody reacts at the moment */
export async function answerElsewhere(
  db: Kysely<CiTables>,
  [request, response, asked]: Parameters<ExtraRoutes>,
): Promise<void> {
  const { url } = await db.selectFrom('ci_reactor').select('url').executeTakeFirstOrThrow();
  // One that was asked already does not ask further: who reacts may have changed in between.
  if (url === null || request.headers['x-pipl-asked'] !== undefined) notYet();
  const { authorization } = request.headers;
  const query = asked.query.size === 0 ? '' : `?${asked.query.toString()}`;
  const answer = await fetch(`${url}/-/pipl/v1${asked.path}${query}`, {
    method: request.method ?? 'GET',
    ...(request.method === 'POST' ? { body: JSON.stringify(await asked.body()) } : {}),
    headers: {
      'x-pipl-asked': '1',
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    },
    signal: AbortSignal.timeout(patience),
  }).catch(notYet);
  response.writeHead(answer.status, {
    'content-type': answer.headers.get('content-type') ?? 'application/json',
    'cache-control': 'no-store',
  });
  response.end(Buffer.from(await answer.arrayBuffer()));
}
