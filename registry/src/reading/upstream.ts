/**
 * The npm registry behind a mirror: its documents and tarballs, kept so that a second ask needs no network.
 *
 * Documents are fresh for a while and then asked for again with their ETag; when upstream cannot be reached
 * the kept one is served, however old. The files are a cache: losing them costs a download. Whether a name may
 * be asked upstream at all is not decided here.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lazyPackument, proveWhole } from './lazy-packument.ts';
import type { Packument } from './packument.ts';
import { noAnswer, openLine, type LineOptions } from './upstream-line.ts';

/** What clients ask for: everything, or what an installation needs (npm's install-v1 form, much smaller). */
export type Form = 'full' | 'short';

export interface Upstream {
  /**
   * undefined: upstream says there is no such packl; with `offline`, that none was kept: then nothing is asked.
   * @throws PIPL_UPSTREAM when there is no answer, kept or new
   */
  packument(name: string, form: Form, how?: { offline: boolean }): Promise<Packument | undefined>;
  /** @throws PIPL_UPSTREAM */
  download(url: string): Promise<Uint8Array>;
}

const freshFor = 5 * 60_000;
/** Milliseconds for all of an answer; fewer when an older one can be served instead. */
const patience = { nothingKept: 60_000, kept: 8_000, tarball: 300_000 };
/** Bytes, as they come from the network and as they are. */
const largest = { document: 64 * 1024 * 1024, plain: 128 * 1024 * 1024, tarball: 256 * 1024 * 1024 };
/** Old packages may have capitals; anything else would be a path, not a name. */
const askable = /^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*$/;
const accepts: Record<Form, string> = {
  full: 'application/json',
  short: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8',
};

interface Kept {
  readonly etag: string | null;
  /** milliseconds since 1970 */
  readonly at: number;
  readonly bytes: Buffer;
}

/** First line: when and under which ETag; then the document as it came. */
async function readKept(file: string): Promise<Kept | undefined> {
  let content: Buffer;
  try {
    content = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const end = content.indexOf('\n');
  const { etag = null, at = 0 } = JSON.parse(content.toString('utf8', 0, end)) as Partial<Kept>;
  return { etag, at, bytes: content.subarray(end + 1) };
}

/** A power loss may leave half of a file that was not fsynced: then it is as if it had never been kept. */
async function readWhole(file: string): Promise<{ kept: Kept; document: Packument } | undefined> {
  try {
    const kept = await readKept(file);
    return kept === undefined ? undefined : { kept, document: lazyPackument(kept.bytes) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function keep(file: string, { etag, at, bytes }: Kept): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temp = `${file}.${randomUUID()}`;
  await writeFile(temp, [`${JSON.stringify({ etag, at })}\n`, bytes]);
  await rename(temp, file);
}

/** What is too deep to be written again, or is no JSON, is refused before it is kept. @throws PIPL_UPSTREAM */
function documentIn(bytes: Buffer, address: string): Packument {
  try {
    const document = lazyPackument(bytes);
    proveWhole(document);
    return document;
  } catch (error) {
    throw noAnswer(address, 'It did not answer with JSON that can be read.', error);
  }
}

export interface UpstreamOptions extends LineOptions {
  /** of the kept documents of this one upstream */
  readonly folder: string;
  readonly now: () => Date;
}

export function openUpstream({ url, near, reachable, folder, now }: UpstreamOptions): Upstream {
  const base = url.replace(/\/+$/, '');
  const line = openLine({ url: base, near, reachable });
  const underWay = new Map<string, Promise<Packument | undefined>>();

  const fileOf = (name: string, form: Form) => join(folder, form, `${encodeURIComponent(name)}.json`);

  const fetched = async (name: string, form: Form): Promise<Packument | undefined> => {
    const file = fileOf(name, form);
    const known = await readWhole(file);
    if (known !== undefined && now().getTime() - known.kept.at < freshFor) return known.document;
    const address = `${base}/${name.replace('/', '%2f')}`;
    try {
      const etag = known?.kept.etag ?? null;
      const headers = { accept: accepts[form], ...(etag === null ? {} : { 'if-none-match': etag }) };
      const {
        status,
        etag: newEtag,
        body,
      } = await line.ask(address, {
        headers,
        patience: known === undefined ? patience.nothingKept : patience.kept,
        largest: largest.document,
        plain: largest.plain,
      });
      if (status === 404) return undefined;
      const unchanged = status === 304 && known !== undefined;
      if (status !== 200 && !unchanged) throw noAnswer(address, `It answered ${status}.`);
      const bytes = unchanged ? known.kept.bytes : Buffer.from(body.buffer, body.byteOffset, body.length);
      const document = unchanged ? known.document : documentIn(bytes, address);
      await keep(file, { etag: unchanged ? etag : newEtag, at: now().getTime(), bytes });
      return document;
    } catch (error) {
      if (known !== undefined) return known.document;
      throw error;
    }
  };

  return {
    async packument(name, form, { offline } = { offline: false }) {
      if (!askable.test(name)) return undefined;
      if (offline) return (await readWhole(fileOf(name, form)))?.document;
      const key = `${form} ${name}`;
      const running = underWay.get(key);
      if (running !== undefined) return running;
      const started = fetched(name, form).finally(() => underWay.delete(key));
      underWay.set(key, started);
      return started;
    },
    async download(address) {
      const { tarball } = largest;
      const how = { headers: {}, patience: patience.tarball, largest: tarball, plain: tarball };
      const { status, body } = await line.ask(address, how);
      if (status !== 200) throw noAnswer(address, `It answered ${status}.`);
      return body;
    },
  };
}
