/**
 * The writing half of npm's protocol: publish, deprecate, tags, login, logout; unpublish is refused. Verdaccio
 * never sees these requests. Each is turned into the operation that pipl's own API uses too.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { packlName, piplError, type IndexName, type PiplError } from '@pipl/packl';
import { deprecate, removeTag, setTag } from './amend.ts';
import { answerJson, readJson } from './http.ts';
import type { Principal } from './principal.ts';
import { release } from './release.ts';
import { readRows, type StoredRow } from './rows.ts';
import type { Store } from './store.ts';
import type { Tokens } from './tokens.ts';
import type { Users } from './users.ts';

export interface NpmRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly index: IndexName;
  /** below the index, starting with `/`, still encoded */
  readonly path: string;
  readonly principal: Principal;
}

export interface NpmParts {
  readonly store: Store;
  readonly users: Users;
  readonly tokens: Tokens;
}

interface Attachment {
  readonly data?: unknown;
}
interface Document {
  readonly name?: unknown;
  readonly versions?: Record<string, { deprecated?: unknown; dist?: { integrity?: unknown } }>;
  readonly 'dist-tags'?: Record<string, unknown>;
  readonly _attachments?: Record<string, Attachment>;
}

const badDocument = (why: string): PiplError =>
  piplError('invalid', 'PIPL_NPM_DOCUMENT', {
    what: 'This is not a document that can be published.',
    why,
    hint: 'Publish with npm, pnpm or `pipl packl publish`.',
  });

const noUnpublish = (): PiplError =>
  piplError('denied', 'PIPL_NO_UNPUBLISH', {
    what: 'Nothing is ever unpublished here.',
    why: 'What others have built on must stay what it was.',
    hint: 'Deprecate the version with `npm deprecate`, or withdraw it.',
  });

async function publish(
  { store }: NpmParts,
  asked: NpmRequest,
  name: string,
  document: Document,
): Promise<void> {
  const attachments = Object.values(document._attachments ?? {});
  const [version, another] = Object.values(document.versions ?? {});
  const [attachment] = attachments;
  if (version === undefined || another !== undefined || attachments.length !== 1) {
    throw badDocument('It must hold one version and its one tarball.');
  }
  if (document.name !== name || (version as { name?: unknown }).name !== name) {
    throw badDocument(`It is for another packl than the address says: ${name}.`);
  }
  const { data } = attachment ?? {};
  const integrity = version.dist?.integrity;
  if (typeof data !== 'string' || typeof integrity !== 'string') {
    throw badDocument('The tarball or its integrity is missing.');
  }
  // `latest` is what npm sends when nobody chose a tag; it stays derived until somebody sets it.
  const tags = Object.keys(document['dist-tags'] ?? {}).filter((tag) => tag !== 'latest');
  const packls = [{ manifest: version, integrity, tarball: Buffer.from(data, 'base64') }];
  const result = await release(store, { index: asked.index, packls, tags }, asked.principal);
  answerJson(asked.response, { ok: true, success: true, id: name, seq: result.seq }, 201);
}

/** A message for a version that stands in a base would be lost without a word. */
function refuseInherited(
  index: IndexName,
  sent: NonNullable<Document['versions']>,
  everywhere: readonly StoredRow[],
): void {
  for (const [version, { deprecated }] of Object.entries(sent)) {
    const rows = everywhere.filter((row) => row.version === version);
    const message = deprecated === '' ? undefined : deprecated;
    if (rows.some((row) => row.index === index || row.deprecated === message)) continue;
    throw badDocument(`${version} is not published in ${index} itself, only in a base, if at all.`);
  }
}

/** npm sends the whole document back with the messages changed. */
async function deprecateSome(
  { store }: NpmParts,
  asked: NpmRequest,
  name: string,
  document: Document,
): Promise<void> {
  const everywhere = await readRows(store.db, { name });
  const rows = everywhere.filter(({ index }) => index === asked.index);
  const sent = document.versions ?? {};
  refuseInherited(asked.index, sent, everywhere);
  const gone = rows.find(({ version, withdrawn }) => withdrawn !== true && sent[version] === undefined);
  if (gone !== undefined) throw noUnpublish();
  for (const { version, withdrawn } of rows) {
    const message = sent[version]?.deprecated;
    if (withdrawn === true) continue;
    const subject = { index: asked.index, name, version };
    await deprecate(store, subject, typeof message === 'string' ? message : '', asked.principal);
  }
  if (rows.length === 0) throw badDocument(`${asked.index} has no ${name} of its own.`);
  answerJson(asked.response, { ok: true, success: true }, 201);
}

async function putDocument(parts: NpmParts, asked: NpmRequest, name: string): Promise<void> {
  const document = (await readJson(asked.request)) as Document | null;
  if (typeof document !== 'object' || document === null) throw badDocument('It is no object.');
  const publishing = Object.keys(document._attachments ?? {}).length > 0;
  return publishing ? publish(parts, asked, name, document) : deprecateSome(parts, asked, name, document);
}

async function login({ users, tokens }: NpmParts, { request, response }: NpmRequest): Promise<void> {
  const { name, password } = ((await readJson(request)) ?? {}) as { name?: unknown; password?: unknown };
  if (typeof name !== 'string' || typeof password !== 'string')
    throw badDocument('Name or password is missing.');
  await users.check({ user: name, password });
  const token = await tokens.forUser(name);
  answerJson(response, { ok: true, id: `org.couchdb.user:${name}`, token }, 201);
}

async function changeTag(
  parts: NpmParts,
  asked: NpmRequest,
  { name, tag: label }: { name: string; tag: string },
) {
  const { index, principal, request, response } = asked;
  if (request.method === 'DELETE') {
    await removeTag(parts.store, { index, name, tag: label }, principal);
  } else {
    const version = await readJson(request);
    if (typeof version !== 'string') throw badDocument('A tag points to a version.');
    await setTag(parts.store, { index, name, version }, label, principal);
  }
  answerJson(response, { ok: true }, 201);
}

function whoami({ principal, response }: NpmRequest): void {
  if (principal.is !== 'user') {
    throw piplError('auth', 'PIPL_LOGIN_NEEDED', {
      what: 'Nobody is logged in.',
      why: 'The request carries no token of a user.',
      hint: 'Log in with `pipl login` or `npm login`.',
    });
  }
  answerJson(response, { username: principal.name });
}

const tagPath = /^\/-\/package\/(.+)\/dist-tags\/([^/]+)$/;
const tokenPath = /^\/-\/user\/token\/([^/]+)$/;

/** @returns false when the request is not a write of npm's protocol (nor `whoami`) */
export async function answerNpmWrite(parts: NpmParts, asked: NpmRequest): Promise<boolean> {
  const { method = 'GET' } = asked.request;
  const path = decodeURIComponent(asked.path.split('?')[0] ?? '');
  if (method === 'GET' && path === '/-/whoami') {
    whoami(asked);
    return true;
  }
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  if (path.startsWith('/-/verdaccio/sec/')) return false;
  const tagged = tagPath.exec(path);
  const [, label = ''] = tokenPath.exec(path) ?? [];
  if (method === 'PUT' && path.startsWith('/-/user/org.couchdb.user:')) await login(parts, asked);
  else if (method === 'DELETE' && label !== '') {
    await parts.tokens.revoke(label);
    answerJson(asked.response, { ok: true });
  } else if (tagged !== null && (method === 'PUT' || method === 'POST' || method === 'DELETE')) {
    await changeTag(parts, asked, { name: packlName(tagged[1] ?? ''), tag: tagged[2] ?? '' });
  } else if (/\/-rev\/[^/]+$/.test(path)) throw noUnpublish();
  else if (method === 'PUT' && !path.startsWith('/-/'))
    await putDocument(parts, asked, packlName(path.slice(1)));
  else {
    throw piplError('notFound', 'PIPL_NO_ROUTE', {
      what: `${method} ${path} is nothing this registry does.`,
      why: 'It is no part of what pipl serves of the npm protocol.',
      hint: 'See the README of the registry.',
    });
  }
  return true;
}
