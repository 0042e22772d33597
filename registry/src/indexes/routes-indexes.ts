/**
 * `/-/pipl/v1/indexes/…` and `/groups/…`: what is in an index, who may what, and what people do with versions
 * that stand there. An index that the asker may not read is answered as if it were not there.
 */
import { indexName, packlName, type IndexName } from '@pipl/packl';
import type { HandlerGrant, PacklView } from '@pipl/registry-client';
import { compare } from 'semver';
import { deprecate, withdraw } from '../publishing/amend.ts';
import type { ApiRequest, Route } from '../api.ts';
import { bodyOf, textIn, type Body } from '../body.ts';
import { dependentsOf } from './dependents.ts';
import { currentRights } from '../people/fast-rights.ts';
import { listGroups, removeGroup, setGroup } from '../people/groups.ts';
import { readJson } from '../http.ts';
import { indexChangeIn } from './index-change.ts';
import { removeIndex, setIndex } from './index-writes.ts';
import { mustBePerson } from '../people/principal.ts';
import { promote } from './promote.ts';
import { promotionIn } from './promotion-request.ts';
import { mayRead, readableLineage } from '../people/rights.ts';
import { latestOf, nearestRows, nearestTags, readRows, readTags, rowOf } from '../reading/rows.ts';
import { judge, readVerdicts, verdictIn } from './verdicts.ts';

const indexOf = (part: readonly string[]): IndexName => indexName(`${part[0] ?? ''}/${part[1] ?? ''}`);
const body = async ({ request }: ApiRequest): Promise<Body> => bodyOf(await readJson(request));
const optionalText = (given: Body, field: string) =>
  given[field] === undefined ? {} : { [field]: textIn(given, field) };

const getIndexes: Route = async ({ store }, { principal }) => {
  const rights = await currentRights(store.db, store);
  const indexes = [...rights.indexes.values()].filter(({ name }) => mayRead(rights, principal, name));
  // A base that they may not read is not there for them, nor is a handler of one.
  const bases = (all: readonly IndexName[]) => all.filter((base) => mayRead(rights, principal, base));
  const grants = (all: readonly HandlerGrant[]) => all.filter(({ from }) => mayRead(rights, principal, from));
  return {
    indexes: indexes.map((index) => ({
      ...index,
      bases: bases(index.bases),
      ...(index.handlers === undefined ? {} : { handlers: grants(index.handlers) }),
    })),
  };
};

const putIndex: Route = async ({ store }, asked, part) =>
  setIndex(store, { name: indexOf(part), change: indexChangeIn(await body(asked)) }, asked.principal);

const deleteIndex: Route = async ({ store }, { query, principal }, part) => {
  const message = query.get('message');
  const removal = {
    name: indexOf(part),
    force: query.get('force') === '1',
    ...(message === null ? {} : { message }),
  };
  return { removed: await removeIndex(store, removal, principal) };
};

/** The indexes whose packls a view shows to this asker, nearest first. */
async function ownersOf(
  { store }: Parameters<Route>[0],
  { principal }: ApiRequest,
  { index, inherited }: { index: IndexName; inherited: boolean },
) {
  const rights = await currentRights(store.db, store);
  const [own, ...bases] = readableLineage(rights, principal, index);
  const order = own === undefined ? [] : inherited ? [own, ...bases] : [own];
  return order.filter(({ mirror }) => mirror === undefined);
}

const getRows: Route = async (parts, asked, part) => {
  const order = await ownersOf(parts, asked, { index: indexOf(part), inherited: true });
  const name = asked.query.get('name');
  const which = {
    indexes: order.map((index) => index.name),
    ...(name === null ? {} : { name: packlName(name) }),
  };
  const rows = nearestRows(order, await readRows(parts.store.db, which));
  return { rows: rows.map(rowOf), tags: await readTags(parts.store.db, which) };
};

const getPackls: Route = async (parts, asked, part) => {
  const inherited = asked.query.get('inherited') === '1';
  const order = await ownersOf(parts, asked, { index: indexOf(part), inherited });
  const indexes = order.map(({ name }) => name);
  const rows = nearestRows(order, await readRows(parts.store.db, { indexes }));
  const tags = Map.groupBy(await readTags(parts.store.db, { indexes }), ({ name }) => name);
  const shown = rows.filter(({ withdrawn }) => withdrawn !== true);
  const packls = [...Map.groupBy(shown, ({ name }) => name)].map(([name, versions]): PacklView => {
    const latest = latestOf(versions, nearestTags(order, tags.get(name) ?? []));
    const kind = versions.find(({ version }) => version === latest)?.manifest.pipl?.kind;
    return {
      name,
      ...(kind === undefined ? {} : { kind }),
      versions: versions.map(({ version }) => version).toSorted(compare),
      ...(latest === undefined ? {} : { latest }),
    };
  });
  return { packls: packls.toSorted((one, other) => (one.name < other.name ? -1 : 1)) };
};

const subjectIn = (given: Body, part: readonly string[]) => ({
  index: indexOf(part),
  name: packlName(textIn(given, 'name')),
  version: textIn(given, 'version'),
});
const asked = ({ query }: ApiRequest): Body => Object.fromEntries(query);

const putDeprecate: Route = async ({ store }, request, part) => {
  const given = await body(request);
  await deprecate(store, subjectIn(given, part), textIn(given, 'message'), request.principal);
  return { ok: true };
};

const putWithdraw: Route = async ({ store }, request, part) => {
  const given = await body(request);
  const subject = subjectIn(given, part);
  const message = given['message'] === undefined ? undefined : textIn(given, 'message');
  const dependents = await dependentsOf(store, subject, request.principal);
  await withdraw(store, subject, message, request.principal);
  return { ok: true, dependents };
};

const getDependents: Route = async ({ store }, request, part) => ({
  dependents: await dependentsOf(store, subjectIn(asked(request), part), request.principal),
});

const postPromote: Route = async ({ store }, request, part) =>
  promote(store, { into: indexOf(part), ...promotionIn(await body(request)) }, request.principal);

const postVerdict: Route = async ({ store }, request, part) => {
  const given = await body(request);
  const judgement = {
    ...subjectIn(given, part),
    verdict: verdictIn(given),
    ...optionalText(given, 'message'),
  };
  return judge(store, judgement, request.principal);
};

const getVerdicts: Route = async ({ store }, request, part) => ({
  verdicts: await readVerdicts(store, subjectIn(asked(request), part), request.principal),
});

/** Where a version stands, in its own right, as far as the asker may read. */
const getPlaces: Route = async ({ store }, { query, principal }) => {
  const given: Body = Object.fromEntries(query);
  const [name, version] = [packlName(textIn(given, 'name')), textIn(given, 'version')];
  const rights = await currentRights(store.db, store);
  const rows = await readRows(store.db, { name, version });
  const shown = rows.filter((row) => row.withdrawn !== true && mayRead(rights, principal, row.index));
  return {
    places: shown.map(({ index, integrity, publishedBy: by, publishedAt: at }) => ({
      index,
      integrity,
      by,
      at,
    })),
  };
};

const putGroup: Route = async ({ store }, request, [name = '']) => {
  const { members } = await body(request);
  return setGroup(
    store,
    { name, members: Array.isArray(members) ? members.map(String) : [] },
    request.principal,
  );
};

const getGroups: Route = async ({ store }, { principal }) => {
  mustBePerson(principal, 'list the groups');
  return { groups: await listGroups(store.db) };
};

export const indexRoutes: Readonly<Record<string, Route>> = {
  'GET /indexes': getIndexes,
  'PUT /indexes/*/*': putIndex,
  'DELETE /indexes/*/*': deleteIndex,
  'GET /indexes/*/*/packls': getPackls,
  'GET /indexes/*/*/rows': getRows,
  'PUT /indexes/*/*/deprecate': putDeprecate,
  'PUT /indexes/*/*/withdraw': putWithdraw,
  'GET /indexes/*/*/dependents': getDependents,
  'POST /indexes/*/*/promote': postPromote,
  'POST /indexes/*/*/verdicts': postVerdict,
  'GET /indexes/*/*/verdicts': getVerdicts,
  'GET /places': getPlaces,
  'GET /groups': getGroups,
  'PUT /groups/*': putGroup,
  'DELETE /groups/*': async ({ store }, { principal }, [name = '']) => {
    await removeGroup(store, name, principal);
    return { ok: true };
  },
};
