/**
 * Who I am to a project's server: PIPL_TOKEN, else the saved login, else, while root's password is still empty
 * and the project's owner key can be read, root itself (and that is said).
 *
 * Saved logins stand in `~/.config/pipl/auth.json` (XDG_CONFIG_HOME), mode 0600, by project id, or by the address
 * of a server on another machine. A password is never kept.
 */
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { piplError } from '@pipl/packl';
import { connect, type RegistryClient } from '@pipl/registry-client';
import { z } from 'zod';
import { asPiplError, jsonText, readJson, writeWhole } from './atomic-file.ts';
import type { Project } from './project-file.ts';
import { serverAddress } from './remote-project.ts';
import { serverUrl } from './server.ts';
import { watchedFetch } from './watched.ts';

const Saved = z.object({ user: z.string(), token: z.string() });
const AuthFile = z.object({ logins: z.record(z.string(), Saved).default({}) });

export type Notice = (line: string) => void;

export const authFile = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'pipl', 'auth.json');

/**
 * A client that reads as whoever is logged in: what an index shows may depend on it. Reading needs no login.
 * @throws PIPL_SERVER_DOWN
 */
export async function reader(project: Project): Promise<RegistryClient> {
  const url = await serverUrl(project);
  const logins = await readLogins();
  const token = process.env['PIPL_TOKEN'] || (logins[project.id] ?? logins[url])?.token;
  return connect({ url, ...watchedFetch(), ...(token === undefined ? {} : { token }) });
}

/** A client that may write as the person who asks. @throws PIPL_NOT_LOGGED_IN (exit 5), PIPL_SERVER_DOWN */
export async function writer(project: Project, notice: Notice): Promise<RegistryClient> {
  const client = await reader(project);
  if (client.token !== undefined) return client;
  if (project.url !== undefined) throw notLoggedIn(project);
  const { rootPasswordEmpty } = await client.status();
  const ownerKey = rootPasswordEmpty ? await readOwnerKey(project) : undefined;
  if (ownerKey === undefined) throw notLoggedIn(project);
  const { token } = await client.login({ user: 'root', password: '', ownerKey, brief: true });
  notice('Acting as root, whose password is still empty. Set one: pipl proj user set root --password-stdin');
  return client.withToken(token);
}

/** A client for one command with this password, nothing saved. @throws PIPL_LOGIN_FAILED (exit 5) */
export async function writerAs(
  project: Project,
  { user, password }: { user: string; password: string },
): Promise<RegistryClient> {
  const client = (await reader(project)).withToken(undefined);
  const { token } = await client.login({ ...(await loginOf(project, { user, password })), brief: true });
  return client.withToken(token);
}

/** Logs in and saves the token. @throws PIPL_LOGIN_FAILED (exit 5) */
export async function login(
  project: Project,
  who: { user: string; password: string },
): Promise<{ user: string; url: string; file: string }> {
  const client = (await reader(project)).withToken(undefined);
  const { token, user } = await client.login(await loginOf(project, who));
  await saveLogins({ ...(await readLogins()), [project.id]: { user, token } });
  return { user, url: client.url, file: authFile() };
}

/**
 * Logs in to a server by its address, from whatever machine, and saves the token under it.
 * @throws PIPL_LOGIN_FAILED (exit 5), PIPL_URL (2), PIPL_SERVER_UNREACHABLE (8)
 */
export async function loginTo(
  address: string,
  who: { user: string; password: string },
): Promise<{ user: string; url: string; project: string; file: string }> {
  const url = serverAddress(address);
  const client = connect({ url });
  const { project } = await client.status();
  const { token, user } = await client.login(who);
  await saveLogins({ ...(await readLogins()), [url]: { user, token } });
  return { user, url, project, file: authFile() };
}

/** Whether passwords and tokens would cross a network as they are. */
export function isUnprotected(address: string): boolean {
  const { protocol, hostname } = new URL(serverAddress(address));
  return protocol === 'http:' && !/^(?:localhost|127\..*|\[::1\]|.*\.localhost)$/.test(hostname);
}

/**
 * Ends the saved login and forgets it; one that has ended already is forgotten too.
 * @throws PIPL_NOT_LOGGED_IN (exit 5), PIPL_SERVER_UNREACHABLE (8)
 */
export async function logout(at: Project | string): Promise<{ user: string; url: string }> {
  const logins = await readLogins();
  const url = typeof at === 'string' ? serverAddress(at) : await serverUrl(at);
  const key = [typeof at === 'string' ? url : at.id, url].find((one) => logins[one] !== undefined);
  const saved = key === undefined ? undefined : logins[key];
  if (key === undefined || saved === undefined) throw notLoggedIn({ name: url });
  await connect({ url, token: saved.token }).logout();
  const { [key]: _gone, ...others } = logins;
  await saveLogins(others);
  return { user: saved.user, url };
}

/** The server ended the saved login with a password and gave another token for it. */
export async function renewLogin(
  project: Project,
  { user, token }: { user: string; token: string },
): Promise<void> {
  const logins = await readLogins();
  const url = await serverUrl(project);
  const key = [project.id, url].find((one) => logins[one]?.user === user);
  if (key !== undefined) await saveLogins({ ...logins, [key]: { user, token } });
}

/** The empty password of root counts only together with the project's owner key. */
async function loginOf(project: Project, { user, password }: { user: string; password: string }) {
  const isHere = project.url === undefined;
  const ownerKey = isHere && user === 'root' && password === '' ? await readOwnerKey(project) : undefined;
  return { user, password, ...(ownerKey === undefined ? {} : { ownerKey }) };
}

/** Undefined for everybody but the project's owner: the file has mode 0600. */
const readOwnerKey = (project: Project): Promise<string | undefined> =>
  readFile(join(project.system, 'owner.key'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );

async function readLogins(): Promise<Record<string, z.output<typeof Saved>>> {
  const parsed = AuthFile.safeParse((await readJson(authFile())) ?? {});
  return parsed.success ? parsed.data.logins : {};
}

async function saveLogins(logins: Record<string, z.output<typeof Saved>>): Promise<void> {
  const file = authFile();
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw asPiplError(error, file);
  }
  await writeWhole(file, jsonText({ logins }), 0o600);
  await chmod(file, 0o600);
}

const notLoggedIn = ({ name, url }: { name: string; url?: string | undefined }) =>
  piplError('auth', 'PIPL_NOT_LOGGED_IN', {
    what: `You are not logged in to ${name}.`,
    why: 'This changes the project, and neither PIPL_TOKEN nor a saved login says who you are.',
    hint: `Log in: pipl login ${url === undefined ? 'USER' : `${url} USER`}`,
  });
