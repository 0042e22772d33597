/**
 * The asset store of a folder: files, folders and frame sequences by content.
 *
 * It keeps bytes and knows nothing of packls: who refers to them, and how long they stay, is for others to say.
 *
 * It promises
 *  1. content that was added survives kill -9 and power loss, whole or not at all;
 *  2. the same content is stored once, and its digest is the same on every machine;
 *  3. nothing is checked out that is missing or has the wrong size, and `verify` finds every other damage.
 */
import { readdir, stat } from 'node:fs/promises';
import { createReadStream, type ReadStream } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { AssetReference } from '@pipl/packl';
import { digestOf, openBlobs } from './blobs.ts';
import { checkoutOf, type CheckedOut, type CheckoutRequest } from './checkout.ts';
import { badReference, contentCorrupt, contentMissing, notStorable } from './failures.ts';
import { frameOf } from './frames.ts';
import { limit } from './limit.ts';
import { isDigest, renderTree, type TreeEntry } from './tree.ts';
import { type Opened, treeOf } from './read-tree.ts';

/** What an {@link AssetReference} says of content; `files` for folders and sequences, `frames` for sequences. */
export interface Stored {
  readonly digest: string;
  /** bytes, all files together */
  readonly size: number;
  readonly files?: number;
  /** ascending */
  readonly frames?: readonly number[];
}

export interface AssetStore {
  readonly root: string;
  /** @throws PIPL_ASSET_NOT_STORABLE */
  addFile(path: string): Promise<Stored>;
  /** All files below; empty folders are not kept. @throws PIPL_ASSET_NOT_STORABLE for links, devices, no file */
  addFolder(path: string): Promise<Stored>;
  /** Files of one folder, one for each frame, in any order. @throws PIPL_ASSET_NOT_STORABLE */
  addSequence(files: readonly string[]): Promise<Stored>;
  has(digest: string): Promise<boolean>;
  /** Puts content below a folder. @throws PIPL_ASSET_MISSING, PIPL_ASSET_CORRUPT, PIPL_ASSET_IN_THE_WAY */
  checkout(request: CheckoutRequest): Promise<CheckedOut>;
  /** Reads everything again, for a folder or sequence its files too. @throws PIPL_ASSET_MISSING, PIPL_ASSET_CORRUPT */
  verify(what: string | Pick<AssetReference, 'digest' | 'kind'>): Promise<void>;
  /** The bytes stored under a digest: of a file, or of the manifest of a folder. @throws PIPL_ASSET_MISSING */
  read(digest: string): Promise<ReadStream>;
  /** Everything stored: files and manifests. */
  digests(): AsyncIterable<string>;
}

/** One fsync costs 0.25-0.5 ms sixteen at a time, several times that one by one. */
const atOnce = 16;

/** @param root a folder; made when the first content arrives */
export function openStore(root: string): AssetStore {
  const store = { root: resolve(root), blobs: openBlobs(resolve(root)), limited: limit(atOnce) };
  const { blobs, limited } = store;

  return {
    root: store.root,
    addFile: (path) => limited(() => blobs.addFile(path)),
    async addFolder(path) {
      const names = await filesBelow(path, '');
      if (names.length === 0) throw notStorable(path, 'The folder has no file.');
      return addTree(store, new Map(names.map((name) => [name, join(path, name)])));
    },
    async addSequence(files) {
      const frames = framesOf(files);
      const stored = await addTree(store, new Map(files.map((file) => [basename(file), file])));
      return { ...stored, frames };
    },
    has: async (digest) => (await blobs.size(checked(digest))) !== undefined,
    checkout: (request) => checkoutOf(store, request),
    async verify(what) {
      const { digest, kind } = typeof what === 'string' ? { digest: what, kind: 'file' as const } : what;
      await verifyBlob(store, checked(digest));
      if (kind === 'file') return;
      await verifyTree(store, digest);
    },
    async read(digest) {
      if ((await blobs.size(checked(digest))) === undefined) throw contentMissing(digest, store.root);
      return createReadStream(blobs.path(digest));
    },
    digests: () => blobs.digests(),
  };
}

async function addTree({ blobs, limited }: Opened, files: ReadonlyMap<string, string>): Promise<Stored> {
  const entries = await Promise.all(
    [...files].map(([path, file]) =>
      limited(async (): Promise<TreeEntry> => {
        const { digest, size } = await blobs.addFile(file);
        return { path, executable: ((await stat(file)).mode & 0o111) !== 0, size, digest };
      }),
    ),
  );
  // After its files: a manifest in the store means that everything it names is there.
  const { digest } = await limited(() => blobs.addText(renderTree(entries)));
  return { digest, size: entries.reduce((sum, { size }) => sum + size, 0), files: entries.length };
}

/** Paths relative to the folder. @throws PIPL_ASSET_NOT_STORABLE for links, devices, odd names */
export async function filesBelow(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
    throw notStorable(folder, `It cannot be read as a folder: ${String(error)}.`);
  });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(folder, path);
      if (!entry.isFile())
        throw notStorable(join(folder, path), 'A folder asset holds files only, no links or devices.');
      if (entry.name.includes('\\'))
        throw notStorable(join(folder, path), 'A name may not contain a backslash.');
      return [path];
    }),
  );
  return found.flat();
}

function framesOf(files: readonly string[]): number[] {
  const [first] = files;
  if (first === undefined)
    throw notStorable('A sequence without files', 'A sequence has at least one frame.');
  const frames = new Map<number, string>();
  for (const file of files) {
    const frame = frameOf(basename(file));
    if (frame === undefined) throw notStorable(file, 'Its name has no frame number before the extension.');
    const other = frames.get(frame);
    if (other !== undefined) throw notStorable(file, `${basename(other)} is frame ${frame} too.`);
    frames.set(frame, file);
  }
  return [...frames.keys()].toSorted((a, b) => a - b);
}

async function verifyBlob({ root, blobs, limited }: Opened, digest: string): Promise<void> {
  await limited(async () => {
    if ((await blobs.size(digest)) === undefined) throw contentMissing(digest, root);
    const found = await digestOf(blobs.path(digest));
    if (found.digest !== digest) throw contentCorrupt(digest, [`its bytes are those of ${found.digest}`]);
  });
}

async function verifyTree(store: Opened, digest: string): Promise<void> {
  const problems = await Promise.all(
    (await treeOf(store, digest)).map(async (entry) => {
      if ((await store.blobs.size(entry.digest)) === undefined)
        return [`${entry.path}: ${entry.digest} is missing`];
      const { digest: found } = await store.limited(() => digestOf(store.blobs.path(entry.digest)));
      return found === entry.digest ? [] : [`${entry.path}: the bytes are those of ${found}`];
    }),
  );
  if (problems.flat().length > 0) throw contentCorrupt(digest, problems.flat());
}

function checked(digest: string): string {
  if (isDigest(digest)) return digest;
  throw badReference(
    `${JSON.stringify(digest)} is not a digest.`,
    'A digest is sha256: and 64 hexadecimal digits.',
  );
}
