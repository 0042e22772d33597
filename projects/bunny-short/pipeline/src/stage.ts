/**
 * The stage: the placed model and a floor, and what a ray meets there. Rays against the model go through a bounding
 * volume hierarchy (three-mesh-bvh), those against the floor are arithmetic.
 */
import { BufferAttribute, BufferGeometry, DoubleSide, Ray } from 'three';
import { MeshBVH } from 'three-mesh-bvh';
import type { Mesh } from './mesh.ts';
import type { Triple } from './numbers.ts';
import type { Placement } from './shot.ts';

export const nothing = 0;
export const floor = 1;
export const model = 2;

/** What a ray meets first. One object is written again and again: rays are many. */
export interface Hit {
  what: typeof nothing | typeof floor | typeof model;
  distance: number;
  x: number;
  y: number;
  z: number;
  /** of the model: three vertices and their weights */
  a: number;
  b: number;
  c: number;
  wa: number;
  wb: number;
  wc: number;
}

export interface Stage {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  readonly colors: Float32Array;
  /** @param far longest distance that counts */
  meets(origin: Triple, direction: Triple, far?: number): boolean;
  /** @param hit written to */
  trace(origin: Triple, direction: Triple, hit: Hit): void;
}

export const noHit = (): Hit => ({
  what: nothing,
  distance: 0,
  x: 0,
  y: 0,
  z: 0,
  a: 0,
  b: 0,
  c: 0,
  wa: 0,
  wb: 0,
  wc: 0,
});

export function stageOf(mesh: Mesh, { scale, offset }: Placement): Stage {
  const positions = mesh.positions.map((value, at) => value * scale + offset[at % 3]!);
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(positions, 3));
  geometry.setIndex(new BufferAttribute(mesh.indices.slice(), 1));
  const tree = new MeshBVH(geometry, { maxLeafSize: 4 });
  const indices = geometry.index!.array;
  geometry.computeBoundingSphere();
  const { center, radius } = geometry.boundingSphere!;
  const ray = new Ray();

  // Most shadow and sky rays pass by: a sphere tells so faster than the tree.
  const passesBy = (): boolean => {
    const [x, y, z] = [center.x - ray.origin.x, center.y - ray.origin.y, center.z - ray.origin.z];
    const along = x * ray.direction.x + y * ray.direction.y + z * ray.direction.z;
    const away = x * x + y * y + z * z - radius * radius;
    return away > 0 && (along < 0 || away > along * along);
  };

  return {
    positions,
    normals: mesh.normals,
    colors: mesh.colors,
    meets(origin, direction, far = Infinity) {
      ray.origin.set(...origin);
      ray.direction.set(...direction);
      return !passesBy() && tree.raycastFirst(ray, DoubleSide, 0, far) !== null;
    },
    trace(origin, direction, hit) {
      ray.origin.set(...origin);
      ray.direction.set(...direction);
      const toFloor = direction[1] < 0 ? -origin[1] / direction[1] : Infinity;
      const met = passesBy() ? null : tree.raycastFirst(ray, DoubleSide, 0, toFloor);
      hit.what = met ? model : toFloor < Infinity ? floor : nothing;
      hit.distance = met ? met.distance : toFloor;
      hit.x = origin[0] + direction[0] * hit.distance;
      hit.y = met ? origin[1] + direction[1] * hit.distance : 0;
      hit.z = origin[2] + direction[2] * hit.distance;
      if (met) weigh(hit, positions, indices, met.faceIndex!);
    },
  };
}

/** Weights of the vertices of a triangle at the point of the hit. */
function weigh(hit: Hit, positions: Float32Array, indices: ArrayLike<number>, face: number): void {
  const [a, b, c] = [indices[face * 3]! * 3, indices[face * 3 + 1]! * 3, indices[face * 3 + 2]! * 3];
  const [ux, uy, uz] = [
    positions[b]! - positions[a]!,
    positions[b + 1]! - positions[a + 1]!,
    positions[b + 2]! - positions[a + 2]!,
  ];
  const [vx, vy, vz] = [
    positions[c]! - positions[a]!,
    positions[c + 1]! - positions[a + 1]!,
    positions[c + 2]! - positions[a + 2]!,
  ];
  const [px, py, pz] = [hit.x - positions[a]!, hit.y - positions[a + 1]!, hit.z - positions[a + 2]!];
  const [uu, uv, vv] = [
    ux * ux + uy * uy + uz * uz,
    ux * vx + uy * vy + uz * vz,
    vx * vx + vy * vy + vz * vz,
  ];
  const [pu, pv] = [px * ux + py * uy + pz * uz, px * vx + py * vy + pz * vz];
  const area = uu * vv - uv * uv || 1;
  hit.wb = (vv * pu - uv * pv) / area;
  hit.wc = (uu * pv - uv * pu) / area;
  hit.wa = 1 - hit.wb - hit.wc;
  [hit.a, hit.b, hit.c] = [a, b, c];
}
