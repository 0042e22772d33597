/**
 * Puts stored content where a run or a person wants it.
 *
 * A hardlink costs nothing and shares the stored file, which is read-only; on another device, or when a file has
 * too many links, it becomes a copy. `edit` is a copy that may be written. What a failed checkout has placed is
 * removed. Sizes are compared here; reading every byte again is what `verify` is for.
 */
import { constants, linkSync, mkdirSync, statSync, type Stats } from 'node:fs';
import { chmod, copyFile, link, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { AssetReference } from '@pipl/packl';
import { badReference, contentCorrupt, contentMissing, inTheWay, systemCode } from './failures.ts';
import { frameOf } from './frames.ts';
import { type Opened, treeOf } from './read-tree.ts';
import { isDigest, isSafeName, type TreeEntry } from './tree.ts';

/** `edit` is a writable copy; `reflink` is a copy where the file system cannot do better. */
export type CheckoutMode = 'hardlink' | 'copy' | 'reflink' | 'symlink' | 'edit';

export interface CheckoutRequest {
  readonly reference: AssetReference;
  /** folder that receives `reference.basename`; made when missing */
  readonly to: string;
  /** default `hardlink` */
  readonly mode?: CheckoutMode;
}

/** An asset on disk, as actions and people see it. */
export interface CheckedOut {
  readonly kind: AssetReference['kind'];
  readonly type: string;
  /** the file, or the folder of a folder or sequence */
  readonly path: string;
  /** folder that holds the file or the frames */
  readonly dir: string;
  /** sequences: ascending */
  readonly frames?: readonly number[];
  /** sequences: frame → file */
  readonly files?: Readonly<Record<number, string>>;
}

export async function checkoutOf(
  store: Opened,
  { reference, to, mode = 'hardlink' }: CheckoutRequest,
): Promise<CheckedOut> {
  const { kind, type, basename, digest, size } = reference;
  if (!isDigest(digest))
    throw badReference(`${digest} is not a digest.`, 'A digest is sha256: and 64 hexadecimal digits.');
  if (!isSafeName(basename))
    throw badReference(`${basename} is not a file name.`, 'It would lead out of the checkout.');
  const path = resolve(to, basename);
  if (kind === 'file') {
    const only = { path: '', executable: false, size, digest };
    if (mode === 'hardlink' && linkedNow(store, only, path)) return { kind, type, path, dir: dirname(path) };
    await placeAll(store, { path, mode, entries: [only] });
    return { kind, type, path, dir: dirname(path) };
  }
  await mkdir(to, { recursive: true });
  const entries = await treeOf(store, digest);
  await mkdir(path).catch((error: unknown) => {
    throw systemCode(error) === 'EEXIST' ? inTheWay(path) : error;
  });
  await placeAll(store, { path, mode, entries });
  return kind === 'folder'
    ? { kind, type, path, dir: path }
    : { kind, type, path, dir: path, ...framesIn(path, entries) };
}

function framesIn(folder: string, entries: readonly TreeEntry[]): Pick<CheckedOut, 'frames' | 'files'> {
  const files = entries
    .map(({ path }) => [frameOf(path), join(folder, path)] as const)
    .filter((entry): entry is [number, string] => entry[0] !== undefined)
    .toSorted(([a], [b]) => a - b);
  return { frames: files.map(([frame]) => frame), files: Object.fromEntries(files) };
}

interface Placement {
  readonly path: string;
  readonly mode: CheckoutMode;
  readonly entries: readonly TreeEntry[];
}

async function placeAll(store: Opened, { path, mode, entries }: Placement): Promise<void> {
  const folders = new Set(entries.map((entry) => dirname(join(path, entry.path))));
  await Promise.all([...folders].map((folder) => mkdir(folder, { recursive: true })));
  const placed = await Promise.allSettled(
    entries.map((entry) =>
      store.limited(() => place(store, { entry, target: join(path, entry.path), mode })),
    ),
  );
  const failed = placed.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  const reason: unknown = failed.reason;
  const existed = systemCode(reason) === 'EEXIST';
  if (!existed) await rm(path, { recursive: true, force: true });
  throw existed ? inTheWay(path) : reason;
}

async function place(
  { root, blobs }: Opened,
  { entry, target, mode }: { entry: TreeEntry; target: string; mode: CheckoutMode },
): Promise<void> {
  const { digest, executable } = entry;
  const source = blobs.path(digest);
  const found = await stat(source).catch((error: unknown) => {
    throw systemCode(error) === 'ENOENT' ? contentMissing(digest, root) : error;
  });
  refuseOtherSize(found, entry);
  // A link has the mode of the stored file, which is shared: what must be executable is copied.
  if (mode === 'symlink' && !executable) return symlink(source, target);
  if (mode === 'hardlink' && !executable && (await linked(source, target))) return;
  await copyFile(
    source,
    target,
    constants.COPYFILE_EXCL | (mode === 'copy' ? 0 : constants.COPYFILE_FICLONE),
  );
  await chmod(target, (mode === 'edit' ? 0o644 : 0o444) | (executable ? 0o111 : 0));
}

function refuseOtherSize(found: Stats, { digest, size }: TreeEntry): void {
  if (found.size !== size) throw contentCorrupt(digest, [`it has ${found.size} bytes instead of ${size}`]);
}

/** One file, without a trip to another thread for each step: those take longer than the link. False: not by a link. */
function linkedNow({ root, blobs }: Opened, entry: TreeEntry, target: string): boolean {
  const source = blobs.path(entry.digest);
  const found = statSync(source, { throwIfNoEntry: false });
  mkdirSync(dirname(target), { recursive: true });
  if (found === undefined) throw contentMissing(entry.digest, root);
  refuseOtherSize(found, entry);
  try {
    linkSync(source, target);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'EEXIST') throw inTheWay(target);
    if (linkRefused.has(code)) return false;
    throw error;
  }
}

const linkRefused = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

async function linked(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    if (linkRefused.has(systemCode(error) ?? '')) return false;
    throw error;
  }
}
