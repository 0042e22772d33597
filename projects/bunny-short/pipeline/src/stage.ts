/**
 * The stage: the placed model and a floor, and what a ray meets there. Rays against the model go through a
 * hierarchy of boxes, those against the floor are arithmetic.
 */
import type { Mesh } from './mesh.ts';
import type { Triple } from './numbers.ts';
import { rayTreeOf } from './ray-tree.ts';
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
  /** Whether the model is in the way, however far. */
  meets(origin: Triple, direction: Triple): boolean;
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

const anywhere = { far: Infinity, any: true };

export function stageOf(mesh: Mesh, { scale, offset }: Placement): Stage {
  const positions = mesh.positions.map((value, at) => value * scale + offset[at % 3]!);
  const tree = rayTreeOf(positions, mesh.indices);

  return {
    positions,
    normals: mesh.normals,
    colors: mesh.colors,
    meets: (origin, direction) => tree.meet(origin, direction, anywhere) >= 0,
    trace(origin, direction, hit) {
      const toFloor = direction[1] < 0 ? -origin[1] / direction[1] : Infinity;
      const triangle = tree.meet(origin, direction, { far: toFloor, any: false });
      const met = triangle >= 0;
      hit.what = met ? model : toFloor < Infinity ? floor : nothing;
      hit.distance = met ? tree.distance() : toFloor;
      hit.x = origin[0] + direction[0] * hit.distance;
      hit.y = met ? origin[1] + direction[1] * hit.distance : 0;
      hit.z = origin[2] + direction[2] * hit.distance;
      if (met) weigh(hit, positions, tree.indices, triangle);
    },
  };
}

/** Weights of the vertices of a triangle at the point of the hit. */
function weigh(hit: Hit, positions: Float32Array, indices: ArrayLike<number>, face: number): void {
  const a = indices[face * 3]! * 3;
  const b = indices[face * 3 + 1]! * 3;
  const c = indices[face * 3 + 2]! * 3;
  let [uu, uv, vv, pu, pv] = [0, 0, 0, 0, 0];
  for (let axis = 0; axis < 3; axis += 1) {
    const from = positions[a + axis]!;
    const u = positions[b + axis]! - from;
    const v = positions[c + axis]! - from;
    const p = (axis === 0 ? hit.x : axis === 1 ? hit.y : hit.z) - from;
    uu += u * u;
    uv += u * v;
    vv += v * v;
    pu += p * u;
    pv += p * v;
  }
  const area = uu * vv - uv * uv || 1;
  hit.wb = (vv * pu - uv * pv) / area;
  hit.wc = (uu * pv - uv * pu) / area;
  hit.wa = 1 - hit.wb - hit.wc;
  hit.a = a;
  hit.b = b;
  hit.c = c;
}
