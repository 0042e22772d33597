/**
 * Renders one frame: one ray for each pixel, soft shadows from light samples shared between neighbours, and four
 * more rays where the picture has edges. The same shot, model and size give the same bytes.
 */
import { Matrix4, Quaternion, Vector3 } from 'three';
import type { Triple } from './numbers.ts';
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
const samples = 2;
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
  const hits = hitsFor(width * height);
  for (let at = 0; at < hits.length; at += 1) {
    lighting.stage.trace(key.camera, rays((at % width) + 0.5, Math.floor(at / width) + 0.5), hits[at]!);
  }
  const shadows = softened(hits, shadowsOf(lighting, hits, width), width);
  const picture = new Float32Array(width * height * 3);
  for (let at = 0; at < hits.length; at += 1) {
    const direction = rays((at % width) + 0.5, Math.floor(at / width) + 0.5);
    const color = colorAt(lighting, { hit: hits[at]!, direction, shadow: shadows[at]! });
    for (let axis = 0; axis < 3; axis += 1) picture[at * 3 + axis] = developed(color[axis]!);
  }
  lookAgain({ lighting, key, rays, hits, shadows, width }, picture);
  const pixels = new Uint8Array(picture.length);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = Math.round(picture[at]! * 255);
  return pixels;
}

interface Looked {
  readonly lighting: Lighting;
  readonly key: ShotKey;
  readonly rays: Rays;
  readonly hits: readonly Hit[];
  readonly shadows: Float32Array;
  readonly width: number;
}

/** The mean of five rays where there are edges. */
function lookAgain({ lighting, key, rays, hits, shadows, width }: Looked, picture: Float32Array): void {
  const hit = noHit();
  const mean = new Float32Array(picture.length);
  const edges = edgesOf(picture, hits, width);
  for (const at of edges) {
    for (const [dx, dy] of again) {
      const direction = rays((at % width) + 0.5 + dx, Math.floor(at / width) + 0.5 + dy);
      lighting.stage.trace(key.camera, direction, hit);
      const shadow = nearestShadow(hits, shadows, { at, width, what: hit.what });
      const color = colorAt(lighting, { hit, direction, shadow });
      for (let axis = 0; axis < 3; axis += 1) mean[at * 3 + axis]! += developed(color[axis]!);
    }
  }
  for (const at of edges) {
    for (let axis = 0; axis < 3; axis += 1) {
      picture[at * 3 + axis] = (picture[at * 3 + axis]! + mean[at * 3 + axis]!) / (again.length + 1);
    }
  }
}

let reused: readonly Hit[] = [];

/** Frames of a process have one size: what was hit is written over, not collected. */
function hitsFor(count: number): readonly Hit[] {
  if (reused.length !== count) reused = Array.from({ length: count }, noHit);
  return reused;
}

function raysOf({ cameraTurn }: ShotKey, { width, height, fieldOfView }: View): Rays {
  const half = Math.tan((fieldOfView * Math.PI) / 360);
  const wide = half * (width / height);
  const turn = new Matrix4().makeRotationFromQuaternion(new Quaternion(...cameraTurn)).elements;
  return (x, y) => {
    const [right, up] = [((x / width) * 2 - 1) * wide, (1 - (y / height) * 2) * half];
    const long = 1 / Math.sqrt(right * right + up * up + 1);
    return [
      (turn[0] * right + turn[4] * up - turn[8]) * long,
      (turn[1] * right + turn[5] * up - turn[9]) * long,
      (turn[2] * right + turn[6] * up - turn[10]) * long,
    ];
  };
}

/** Part of the light that arrives at each pixel, by rays to some points of the light. */
function shadowsOf({ stage, light, mood }: Lighting, hits: readonly Hit[], width: number): Float32Array {
  const points = discAround(light, mood.softness);
  const arrived = new Float32Array(hits.length);
  for (let at = 0; at < hits.length; at += 1) {
    const offset = ((at % width) % spread) + (Math.floor(at / width) % spread) * spread;
    arrived[at] = lightAt(
      { stage, light },
      hits[at]!,
      (sample) => points[offset + sample * spread * spread]!,
    );
  }
  return arrived;
}

function lightAt(
  { stage, light }: Pick<Lighting, 'stage' | 'light'>,
  hit: Hit,
  point: (sample: number) => Triple,
): number {
  if (hit.what === nothing) return 1;
  const normal = normalAt(stage, hit);
  if (normal[0] * light[0] + normal[1] * light[1] + normal[2] * light[2] < -0.1) return 0;
  const origin = liftedFrom(stage, hit);
  let arrived = 0;
  for (let sample = 0; sample < samples; sample += 1)
    if (!stage.meets(origin, point(sample))) arrived += 1 / samples;
  return arrived;
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
    const column = at % width;
    let sum = 0;
    let count = 0;
    for (let row = -width; row <= width; row += width) {
      for (let side = column > 0 ? -1 : 0; side <= (column < width - 1 ? 1 : 0); side += 1) {
        const other = hits[at + row + side];
        if (other?.what !== what || Math.abs(other.distance - distance) > 0.06 * distance) continue;
        sum += shadows[at + row + side]!;
        count += 1;
      }
    }
    return sum / count;
  });
}

function nearestShadow(
  hits: readonly Hit[],
  shadows: Float32Array,
  { at, width, what }: { at: number; width: number; what: Hit['what'] },
): number {
  if (hits[at]!.what === what) return shadows[at]!;
  const near = [at - 1, at + 1, at - width, at + width].find((other) => hits[other]?.what === what);
  if (near !== undefined) return shadows[near]!;
  return what === model ? 0.5 : 1;
}

/** Where neighbours differ. The floor alone needs no more rays: its pattern and shadows are smooth already. */
function edgesOf(picture: Float32Array, hits: readonly Hit[], width: number): Set<number> {
  const steep = (a: number, b: number): boolean =>
    Math.abs(picture[a]! - picture[b]!) +
      Math.abs(picture[a + 1]! - picture[b + 1]!) +
      Math.abs(picture[a + 2]! - picture[b + 2]!) >
    0.2;
  const edges = new Set<number>();
  const compare = (a: number, b: number): void => {
    const [one, other] = [hits[a]!.what, hits[b]!.what];
    if (one !== model && other !== model) return;
    if (one !== other || steep(a * 3, b * 3)) edges.add(a).add(b);
  };
  for (let at = 0; at < hits.length; at += 1) {
    if (at % width < width - 1) compare(at, at + 1);
    if (at + width < hits.length) compare(at, at + width);
  }
  return edges;
}

const steps = 4096;
const displayed = Float32Array.from({ length: steps + 1 }, (_, index) => (index / steps) ** (1 / 2.2));

/** From light to the screen: the shoulder of film, then the curve of the display. */
function developed(light: number): number {
  const value = Math.max(0, light) * 0.72;
  const film = (value * (2.51 * value + 0.03)) / (value * (2.43 * value + 0.59) + 0.14);
  const at = Math.min(1, film) * steps;
  const below = Math.min(steps - 1, Math.floor(at));
  return displayed[below]! + (displayed[below + 1]! - displayed[below]!) * (at - below);
}
