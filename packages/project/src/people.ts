/** Users of a project and what its indexes hold, as its server keeps them. */
import { type IndexName, piplError } from '@pipl/packl';
import type { IndexView, PacklView, RegistryClient, UserView } from '@pipl/registry-client';

export const listUsers = (client: RegistryClient): Promise<readonly UserView[]> => client.users();

/** @throws PIPL_USER_EXISTS (exit 4) */
export async function addUser(
  client: RegistryClient,
  { name, password, email }: { name: string; password: string; email?: string | undefined },
): Promise<UserView> {
  const known = await client.users();
  if (known.some((user) => user.name === name)) {
    throw piplError('conflict', 'PIPL_USER_EXISTS', {
      what: `There is a user ${name} already.`,
      why: 'A name belongs to one person.',
      hint: `Choose another name, or change this one: pipl proj user set ${name}`,
    });
  }
  await client.setUser(name, { password, ...(email === undefined ? {} : { email }) });
  return { name, ...(email === undefined ? {} : { email }) };
}

/** `token`: for who changed their own password; the one they had has ended. @throws PIPL_NOTHING_TO_SET (exit 2), PIPL_NO_USER (3) */
export async function setUser(
  client: RegistryClient,
  { name, password, email }: { name: string; password?: string | undefined; email?: string | undefined },
): Promise<UserView & { readonly token?: string }> {
  if (password === undefined && email === undefined) {
    throw piplError('usage', 'PIPL_NOTHING_TO_SET', {
      what: `Nothing to change for ${name}.`,
      why: 'Neither a password nor an email was given.',
      hint: `For example: pipl proj user set ${name} --email me@example.org`,
    });
  }
  const known = await client.users();
  if (!known.some((user) => user.name === name)) {
    throw piplError('notFound', 'PIPL_NO_USER', {
      what: `There is no user ${name}.`,
      why: `There are ${known.map((user) => user.name).join(', ')}.`,
      hint: `Add it: pipl proj user add ${name}`,
    });
  }
  const change = {
    ...(password === undefined ? {} : { password }),
    ...(email === undefined ? {} : { email }),
  };
  const { token } = await client.setUser(name, change);
  return {
    name,
    ...(email === undefined ? {} : { email }),
    ...(token === undefined ? {} : { token }),
  };
}

/** With all their tokens; what they published and their indexes stay. @throws PIPL_NO_USER (3), PIPL_ROOT_STAYS (6) */
export const removeUser = (client: RegistryClient, name: string): Promise<void> => client.removeUser(name);

/** What an index holds, each packl once. @throws PIPL_NO_INDEX */
export async function listPackls(
  client: RegistryClient,
  { index, inherited }: { index: IndexName; inherited: boolean },
): Promise<readonly PacklView[]> {
  refuseUnknown(index, await client.indexes());
  return client.packls(index, { inherited });
}

export function refuseUnknown(name: IndexName, indexes: readonly IndexView[]): void {
  if (indexes.some((index) => index.name === name)) return;
  throw piplError('notFound', 'PIPL_NO_INDEX', {
    what: `There is no index ${name}.`,
    why: `There are ${indexes.map((index) => index.name).join(', ') || 'none'}.`,
    hint: `Make it: pipl proj index create ${name}`,
  });
}
