/**
 * The reads that installing consists of, answered before Verdaccio: documents of packls and of single versions,
 * and tarballs. Everything else, and whatever this does not know, is left to Verdaccio.
 *
 * Rights come first: what is kept is kept by what the asker may see, so nobody is answered from what somebody
 * else may read. How long something may be kept is `fast-reads-fresh.ts`'s knowledge; mirrored things, which
 * change without us, are kept for a moment only.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { piplError } from '@pipl/packl';
import type { Blobs, Opened } from '../blobs/blobs.ts';
import { blobMissing } from '../blobs/whole.ts';
import { openCache, type Cache } from './fast-reads-cache.ts';
import {
  documentOf,
  encodedForm,
  encodingFor,
  type Document,
  type DocumentForm,
} from './fast-reads-document.ts';
import { gaveUp, sendBig } from './fast-reads-big.ts';
import { hasIt, validatorsOf } from './fast-reads-caching.ts';
import type { Fresh, Sight } from './fast-reads-fresh.ts';
import type { KeptDocument } from './kept-document.ts';
import type { Reads, Tarball } from './reads.ts';

export interface FastAsk {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** below the index, starting with `/`, still encoded */
  readonly path: string;
  readonly sight: Sight;
  /** where the index stands, with a slash at the end: what addresses of tarballs start with */
  readonly base: string;
  readonly form: 'full' | 'short';
}

export interface FastReads {
  /** @returns false when this is for somebody else. @throws PIPL_NO_PACKL PIPL_UPSTREAM PIPL_BLOB_MISSING */
  answer(ask: FastAsk): Promise<boolean>;
}

/** What was made of a name, and as of when. */
interface Kept {
  readonly name: string;
  readonly seq: number;
  /** milliseconds since 1970; never, for what only we change */
  readonly until: number;
  /** undefined: nobody has it */
  readonly what: What | undefined;
  readonly bytes: number;
}

interface Parts {
  readonly blobs: Pick<Blobs, 'stat' | 'open'>;
  readonly reads: Reads;
  readonly fresh: Fresh;
  readonly now: () => Date;
}

/** Bytes of documents and small tarballs, together. */
const mostKept = 64 * 1024 * 1024;
const smallTarball = 256 * 1024;
/** Milliseconds. Upstream's documents have a freshness of their own, behind this. */
const mirroredFor = 10_000;

const namePattern = String.raw`((?:@[^/@]+\/)?[^/@-][^/@]*)`;
const documentPath = new RegExp(`^/${namePattern}$`);
const versionPath = new RegExp(`^/${namePattern}/([^/-][^/]*)$`);
const tarballPath = new RegExp(String.raw`^/${namePattern}/-/([^/]+\.tgz)$`);

type Wanted =
  | { readonly is: 'document'; readonly name: string; readonly form: DocumentForm }
  | { readonly is: 'tarball'; readonly name: string; readonly file: string };

function wantedBy({ request, path, form }: FastAsk): Wanted | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
  const end = path.indexOf('?');
  const plain = end < 0 ? path : path.slice(0, end);
  const decoded = plain.includes('%') ? decodeURIComponent(plain) : plain;
  const name = documentPath.exec(decoded)?.[1];
  if (name !== undefined && name !== 'favicon.ico') return { is: 'document', name, form: { is: form } };
  const [, of, file] = tarballPath.exec(decoded) ?? [];
  if (of !== undefined && file !== undefined) return { is: 'tarball', name: of, file };
  const [, packl, version] = versionPath.exec(decoded) ?? [];
  if (packl === undefined || version === undefined) return undefined;
  return { is: 'document', name: packl, form: { is: 'version', of: version } };
}

const isMirrored = (packument: object) => !('_rev' in packument && String(packument._rev).endsWith('-pipl'));

/** An own version of a stable index is what it is for ever; a nearer index may yet have one of that name. */
const cachingOf = ({ index }: Tarball, { order: [nearest] }: Sight): string => {
  const isForEver = index.name === nearest?.name && !index.volatile && index.mirror === undefined;
  if (!isForEver) return 'no-cache';
  return index.read === undefined
    ? 'public, max-age=31536000, immutable'
    : 'private, max-age=31536000, immutable';
};

async function sendDocument(
  { request, response }: FastAsk,
  document: Document,
  grown: () => void,
): Promise<void> {
  const { etag, type } = document;
  const caching = validatorsOf(etag);
  if (hasIt(request, etag)) {
    response.writeHead(304, caching).end();
    return;
  }
  const before = document.encoded.size;
  const accepted = encodingFor(request.headers['accept-encoding'] as string | undefined);
  const { body, encoding } = await encodedForm(document, accepted);
  if (document.encoded.size !== before) grown();
  const headers = ['content-type', type, 'content-length', String(body.length), ...caching];
  if (encoding !== undefined) headers.push('content-encoding', encoding);
  response.writeHead(200, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

const nobodyHas = (wanted: Wanted) => {
  const version = wanted.is === 'document' && wanted.form.is === 'version' ? `@${wanted.form.of}` : '';
  const file = wanted.is === 'tarball' ? ` with the tarball ${wanted.file}` : '';
  return piplError('notFound', 'PIPL_NO_PACKL', {
    what: `There is no ${wanted.name}${version}${file} here.`,
    why: 'Neither this index nor what it inherits has it, as far as you may read them.',
    hint: '`pipl packl list` lists what is there; log in if it may be hidden from you.',
  });
};

interface Content {
  readonly content: Buffer;
  readonly bytes: number;
}

/** What tarballs are read from. */
interface Shelf {
  readonly blobs: Parts['blobs'];
  readonly contents: Cache<Content>;
}

/** Small ones from memory: by content, so they are never out of date. */
async function contentOf(
  tarball: Tarball,
  { blobs, contents }: Shelf,
): Promise<{ whole: Buffer } | { parts: Opened }> {
  const { integrity } = tarball;
  const kept = contents.get(integrity);
  if (kept !== undefined) return { whole: kept.content };
  const opened = await blobs.open(integrity);
  if (opened === undefined) throw blobMissing(tarball.integrity);
  if (opened.size > smallTarball) return { parts: opened };
  const content = await opened.bytes();
  contents.set(integrity, { content, bytes: content.length });
  return { whole: content };
}

/** Who only asks how big it is need not wait for its bytes. */
async function lengthOf(tarball: Tarball, { blobs, contents }: Shelf): Promise<number> {
  const kept = contents.get(tarball.integrity);
  const size = kept?.content.length ?? (await blobs.stat(tarball.integrity))?.size;
  if (size === undefined) throw blobMissing(tarball.integrity);
  return size;
}

async function sendTarball(
  { request, response, sight }: FastAsk,
  tarball: Tarball,
  shelf: Shelf,
): Promise<void> {
  const etag = `"${tarball.integrity.slice('sha512-'.length, 50)}"`;
  const caching = ['etag', etag, 'cache-control', cachingOf(tarball, sight)];
  if (hasIt(request, etag)) {
    response.writeHead(304, caching).end();
    return;
  }
  const begin = (length: number) =>
    response.writeHead(200, [
      'content-type',
      'application/octet-stream',
      'content-length',
      String(length),
      ...caching,
    ]);
  if (request.method === 'HEAD') {
    begin(await lengthOf(tarball, shelf)).end();
    return;
  }
  const content = await contentOf(tarball, shelf);
  if ('whole' in content) {
    begin(content.whole.length).end(content.whole);
    return;
  }
  begin(content.parts.size);
  await pipeline(content.parts.stream(), response).catch(gaveUp);
}

type What = Document | Tarball | { readonly big: KeptDocument };

const isTarball = (what: What): what is Tarball => 'integrity' in what;

export function openFastReads({ reads, blobs, fresh, now }: Parts): FastReads {
  const kept = openCache<Kept>(mostKept);
  const shelf: Shelf = { blobs, contents: openCache<Content>(mostKept / 2) };
  const underWay = new Map<string, Promise<Kept>>();

  const make = async (wanted: Wanted, { sight: { order }, base }: FastAsk): Promise<Kept> => {
    const { name } = wanted;
    const seq = fresh.seen();
    const soon = now().getTime() + mirroredFor;
    if (wanted.is === 'tarball') {
      const what = await reads.tarball(order, name, wanted.file);
      const until = what !== undefined && what.index.mirror === undefined ? Infinity : soon;
      return { name, seq, until, what, bytes: 256 };
    }
    const { form } = wanted;
    const found = await reads.document(order, name, form.is === 'short' ? 'short' : 'full');
    if (found?.is === 'big') return { name, seq, until: soon, what: { big: found.kept }, bytes: 256 };
    const packument = found?.packument;
    const what = packument === undefined ? undefined : documentOf(packument, { form, base });
    const until = packument === undefined || isMirrored(packument) ? soon : Infinity;
    return {
      name,
      seq,
      until,
      what,
      get bytes() {
        return what?.bytes ?? 0;
      },
    };
  };
  const isGood = ({ name, seq, until }: Kept) =>
    fresh.holds(name, seq) && (until === Infinity || until > now().getTime());

  const keyOf = (wanted: Wanted, { sight, base }: FastAsk): string => {
    if (wanted.is === 'tarball') return `${sight.key}\n${wanted.name}\n${wanted.file}`;
    const { form, name } = wanted;
    return `${base}\n${sight.key}\n${name}\n${form.is}${form.is === 'version' ? ` ${form.of}` : ''}`;
  };
  /** Made once, however many ask; not by who asked before the last change. */
  const made = (key: string, wanted: Wanted, ask: FastAsk): Promise<Kept> => {
    const turn = `${key}\n${fresh.seen()}`;
    const running = underWay.get(turn);
    if (running !== undefined) return running;
    const started = make(wanted, ask).finally(() => underWay.delete(turn));
    underWay.set(turn, started);
    return started;
  };

  return {
    async answer(ask) {
      const wanted = wantedBy(ask);
      if (wanted === undefined) return false;
      const key = keyOf(wanted, ask);
      let entry = kept.get(key);
      if (entry === undefined || !isGood(entry)) {
        entry = await made(key, wanted, ask);
        // What nobody has is not worth a place, and a stranger could ask for anything.
        if (entry.what !== undefined) kept.set(key, entry);
      }
      const { what } = entry;
      if (what === undefined) throw nobodyHas(wanted);
      if ('big' in what) {
        const { form } = wanted as Extract<Wanted, { is: 'document' }>;
        const { request, response, base } = ask;
        if (!(await sendBig(what.big, { request, response, base, form }))) throw nobodyHas(wanted);
      } else if (isTarball(what)) await sendTarball(ask, what, shelf);
      else await sendDocument(ask, what, () => kept.resized(key));
      return true;
    },
  };
}
