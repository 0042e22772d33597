/**
 * Renders one frame: one ray for each pixel, soft shadows from light samples shared between neighbours, and four
 * more rays where the picture has edges. The same shot, model and size give the same bytes.
 */
import { Quaternion, Vector3 } from 'three';
import { clamp, type Triple } from './numbers.ts';
import type { ShotKey } from './shot.ts';
import { type Hit, model, noHit, nothing } from './stage.ts';
import { colorAt, type Lighting, liftedFrom, normalAt } from './surface.ts';

export interface View {
  readonly width: number;
  readonly height: number;
  /** vertical, degrees */
  readonly fieldOfView: number;
}

/** Light samples of a pixel; three by three neighbours have others, and share. */
const samples = 4;
const spread = 3;
/** inside a pixel, where it is looked at again */
const again = [
  [-0.125, -0.375],
  [0.375, -0.125],
  [-0.375, 0.125],
  [0.125, 0.375],
] as const;

type Rays = (x: number, y: number) => Triple;

/** @returns red, green, blue of each pixel, 0..255, rows from the top */
export function renderFrame(lighting: Lighting, key: ShotKey, view: View): Uint8Array {
  const { width, height } = view;
  const rays = raysOf(key, view);
  const hits = Array.from({ length: width * height }, (_, at) => {
    const hit = noHit();
    lighting.stage.trace(key.camera, rays((at % width) + 0.5, Math.floor(at / width) + 0.5), hit);
    return hit;
  });
  const shadows = softened(hits, shadowsOf(lighting, hits, width), width);
  const picture = new Float32Array(width * height * 3);
  for (let at = 0; at < hits.length; at += 1) {
    const direction = rays((at % width) + 0.5, Math.floor(at / width) + 0.5);
    picture.set(developed(colorAt(lighting, { hit: hits[at]!, direction, shadow: shadows[at]! })), at * 3);
  }
  const hit = noHit();
  for (const at of edgesOf(picture, hits, width)) {
    const sum = [0, 1, 2].map((axis) => picture[at * 3 + axis]!);
    for (const [dx, dy] of again) {
      const direction = rays((at % width) + 0.5 + dx, Math.floor(at / width) + 0.5 + dy);
      lighting.stage.trace(key.camera, direction, hit);
      const shadow = nearestShadow(hits, shadows, { at, width, what: hit.what });
      const color = developed(colorAt(lighting, { hit, direction, shadow }));
      for (let axis = 0; axis < 3; axis += 1) sum[axis]! += color[axis]!;
    }
    for (let axis = 0; axis < 3; axis += 1) picture[at * 3 + axis] = sum[axis]! / 5;
  }
  return Uint8Array.from(picture, (value) => Math.round(clamp(value) * 255));
}

function raysOf({ cameraTurn }: ShotKey, { width, height, fieldOfView }: View): Rays {
  const turn = new Quaternion(...cameraTurn);
  const half = Math.tan((fieldOfView * Math.PI) / 360);
  const ray = new Vector3();
  return (x, y) => {
    ray.set(((x / width) * 2 - 1) * half * (width / height), (1 - (y / height) * 2) * half, -1);
    ray.normalize().applyQuaternion(turn);
    return [ray.x, ray.y, ray.z];
  };
}

/** Part of the light that arrives at each pixel, by rays to some points of the light. */
function shadowsOf({ stage, light, mood }: Lighting, hits: readonly Hit[], width: number): Float32Array {
  const points = discAround(light, mood.softness);
  return Float32Array.from(hits, (hit, at) => {
    if (hit.what === nothing) return 1;
    const normal = normalAt(stage, hit);
    if (normal[0] * light[0] + normal[1] * light[1] + normal[2] * light[2] < -0.1) return 0;
    const origin = liftedFrom(stage, hit);
    const [column, row] = [at % width, Math.floor(at / width)];
    const offset = (column % spread) + (row % spread) * spread;
    let arrived = 0;
    for (let sample = 0; sample < samples; sample += 1) {
      if (!stage.meets(origin, points[offset + sample * spread * spread]!)) arrived += 1 / samples;
    }
    return arrived;
  });
}

/** Directions to points of a round light. Neighbours in the list are far apart in the disc. */
function discAround([x, y, z]: Triple, radius: number): Triple[] {
  const [side, up] = [new Vector3(z, 0, -x).normalize(), new Vector3()];
  up.crossVectors(new Vector3(x, y, z), side);
  const count = samples * spread * spread;
  return Array.from({ length: count }, (_, index) => {
    const order = (index * 13) % count;
    const [away, turn] = [Math.sqrt((order + 0.5) / count) * radius, order * 2.399963229728653];
    const to = new Vector3(x, y, z)
      .addScaledVector(side, Math.cos(turn) * away)
      .addScaledVector(up, Math.sin(turn) * away);
    to.normalize();
    return [to.x, to.y, to.z];
  });
}

/** The mean over three by three pixels of the same thing: together they have all light samples. */
function softened(hits: readonly Hit[], shadows: Float32Array, width: number): Float32Array {
  return shadows.map((own, at) => {
    const { what, distance } = hits[at]!;
    if (what === nothing) return own;
    let [sum, count] = [0, 0];
    for (const near of neighbours(at, width, hits.length)) {
      const other = hits[near]!;
      if (other.what !== what || Math.abs(other.distance - distance) > 0.06 * distance) continue;
      sum += shadows[near]!;
      count += 1;
    }
    return sum / count;
  });
}

/** A pixel and those around it. */
function* neighbours(at: number, width: number, count: number): Generator<number> {
  const column = at % width;
  for (let row = -1; row <= 1; row += 1) {
    for (let side = -1; side <= 1; side += 1) {
      const near = at + row * width + side;
      if (near >= 0 && near < count && column + side >= 0 && column + side < width) yield near;
    }
  }
}

function nearestShadow(
  hits: readonly Hit[],
  shadows: Float32Array,
  { at, width, what }: { at: number; width: number; what: Hit['what'] },
): number {
  if (hits[at]!.what === what) return shadows[at]!;
  for (const near of neighbours(at, width, hits.length)) if (hits[near]!.what === what) return shadows[near]!;
  return what === model ? 0.5 : 1;
}

function edgesOf(picture: Float32Array, hits: readonly Hit[], width: number): number[] {
  const differ = (a: number, b: number): boolean =>
    hits[a]!.what !== hits[b]!.what ||
    [0, 1, 2].some((axis) => Math.abs(picture[a * 3 + axis]! - picture[b * 3 + axis]!) > 0.07);
  const edges = new Set<number>();
  for (let at = 0; at < hits.length; at += 1) {
    const bottom = at + width;
    if (at % width < width - 1 && differ(at, at + 1)) edges.add(at).add(at + 1);
    if (bottom < hits.length && differ(at, bottom)) edges.add(at).add(bottom);
  }
  return [...edges];
}

/** From light to the screen: the shoulder of film, then sRGB. */
function developed(color: Triple): Triple {
  const at = (axis: 0 | 1 | 2): number => {
    const value = Math.max(0, color[axis]) * 0.72;
    const film = (value * (2.51 * value + 0.03)) / (value * (2.43 * value + 0.59) + 0.14);
    return clamp(film) ** (1 / 2.2);
  };
  return [at(0), at(1), at(2)];
}
