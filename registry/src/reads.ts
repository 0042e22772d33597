/**
 * What an index shows of a name: its own rows and those of its bases, or, when none of them owns the name,
 * what a mirror among them has. An owned name is never asked upstream, not even for a version it lacks.
 */
import { join } from 'node:path';
import { piplError, type IndexName } from '@pipl/packl';
import { integrityMatches, integrityOf, shasumOf, type IndexView } from '@pipl/registry-client';
import { indexIn, lineage, readIndexes } from './indexes.ts';
import { packumentOf, versionInFile, type Packument } from './packument.ts';
import { derivedLatest, nearestRows, nearestTags, readRows, readTags } from './rows.ts';
import type { Store } from './store.ts';
import { openUpstream, type Form, type Upstream } from './upstream.ts';

export interface Tarball {
  /** of a file that will not change */
  readonly path: string;
}

export interface Reads {
  /** undefined: nobody has it. @throws PIPL_NO_INDEX PIPL_UPSTREAM */
  packument(index: IndexName, name: string, form: Form): Promise<Packument | undefined>;
  tarball(index: IndexName, name: string, file: string): Promise<Tarball | undefined>;
  /** The names an index and its bases own, mirrors left out. */
  names(index: IndexName): Promise<string[]>;
}

interface Dist {
  readonly tarball?: string;
  readonly integrity?: string;
  readonly shasum?: string;
}

const distOf = (document: Packument, version: string | undefined): Dist =>
  (version === undefined ? {} : (document.versions[version]?.['dist'] ?? {})) as Dist;

/** Upstream's name for a tarball need not follow npm's custom. */
function distNamed(document: Packument, name: string, file: string): Dist | undefined {
  const isIt = ({ tarball }: Dist) => tarball?.split(/[?#]/)[0]?.endsWith(`/${file}`) === true;
  const likely = distOf(document, versionInFile(name, file));
  if (isIt(likely)) return likely;
  return Object.keys(document.versions)
    .map((version) => distOf(document, version))
    .find(isIt);
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

export function openReads(store: Store, cacheFolder: string): Reads {
  const { db, blobs } = store;
  const upstreams = new Map<string, Upstream>();
  const underWay = new Map<string, Promise<Tarball | undefined>>();

  const upstreamOf = ({ name, mirror = '' }: IndexView): Upstream => {
    const known = upstreams.get(name);
    if (known !== undefined) return known;
    const folder = join(cacheFolder, 'packuments', encodeURIComponent(name));
    const upstream = openUpstream({ url: mirror, folder, now: store.now });
    upstreams.set(name, upstream);
    return upstream;
  };

  const ordered = async (index: IndexName) => {
    const indexes = await readIndexes(db);
    return lineage(indexes, indexIn(indexes, index).name);
  };

  const kept = async (index: IndexView, name: string, file: string): Promise<Tarball | undefined> => {
    const row = await db
      .selectFrom('registry_mirrored')
      .select('integrity')
      .where('index_name', '=', index.name)
      .where('name', '=', name)
      .where('file', '=', file)
      .executeTakeFirst();
    if (row === undefined || !(await blobs.has(row.integrity))) return undefined;
    return { path: blobs.path(row.integrity) };
  };

  const mirrored = async (index: IndexView, name: string, file: string): Promise<Tarball | undefined> => {
    const there = await kept(index, name, file);
    if (there !== undefined) return there;
    const upstream = upstreamOf(index);
    const document = await upstream.packument(name, 'short');
    const dist = document === undefined ? undefined : distNamed(document, name, file);
    if (dist?.tarball === undefined) return undefined;
    const bytes = await upstream.download(dist.tarball);
    refuseOtherBytes(dist, bytes);
    const integrity = integrityOf(bytes);
    const hold = await blobs.hold(integrity, bytes);
    try {
      await db
        .insertInto('registry_mirrored')
        .values({ index_name: index.name, name, file, integrity })
        .onConflict((conflict) => conflict.columns(['index_name', 'name', 'file']).doUpdateSet({ integrity }))
        .execute();
    } finally {
      await hold.settle(() => Promise.resolve(true));
    }
    return { path: blobs.path(integrity) };
  };

  const once = (index: IndexView, name: string, file: string) => {
    const key = `${index.name} ${name} ${file}`;
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const started = mirrored(index, name, file).finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };

  const ownRows = async (order: readonly IndexView[], name: string) => {
    const own = order.filter(({ mirror }) => mirror === undefined);
    return nearestRows(own, await readRows(db, { indexes: own.map((index) => index.name), name }));
  };

  return {
    async packument(index, name, form) {
      const order = await ordered(index);
      const rows = await ownRows(order, name);
      if (rows.length > 0) {
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
      }
      for (const mirror of order.filter((one) => one.mirror !== undefined)) {
        const document = await upstreamOf(mirror).packument(name, form);
        if (document !== undefined) return document;
      }
      return undefined;
    },
    async tarball(index, name, file) {
      const order = await ordered(index);
      const rows = await ownRows(order, name);
      if (rows.length > 0) {
        const version = versionInFile(name, file);
        const row = rows.find((one) => one.version === version && one.withdrawn !== true);
        return row === undefined ? undefined : { path: blobs.path(row.integrity) };
      }
      for (const mirror of order.filter((one) => one.mirror !== undefined)) {
        const found = await once(mirror, name, file);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    async names(index) {
      const own = (await ordered(index)).filter(({ mirror }) => mirror === undefined).map(({ name }) => name);
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
