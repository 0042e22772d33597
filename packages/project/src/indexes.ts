/** Making, changing and removing indexes and groups: who may read, publish, promote. */
import { indexName, type IndexName, piplError } from '@pipl/packl';
import type {
  GroupView,
  HandlerGrant,
  IndexSettings,
  IndexView,
  RegistryClient,
} from '@pipl/registry-client';

export const listIndexes = (client: RegistryClient): Promise<readonly IndexView[]> => client.indexes();

/** The project's default index; making it again changes nothing. */
export async function createDefaultIndex(
  client: RegistryClient,
  name: IndexName,
): Promise<{ index: IndexView; already: boolean }> {
  const indexes = await client.indexes();
  const found = indexes.find((index) => index.name === name);
  if (found) return { index: found, already: true };
  const mirror = indexName('root/npm');
  const bases = indexes.some((index) => index.name === mirror) ? [mirror] : [];
  return { index: await client.setIndex(name, { bases, volatile: false }), already: false };
}

/** @throws PIPL_INDEX_EXISTS (exit 4), PIPL_NO_INDEX, PIPL_NO_USER, PIPL_NO_GROUP (3), PIPL_INDEX (7) */
export const createIndex = (
  client: RegistryClient,
  { name, ...settings }: { readonly name: IndexName } & Omit<IndexSettings, 'fresh'>,
): Promise<IndexView> => client.setIndex(name, { ...settings, fresh: true });

/** @throws PIPL_NO_INDEX, PIPL_NO_USER, PIPL_NO_GROUP (exit 3), PIPL_NOTHING_TO_SET (2), PIPL_INDEX (7) */
export async function changeIndex(
  client: RegistryClient,
  { name, ...settings }: { readonly name: IndexName } & Omit<IndexSettings, 'fresh' | 'mirror'>,
): Promise<IndexView> {
  if (Object.keys(settings).length === 0) {
    throw piplError('usage', 'PIPL_NOTHING_TO_SET', {
      what: `Nothing to change for ${name}.`,
      why: 'No setting was given.',
      hint: `For example: pipl proj index set ${name} --publish alice :supervisors`,
    });
  }
  const indexes = await client.indexes();
  if (!indexes.some((index) => index.name === name)) {
    throw piplError('notFound', 'PIPL_NO_INDEX', {
      what: `There is no index ${name}.`,
      why: `There are ${indexes.map((index) => index.name).join(', ') || 'none'}.`,
      hint: `Make it: pipl proj index create ${name}`,
    });
  }
  return client.setIndex(name, settings);
}

/** @returns how many versions went with it @throws PIPL_INDEX_IN_USE, PIPL_INDEX_NOT_EMPTY (exit 4) */
export async function removeIndex(
  client: RegistryClient,
  { name, ...how }: { readonly name: IndexName; readonly force?: boolean; readonly message?: string },
): Promise<{ readonly name: IndexName; readonly removed: number }> {
  return { name, ...(await client.removeIndex(name, how)) };
}

/** `qa@alice/stage` @throws PIPL_INDEX_NAME, PIPL_HANDLER (exit 2) */
export function parseHandler(text: string): HandlerGrant {
  const at = text.indexOf('@');
  if (at > 0) return { handler: text.slice(0, at), from: indexName(text.slice(at + 1)) };
  throw piplError('usage', 'PIPL_HANDLER', {
    what: `"${text}" does not name a handler.`,
    why: 'It is written handler@owner/index.',
    hint: 'For example qa@alice/stage.',
  });
}

export const listGroups = (client: RegistryClient): Promise<readonly GroupView[]> => client.groups();

/** Makes it when it is not there. @throws PIPL_NO_USER (exit 3), PIPL_GROUP_NAME (2) */
export async function setGroup(
  client: RegistryClient,
  {
    name,
    members,
    add = [],
    remove = [],
  }: {
    readonly name: string;
    /** all there will be; absent: those that are there now */
    readonly members?: readonly string[];
    readonly add?: readonly string[];
    readonly remove?: readonly string[];
  },
): Promise<GroupView> {
  const now = members ?? (await client.groups()).find((group) => group.name === name)?.members ?? [];
  const after = new Set([...now, ...add]);
  for (const user of remove) after.delete(user);
  return client.setGroup(name, [...after]);
}

/** @throws PIPL_NO_GROUP (exit 3), PIPL_GROUP_IN_USE (4) */
export const removeGroup = (client: RegistryClient, name: string): Promise<void> => client.removeGroup(name);
