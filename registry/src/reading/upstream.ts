/**
 * The npm registry behind a mirror: its documents and tarballs, kept so that a second ask needs no network.
 *
 * Documents are fresh for a while and then asked for again with their ETag; when upstream cannot be reached, or has
 * more than is taken, the kept one is served, however old. They pass through to their file as they come: however
 * big, they are never in memory as a whole. The files are a cache: losing them costs a download. Whether a name
 * may be asked upstream at all is not decided here.
 */
import { join } from 'node:path';
import type { PiplError } from '@pipl/packl';
import { keepDocument, readKept, touch, wholeOf, type KeptDocument } from './kept-document.ts';
import type { Packument } from './packument.ts';
import { largestDocument } from '../indexes/index-change.ts';
import { noAnswer, openLine, type LineOptions } from './upstream-line.ts';

/** What clients ask for: everything, or what an installation needs (npm's install-v1 form, much smaller). */
export type Form = 'full' | 'short';

export interface Upstream {
  /**
   * undefined: upstream says there is no such packl; with `offline`, that none was kept: then nothing is asked.
   * @throws PIPL_UPSTREAM PIPL_UPSTREAM_TOO_BIG when there is no answer that can be taken, kept or new
   */
  document(name: string, form: Form, how?: { offline: boolean }): Promise<Document | undefined>;
  /** @throws PIPL_UPSTREAM PIPL_UPSTREAM_TOO_BIG */
  download(url: string): Promise<Uint8Array>;
}

const freshFor = 5 * 60_000;
/** Milliseconds for all of an answer; fewer when an older one can be served instead. */
const patience = { nothingKept: 60_000, kept: 8_000, tarball: 300_000, afterFailure: 30_000 };
const mostFailing = 10_000;
const largestTarball = 256 * 1024 * 1024;
/** Old packages may have capitals; anything else would be a path, not a name. */
const askable = /^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*$/;
const accepts: Record<Form, string> = {
  full: 'application/json',
  short: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8',
};

/** What is kept, or has just come. A small one was read, and is whole. */
export type Document =
  | { readonly is: 'whole'; readonly packument: Packument }
  | { readonly is: 'big'; readonly kept: KeptDocument };

/** undefined: nothing whole is kept. */
async function readKeptOf(file: string): Promise<{ kept: KeptDocument; document: Document } | undefined> {
  try {
    const kept = await readKept(file);
    return kept === undefined ? undefined : { kept, document: await documentOf(kept) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const documentOf = async (kept: KeptDocument): Promise<Document> =>
  kept.isBig ? { is: 'big', kept } : { is: 'whole', packument: await wholeOf(kept) };

/** As objects: of a big one not all of each version, see {@link wholeOf}. */
export const packumentIn = async (document: Document): Promise<Packument> =>
  document.is === 'whole' ? document.packument : wholeOf(document.kept);

const notReadable = (address: string, error: unknown) => {
  const isAnswer = error instanceof SyntaxError || (error as PiplError).code === 'PIPL_BODY';
  return isAnswer ? noAnswer(address, 'It did not answer with JSON that can be read.', error) : error;
};

export interface UpstreamOptions extends LineOptions {
  /** of the kept documents of this one upstream */
  readonly folder: string;
  readonly now: () => Date;
  /** bytes that a document may have, unpacked; default {@link largestDocument} */
  readonly largest?: number | undefined;
}

export function openUpstream(options: UpstreamOptions): Upstream {
  const { url, near, reachable, folder, now, largest = largestDocument } = options;
  const base = url.replace(/\/+$/, '');
  const line = openLine({ url: base, near, reachable });
  const underWay = new Map<string, Promise<Document | undefined>>();

  const fileOf = (name: string, form: Form) => join(folder, form, `${encodeURIComponent(name)}.lines`);

  /** Names that upstream lately failed to give, and when to ask again: nobody waits for the same twice. */
  const failing = new Map<string, { readonly until: number; readonly error: unknown }>();
  const failed = (key: string, error: unknown) => {
    if (failing.size >= mostFailing) failing.clear();
    failing.set(key, { until: now().getTime() + patience.afterFailure, error });
  };

  const ask = async (
    { address, file, form }: { address: string; file: string; form: Form },
    known: { kept: KeptDocument; document: Document } | undefined,
  ): Promise<Document | undefined> => {
    const etag = known?.kept.etag ?? null;
    const answer = await line.ask(address, {
      headers: { accept: accepts[form], ...(etag === null ? {} : { 'if-none-match': etag }) },
      patience: known === undefined ? patience.nothingKept : patience.kept,
      largest,
    });
    const at = now().getTime();
    if (answer.status === 200) {
      const kept = await keepDocument(file, { chunks: answer.body, etag: answer.etag, at });
      return documentOf(kept);
    }
    answer.discard();
    if (answer.status === 404) return undefined;
    if (answer.status !== 304 || known === undefined)
      throw noAnswer(address, `It answered ${answer.status}.`);
    await touch(file, at);
    return known.document;
  };

  const fetched = async (name: string, form: Form): Promise<Document | undefined> => {
    const file = fileOf(name, form);
    const known = await readKeptOf(file);
    if (known !== undefined && now().getTime() - known.kept.at < freshFor) return known.document;
    const key = `${form} ${name}`;
    const failure = failing.get(key);
    if (failure !== undefined && now().getTime() < failure.until) {
      if (known !== undefined) return known.document;
      throw failure.error;
    }
    const address = `${base}/${name.replace('/', '%2f')}`;
    try {
      return await ask({ address, file, form }, known);
    } catch (thrown) {
      const error = notReadable(address, thrown);
      // What is away may be back in a moment; what is too big is not smaller then.
      if (known !== undefined || (error as PiplError).code === 'PIPL_UPSTREAM_TOO_BIG') failed(key, error);
      if (known !== undefined) return known.document;
      throw error;
    }
  };

  return {
    async document(name, form, { offline } = { offline: false }) {
      if (!askable.test(name)) return undefined;
      if (offline) return (await readKeptOf(fileOf(name, form)))?.document;
      const key = `${form} ${name}`;
      const running = underWay.get(key);
      if (running !== undefined) return running;
      const started = fetched(name, form).finally(() => underWay.delete(key));
      underWay.set(key, started);
      return started;
    },
    async download(address) {
      const how = { headers: {}, patience: patience.tarball, largest: largestTarball };
      const { status, body, discard } = await line.ask(address, how);
      if (status === 200) return Buffer.concat(await Array.fromAsync(body));
      discard();
      throw noAnswer(address, `It answered ${status}.`);
    },
  };
}
