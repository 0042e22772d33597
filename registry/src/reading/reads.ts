/**
 * What an index shows of a name: its own rows and those of its bases, or, when none of them owns the name,
 * what a mirror among them has. An owned name is never asked upstream, not even for a version it lacks.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { piplError, type IndexName } from '@pipl/packl';
import { integrityMatches, integrityOf, shasumOf, type IndexView } from '@pipl/registry-client';
import { allows } from './allowed-names.ts';
import { alone, naming } from '../blobs/naming.ts';
import { lineage, readIndexes } from '../indexes/indexes.ts';
import { packumentOf, versionInFile, type Packument } from './packument.ts';
import { derivedLatest, nearestRows, nearestTags, readRows, readTags, type StoredRow } from './rows.ts';
import { reachableNow } from '../feed/reachable.ts';
import type { Store } from '../state/store.ts';
import type { Queries, Tables } from '../state/tables.ts';
import type { Version } from './kept-document.ts';
import { openUpstream, packumentIn, type Document, type Form, type Upstream } from './upstream.ts';

export interface Tarball {
  readonly integrity: string;
  /** where it stands */
  readonly index: IndexView;
}

/** An index and its bases as the asker may read them, nearest first: see `readableLineage`. */
export type Order = readonly IndexView[];

export interface Reads {
  /** undefined: nobody has it. @throws PIPL_UPSTREAM PIPL_UPSTREAM_TOO_BIG */
  document(order: Order, name: string, form: Form): Promise<Document | undefined>;
  /** The same as objects; of a big document of an upstream not all of each version. @throws like `document` */
  packument(order: Order, name: string, form: Form): Promise<Packument | undefined>;
  tarball(order: Order, name: string, file: string): Promise<Tarball | undefined>;
  /** The names an index and its bases own, mirrors left out. */
  names(order: Order): Promise<string[]>;
}

interface Dist {
  readonly tarball?: string;
  readonly integrity?: string;
  readonly shasum?: string;
}

const distOf = (version: Version | undefined): Dist => (version?.['dist'] ?? {}) as Dist;

/** Upstream's name for a tarball need not follow npm's custom. */
async function distNamed(document: Document, name: string, file: string): Promise<Dist | undefined> {
  const isIt = ({ tarball }: Dist) => tarball?.split(/[?#]/)[0]?.endsWith(`/${file}`) === true;
  const custom = versionInFile(name, file);
  if (document.is === 'whole') {
    const { versions } = document.packument;
    const likely = distOf(custom === undefined ? undefined : versions[custom]);
    return isIt(likely) ? likely : Object.values(versions).map(distOf).find(isIt);
  }
  await using opened = await document.kept.open();
  const likely = distOf(custom === undefined ? undefined : await opened.version(custom));
  if (isIt(likely)) return likely;
  for await (const { text } of opened.versions()) {
    const dist = distOf(JSON.parse(text) as Version);
    if (isIt(dist)) return dist;
  }
  return undefined;
}

function refuseOtherBytes(dist: Dist, bytes: Uint8Array): void {
  const strong = dist.integrity?.includes('sha512-') === true ? dist.integrity : undefined;
  const matches =
    strong === undefined
      ? dist.shasum !== undefined && shasumOf(bytes) === dist.shasum
      : integrityMatches(strong, bytes);
  if (matches) return;
  throw piplError('unreachable', 'PIPL_UPSTREAM_INTEGRITY', {
    what: `${dist.tarball ?? 'The tarball'} is not what upstream announced.`,
    why: `It should be ${strong ?? dist.shasum ?? 'hashed'} and is ${integrityOf(bytes)}.`,
    hint: 'It was not kept. Try again, then ask whoever runs the upstream registry.',
  });
}

const remember = (tx: Queries, fetched: Tables['registry_mirrored']) =>
  tx
    .insertInto('registry_mirrored')
    .values(fetched)
    .onConflict((conflict) =>
      conflict.columns(['index_name', 'name', 'file']).doUpdateSet({ integrity: fetched.integrity }),
    )
    .execute();

export function openReads(store: Store, cacheFolder: string): Reads {
  const { db, blobs } = store;
  const upstreams = new Map<string, Upstream>();
  const underWay = new Map<string, Promise<Tarball | undefined>>();

  const upstreamOf = ({ name, mirror = '', near = false, largestDocument }: IndexView): Upstream => {
    const key = `${name} ${mirror} ${largestDocument ?? ''}`;
    const known = upstreams.get(key);
    if (known !== undefined) return known;
    const folder = join(
      cacheFolder,
      'packuments',
      `${encodeURIComponent(name)}.${hash('sha256', mirror).slice(0, 16)}`,
    );
    const upstream = openUpstream({
      url: mirror,
      near,
      reachable: () => reachableNow(db),
      folder,
      now: store.now,
      largest: largestDocument,
    });
    upstreams.set(key, upstream);
    return upstream;
  };

  /**
   * Mirrors of the order that may be asked for a name that nobody in the order owns. An index elsewhere that
   * inherits from the mirror may own it: then nothing is asked upstream, and what was kept before is all there is.
   */
  const mirrorsFor = async (order: Order, name: string) => {
    const mirrors = order.filter((one) => one.mirror !== undefined && allows(one, name));
    if (mirrors.length === 0) return [];
    const owners = await db
      .selectFrom('registry_versions')
      .select('index_name')
      .distinct()
      .where('name', '=', name)
      .execute();
    const indexes = owners.length === 0 ? new Map<IndexName, IndexView>() : await readIndexes(db);
    const behind = new Set(
      owners.flatMap((owner) => lineage(indexes, owner.index_name)).map((one) => one.name),
    );
    return mirrors.map((mirror) => ({ mirror, offline: behind.has(mirror.name) }));
  };

  const kept = async (index: IndexView, name: string, file: string): Promise<Tarball | undefined> => {
    const row = await db
      .selectFrom('registry_mirrored')
      .select('integrity')
      .where('index_name', '=', index.name)
      .where('name', '=', name)
      .where('file', '=', file)
      .executeTakeFirst();
    if (row === undefined || (await blobs.stat(row.integrity)) === undefined) return undefined;
    return { integrity: row.integrity, index };
  };

  const mirrored = async (
    index: IndexView,
    { name, file, offline }: { name: string; file: string; offline: boolean },
  ): Promise<Tarball | undefined> => {
    const there = await kept(index, name, file);
    if (there !== undefined || offline) return there;
    const upstream = upstreamOf(index);
    const document = await upstream.document(name, 'short');
    const dist = document === undefined ? undefined : await distNamed(document, name, file);
    if (dist?.tarball === undefined) return undefined;
    const bytes = await upstream.download(dist.tarball);
    refuseOtherBytes(dist, bytes);
    const integrity = integrityOf(bytes);
    const hold = await blobs.hold(integrity, bytes);
    try {
      await naming(
        [hold],
        (tx) => remember(tx, { index_name: index.name, name, file, integrity }),
        alone(db),
      );
    } finally {
      await hold.settle(() => Promise.resolve(true));
    }
    return { integrity, index };
  };

  const once = (index: IndexView, asked: { name: string; file: string; offline: boolean }) => {
    const key = `${index.name} ${asked.name} ${asked.file} ${asked.offline}`;
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const started = mirrored(index, asked).finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };

  const ownRows = async (order: Order, name: string) => {
    const own = order.filter(({ mirror }) => mirror === undefined);
    return nearestRows(own, await readRows(db, { indexes: own.map((index) => index.name), name }));
  };

  const ownPackument = async (order: Order, name: string, rows: readonly StoredRow[]) => {
    const tags = nearestTags(order, await readTags(db, { indexes: order.map((one) => one.name), name }));
    const shown = derivedLatest(rows);
    const row = rows.find(({ version }) => version === shown);
    const readme =
      row === undefined
        ? undefined
        : await db
            .selectFrom('registry_versions')
            .select('readme')
            .where('index_name', '=', row.index)
            .where('name', '=', name)
            .where('version', '=', row.version)
            .executeTakeFirst();
    return packumentOf(name, { rows, tags, readme: readme?.readme ?? '' });
  };

  const documentFor = async (order: Order, name: string, form: Form): Promise<Document | undefined> => {
    const rows = await ownRows(order, name);
    if (rows.length > 0) {
      const packument = await ownPackument(order, name, rows);
      return packument === undefined ? undefined : { is: 'whole', packument };
    }
    for (const { mirror, offline } of await mirrorsFor(order, name)) {
      const document = await upstreamOf(mirror).document(name, form, { offline });
      if (document !== undefined) return document;
    }
    return undefined;
  };

  return {
    document: documentFor,
    async packument(order, name, form) {
      const document = await documentFor(order, name, form);
      return document === undefined ? undefined : packumentIn(document);
    },
    async tarball(order, name, file) {
      const rows = await ownRows(order, name);
      if (rows.length > 0) {
        const version = versionInFile(name, file);
        const row = rows.find((one) => one.version === version && one.withdrawn !== true);
        const index = order.find((one) => one.name === row?.index);
        if (row === undefined || index === undefined) return undefined;
        return { integrity: row.integrity, index };
      }
      for (const { mirror, offline } of await mirrorsFor(order, name)) {
        const found = await once(mirror, { name, file, offline });
        if (found !== undefined) return found;
      }
      return undefined;
    },
    async names(order) {
      const own = order.filter(({ mirror }) => mirror === undefined).map(({ name }) => name);
      if (own.length === 0) return [];
      const rows = await db
        .selectFrom('registry_versions')
        .select('name')
        .distinct()
        .where('index_name', 'in', own)
        .orderBy('name')
        .execute();
      return rows.map(({ name }) => name);
    },
  };
}
