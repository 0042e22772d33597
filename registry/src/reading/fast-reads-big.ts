/**
 * A big document of an upstream, sent as it is read from its file: however many ask at once, each costs a version
 * of it and what stands between file and socket.
 */
import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { hasIt, validatorsOf } from './fast-reads-caching.ts';
import {
  atHome,
  gzipTaken,
  surroundingsOf,
  typeOf,
  versionText,
  type DocumentForm,
} from './fast-reads-document.ts';
import type { KeptDocument, OpenedDocument, Version } from './kept-document.ts';

export interface BigAnswer {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly form: DocumentForm;
  /** where the index stands, with a slash at the end */
  readonly base: string;
}

/** Characters that are sent together. */
const piece = 64 * 1024;

async function* textsOf(
  { head, versions }: OpenedDocument,
  { form, base }: { form: 'full' | 'short'; base: string },
): AsyncGenerator<string> {
  let waiting = `${JSON.stringify(surroundingsOf(head, form)).slice(0, -1)},"versions":{`;
  let comma = '';
  for await (const { version, text } of versions()) {
    waiting += comma + versionText(version, JSON.parse(text) as Version, { name: head.name, form, base });
    comma = ',';
    if (waiting.length < piece) continue;
    yield waiting;
    waiting = '';
  }
  yield `${waiting}}}`;
}

async function versionIn({ head, version }: OpenedDocument, asked: string): Promise<Version | undefined> {
  const tagged = head['dist-tags'][asked];
  return (await version(asked)) ?? (tagged === undefined ? undefined : version(tagged));
}

/** @returns false when the document has no such version; then nothing was sent */
export async function sendBig(kept: KeptDocument, answer: BigAnswer): Promise<boolean> {
  const { request, response, form, base } = answer;
  await using opened = await kept.open();
  const asked = form.is === 'version' ? `version ${form.of}` : form.is;
  // Weak: the compressed form has the same.
  const etag = `W/"${hash('sha1', `${opened.hash}\n${base}\n${asked}`, 'base64url')}"`;
  if (form.is === 'version') {
    const version = await versionIn(opened, form.of);
    if (version === undefined) return false;
    if (hasIt(request, etag)) return notModified(response, etag);
    const body = Buffer.from(JSON.stringify(atHome(opened.head.name, version, base)));
    const sized = ['content-length', String(body.length)];
    response.writeHead(200, ['content-type', typeOf(form), ...sized, ...validatorsOf(etag)]);
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  }
  if (hasIt(request, etag)) return notModified(response, etag);
  const isPacked = gzipTaken(request.headers['accept-encoding'] as string | undefined);
  const packed = isPacked ? ['content-encoding', 'gzip'] : [];
  response.writeHead(200, ['content-type', typeOf(form), ...packed, ...validatorsOf(etag)]);
  if (request.method === 'HEAD') {
    response.end();
    return true;
  }
  const texts = Readable.from(textsOf(opened, { form: form.is, base }), { objectMode: false });
  await (isPacked ? pipeline(texts, createGzip(), response) : pipeline(texts, response)).catch(gaveUp);
  return true;
}

function notModified(response: ServerResponse, etag: string): true {
  response.writeHead(304, validatorsOf(etag)).end();
  return true;
}

/** Who hangs up in the middle has made no mistake of ours. */
export function gaveUp(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}
