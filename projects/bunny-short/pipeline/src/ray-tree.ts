/**
 * Rays against many triangles. three-mesh-bvh builds the hierarchy; it is walked here as one flat list, where each
 * box says where to go on when a ray misses it. That makes no objects, and most rays of a
 * frame pass by the model after a few boxes.
 */
import { BufferAttribute, BufferGeometry } from 'three';
import { MeshBVH } from 'three-mesh-bvh';
import type { Triple } from './numbers.ts';

export interface RayTree {
  /** three vertices of each triangle, in the order of the tree */
  readonly indices: ArrayLike<number>;
  /** Nearest triangle closer than `far`, or any when that is enough; -1 for none. */
  meet(origin: Triple, direction: Triple, options: { readonly far: number; readonly any: boolean }): number;
  /** of the triangle that `meet` found last */
  distance(): number;
}

interface Flat {
  /** lowest and highest corner of each box */
  readonly boxes: Float32Array;
  /** box to go on with after a miss */
  readonly after: Uint32Array;
  /** first triangle of a leaf, and how many; none for other boxes */
  readonly first: Uint32Array;
  readonly count: Uint32Array;
}

export function rayTreeOf(positions: Float32Array, triangles: Uint32Array): RayTree {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(positions, 3));
  geometry.setIndex(new BufferAttribute(triangles.slice(), 1));
  const { boxes, after, first, count } = flattened(new MeshBVH(geometry, { targetLeafSize: 3 }));
  const indices = geometry.index!.array;
  const corners = cornersOf(positions, indices);
  const boxCount = after.length;
  let nearest = 0;

  return {
    indices,
    distance: () => nearest,
    meet(origin, direction, { far, any }) {
      const ox = origin[0];
      const oy = origin[1];
      const oz = origin[2];
      const rx = 1 / direction[0];
      const ry = 1 / direction[1];
      const rz = 1 / direction[2];
      // Which corner comes first is the same for all boxes.
      const xNear = rx < 0 ? 3 : 0;
      const yNear = ry < 0 ? 4 : 1;
      const zNear = rz < 0 ? 5 : 2;
      let found = -1;
      nearest = far;
      for (let node = 0; node < boxCount;) {
        const box = node * 6;
        const enter = Math.max(
          (boxes[box + xNear]! - ox) * rx,
          (boxes[box + yNear]! - oy) * ry,
          (boxes[box + zNear]! - oz) * rz,
          0,
        );
        const leave = Math.min(
          (boxes[box + 3 - xNear]! - ox) * rx,
          (boxes[box + 5 - yNear]! - oy) * ry,
          (boxes[box + 7 - zNear]! - oz) * rz,
          nearest,
        );
        if (enter > leave) {
          node = after[node]!;
          continue;
        }
        const end = first[node]! + count[node]!;
        for (let triangle = first[node]!; triangle < end; triangle += 1) {
          const distance = distanceTo(corners, triangle * 9, origin, direction);
          if (distance >= nearest) continue;
          nearest = distance;
          found = triangle;
          if (any) return found;
        }
        node += 1;
      }
      return found;
    },
  };
}

/**
 * Möller and Trumbore's test, from both sides; Infinity for a miss. One name for each number: taking arrays apart
 * here doubles the time of a frame.
 */
function distanceTo(corners: Float32Array, at: number, origin: Triple, direction: Triple): number {
  const dx = direction[0];
  const dy = direction[1];
  const dz = direction[2];
  const ux = corners[at + 3]!;
  const uy = corners[at + 4]!;
  const uz = corners[at + 5]!;
  const vx = corners[at + 6]!;
  const vy = corners[at + 7]!;
  const vz = corners[at + 8]!;
  const px = dy * vz - dz * vy;
  const py = dz * vx - dx * vz;
  const pz = dx * vy - dy * vx;
  const scale = 1 / (ux * px + uy * py + uz * pz);
  const tx = origin[0] - corners[at]!;
  const ty = origin[1] - corners[at + 1]!;
  const tz = origin[2] - corners[at + 2]!;
  const b = (tx * px + ty * py + tz * pz) * scale;
  if (!(b >= 0 && b <= 1)) return Infinity;
  const qx = ty * uz - tz * uy;
  const qy = tz * ux - tx * uz;
  const qz = tx * uy - ty * ux;
  const c = (dx * qx + dy * qy + dz * qz) * scale;
  const distance = (vx * qx + vy * qy + vz * qz) * scale;
  return c < 0 || b + c > 1 || distance <= 0 ? Infinity : distance;
}

function flattened(tree: MeshBVH): Flat {
  const nodes: {
    readonly depth: number;
    readonly box: readonly number[];
    readonly first: number;
    readonly count: number;
  }[] = [];
  tree.traverse((depth, isLeaf, box, first, count) => {
    nodes.push({ depth, box: [...box], first: isLeaf ? first : 0, count: isLeaf ? count : 0 });
  });
  const after = new Uint32Array(nodes.length);
  for (let node = nodes.length - 1; node >= 0; node -= 1) {
    let next = node + 1;
    while (next < nodes.length && nodes[next]!.depth > nodes[node]!.depth) next = after[next]!;
    after[node] = next;
  }
  return {
    boxes: Float32Array.from(nodes.flatMap(({ box }) => box)),
    after,
    first: Uint32Array.from(nodes, ({ first }) => first),
    count: Uint32Array.from(nodes, ({ count }) => count),
  };
}

/** First corner of each triangle and the edges to the two others. */
function cornersOf(positions: Float32Array, indices: ArrayLike<number>): Float32Array {
  const corners = new Float32Array(indices.length * 3);
  for (let at = 0; at < indices.length; at += 3) {
    for (let axis = 0; axis < 3; axis += 1) {
      const [a, b, c] = [0, 1, 2].map((corner) => positions[indices[at + corner]! * 3 + axis]!) as [
        number,
        number,
        number,
      ];
      corners.set([a], at * 3 + axis);
      corners.set([b - a], at * 3 + 3 + axis);
      corners.set([c - a], at * 3 + 6 + axis);
    }
  }
  return corners;
}
