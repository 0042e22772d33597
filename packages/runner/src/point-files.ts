/** The files of points: told by the digest of their folder, and put in place where they are known. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { contentDigestOf, frameOf, parseTree, type AssetStore, type TreeEntry } from '@pipl/assets';
import type { KnownPoint } from '@pipl/registry-client';
import type { PointsDescription } from './template.ts';

interface Place {
  readonly store: Pick<AssetStore, 'has' | 'checkout'>;
  /** folder of all outputs */
  readonly dir: string;
}

/** The files of a folder or sequence. Undefined where the store does not have it. */
export async function treeFiles(
  store: Pick<AssetStore, 'has' | 'read'>,
  digest: string,
): Promise<readonly TreeEntry[] | undefined> {
  if (!(await store.has(digest))) return undefined;
  return parseTree(await text(await store.read(digest)), digest);
}

/** Number → the point, for those whose files are all in place now. */
export async function placeKnown(
  { store, dir }: Place,
  { points, keys }: { readonly points: PointsDescription; readonly keys: ReadonlyMap<number, string> },
  known: ReadonlyMap<string, KnownPoint>,
): Promise<Map<number, KnownPoint>> {
  const placed = new Map<number, KnownPoint>();
  for (const [number, key] of keys) {
    const point = known.get(key);
    if (point === undefined || !isWhole(point, points, number)) continue;
    const there = await Promise.all(point.outputs.map(({ digest }) => store.has(digest)));
    if (!there.every(Boolean)) continue;
    if (await placePoint({ store, dir }, point)) placed.set(number, point);
  }
  return placed;
}

/** False when the store has something else than it should: then nothing is in place, and the point runs. */
async function placePoint({ store, dir }: Place, { outputs }: KnownPoint): Promise<boolean> {
  const placed: string[] = [];
  for (const { slot, asset, name, digest, size } of outputs) {
    // A copy that may be written, as if the action had made it: a link would let a later step change the store.
    const { path } = await store.checkout({
      reference: { type: '', kind: 'file', basename: name, digest, size },
      to: join(dir, slot, asset),
      mode: 'edit',
    });
    placed.push(path);
    if ((await contentDigestOf(path)).digest === digest) continue;
    await Promise.all(placed.map((file) => rm(file, { force: true })));
    return false;
  }
  return true;
}

const isWhole = ({ outputs }: KnownPoint, { makes }: PointsDescription, number: number): boolean =>
  outputs.length === makes.length &&
  makes.every(({ slot, asset }) =>
    outputs.some((one) => one.slot === slot && one.asset === asset && frameOf(one.name) === number),
  );
