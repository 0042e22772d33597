/** `/-/pipl/v1/upkeep/…`: what keeps the registry in order. Root's business. */
import { isAbsolute } from 'node:path';
import { piplError } from '@pipl/packl';
import type { ApiRequest, Route } from '../api.ts';
import { bodyOf, textIn, type Body } from '../body.ts';
import { readJson } from '../http.ts';
import { mayAdminister } from '../people/principal.ts';

const given = async (asked: ApiRequest, what: string): Promise<Body> => {
  mayAdminister(asked.principal, 'root', what);
  return bodyOf(await readJson(asked.request));
};

const postFsck: Route = async ({ upkeep }, asked) => {
  const { readData, repair } = await given(asked, 'check the whole registry');
  return upkeep.fsck({ readData: readData === true, repair: repair === true });
};

const postBackup: Route = async ({ upkeep }, asked) => {
  const to = textIn(await given(asked, 'make a backup'), 'to');
  if (isAbsolute(to)) return upkeep.backup(to);
  throw piplError('usage', 'PIPL_BODY', {
    what: `"${to}" is no place for a backup.`,
    why: 'The server stands elsewhere: it needs the whole path.',
    hint: 'Send a path that begins with /.',
  });
};

const postTidy: Route = async ({ upkeep }, asked) => {
  await given(asked, 'tidy up');
  return { retained: await upkeep.retain(), collected: await upkeep.collect() };
};

export const upkeepRoutes: Readonly<Record<string, Route>> = {
  'POST /upkeep/fsck': postFsck,
  'POST /upkeep/backup': postBackup,
  'POST /upkeep/tidy': postTidy,
};
