/**
 * The writing half of npm's protocol: publish, deprecate and tags here; people, web login, stars and unpublish in
 * files of their own. Verdaccio never sees these requests. Each is turned into the operation that pipl's own API
 * uses too.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { packlName, piplError, type IndexName, type PiplError } from '@pipl/packl';
import { deprecate, removeTag, setTag } from './amend.ts';
import { trailOf } from '../people/audit.ts';
import type { Outside } from '../door/forwarded.ts';
import { answerJson, readJson } from '../http.ts';
import { answerNpmPeople } from '../people/npm-people.ts';
import { answerStars } from '../people/npm-stars.ts';
import { answerUnpublish } from './npm-unpublish.ts';
import { currentRights } from '../people/fast-rights.ts';
import { mayPublish, type Principal } from '../people/principal.ts';
import { release } from './release.ts';
import { readRows, type StoredRow } from '../reading/rows.ts';
import type { Store } from '../state/store.ts';
import { inNpmDocument, readPublish, type PublishBody } from './stream-body.ts';
import type { Tokens } from '../people/tokens.ts';
import { refuseOperation } from '../people/token-limits.ts';
import type { Users } from '../people/users.ts';
import { answerWebLogin } from '../people/web-login.ts';

export interface NpmRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly index: IndexName;
  /** below the index, starting with `/`, still encoded */
  readonly path: string;
  readonly principal: Principal;
  readonly outside: Outside;
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
  readonly versions?: Record<
    string,
    { deprecated?: unknown; dist?: { integrity?: unknown; shasum?: unknown } }
  >;
  readonly 'dist-tags'?: Record<string, unknown>;
  readonly _attachments?: Record<string, Attachment>;
}

const badDocument = (why: string): PiplError =>
  piplError('invalid', 'PIPL_NPM_DOCUMENT', {
    what: 'This is not a document that can be published.',
    why,
    hint: 'Publish with npm, pnpm or `pipl packl publish`.',
  });

async function publish(
  { store }: NpmParts,
  asked: NpmRequest,
  name: string,
  { document, tarball: tarballOf }: { document: Document; tarball: PublishBody['tarball'] },
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
  const tarball = tarballOf(attachment?.data);
  const { integrity, shasum } = version.dist ?? {};
  if (tarball === undefined || typeof integrity !== 'string') {
    throw badDocument('The tarball or its integrity is missing.');
  }
  // `latest` is what npm sends when nobody chose a tag; it stays derived until somebody sets it.
  const tags = Object.keys(document['dist-tags'] ?? {}).filter((tag) => tag !== 'latest');
  const packls = [
    { manifest: version, integrity, tarball, ...(typeof shasum === 'string' ? { shasum } : {}) },
  ];
  trailOf(asked.request).subject =
    `${asked.index} ${name}@${String(Object.keys(document.versions ?? {})[0])}`;
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
  if (gone !== undefined) throw badDocument(`It leaves out ${gone.version}, which is published.`);
  for (const { version, withdrawn } of rows) {
    const message = sent[version]?.deprecated;
    if (withdrawn === true) continue;
    const subject = { index: asked.index, name, version };
    await deprecate(store, subject, typeof message === 'string' ? message : '', asked.principal);
  }
  Object.assign(trailOf(asked.request), { action: 'deprecate', subject: `${asked.index} ${name}` });
  if (rows.length === 0) throw badDocument(`${asked.index} has no ${name} of its own.`);
  answerJson(asked.response, { ok: true, success: true }, 201);
}

async function putDocument(parts: NpmParts, asked: NpmRequest, name: string): Promise<void> {
  const { index, principal, request } = asked;
  const { store } = parts;
  mayPublish(principal, { index, names: [name], rights: await currentRights(store.db, store) });
  await using sent = await readPublish(request, { blobs: store.blobs, isCut: inNpmDocument });
  const document = sent.document as Document | null;
  if (typeof document !== 'object' || document === null) throw badDocument('It is no object.');
  const publishing = Object.keys(document._attachments ?? {}).length > 0;
  if (principal.is === 'user') refuseOperation(principal.limits, publishing ? 'publish' : 'deprecate');
  if (publishing) await publish(parts, asked, name, { document, tarball: sent.tarball });
  else await deprecateSome(parts, asked, name, document);
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

const tagPath = /^\/-\/package\/(.+)\/dist-tags\/([^/]+)$/;

type Part = (parts: NpmParts, asked: NpmRequest, path: string) => Promise<boolean>;
const others: readonly Part[] = [answerNpmPeople, answerWebLogin, answerStars, answerUnpublish];

/** @returns false when the request is for Verdaccio: it only reads */
export async function answerNpmWrite(parts: NpmParts, asked: NpmRequest): Promise<boolean> {
  const { method = 'GET' } = asked.request;
  const path = decodeURIComponent(asked.path.split('?')[0] ?? '');
  for (const answer of others) {
    if (await answer(parts, asked, path)) return true;
  }
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  const [, tagged, tag] = tagPath.exec(path) ?? [];
  if (tagged !== undefined && tag !== undefined && /^(?:PUT|POST|DELETE)$/.test(method)) {
    await changeTag(parts, asked, { name: packlName(tagged), tag });
  } else if (method === 'PUT' && !path.startsWith('/-/')) {
    await putDocument(parts, asked, packlName(path.slice(1)));
  } else {
    throw piplError('notFound', 'PIPL_NO_ROUTE', {
      what: `${method} ${path} is nothing this registry does.`,
      why: 'It is no part of what pipl serves of the npm protocol.',
      hint: 'See the README of the registry.',
    });
  }
  return true;
}
