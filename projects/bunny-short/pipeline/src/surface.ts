/** What a point of the stage looks like: colour of its surface, light that falls on it, what it mirrors. */
import type { Ambient } from './ambient.ts';
import { type Mood, skyAt } from './moods.ts';
import { fifth, mix, smoothBetween, type Triple } from './numbers.ts';
import { floor, type Hit, model, noHit, type Stage } from './stage.ts';

export interface Lighting {
  readonly stage: Stage;
  readonly ambient: Ambient;
  readonly mood: Mood;
  /** from the model, length 1 */
  readonly light: Triple;
  /** width of a pixel at distance 1 */
  readonly pixel: number;
}

/** Width of a square of the floor. */
const square = 0.36;

const dot = (a: Triple, b: Triple): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const normalize = ([x, y, z]: Triple): Triple => {
  const length = Math.hypot(x, y, z) || 1;
  return [x / length, y / length, z / length];
};

const reflect = (direction: Triple, normal: Triple): Triple => {
  const twice = 2 * dot(direction, normal);
  return [
    direction[0] - twice * normal[0],
    direction[1] - twice * normal[1],
    direction[2] - twice * normal[2],
  ];
};

const weighed = ({ a, b, c, wa, wb, wc }: Hit, of: Float32Array): Triple => [
  of[a]! * wa + of[b]! * wb + of[c]! * wc,
  of[a + 1]! * wa + of[b + 1]! * wb + of[c + 1]! * wc,
  of[a + 2]! * wa + of[b + 2]! * wb + of[c + 2]! * wc,
];

export const normalAt = (stage: Stage, hit: Hit): Triple =>
  hit.what === model ? normalize(weighed(hit, stage.normals)) : [0, 1, 0];

/**
 * Where shadow rays start: on the round surface that the normals suggest, not on the flat triangle, so that its
 * edges do not show in the shadow.
 */
export function liftedFrom(stage: Stage, hit: Hit): Triple {
  if (hit.what !== model) return [hit.x, 0.0005, hit.z];
  const lifted: [number, number, number] = [hit.x, hit.y, hit.z];
  lift(stage, hit, { vertex: hit.a, weight: hit.wa, lifted });
  lift(stage, hit, { vertex: hit.b, weight: hit.wb, lifted });
  lift(stage, hit, { vertex: hit.c, weight: hit.wc, lifted });
  return lifted;
}

interface Lift {
  readonly vertex: number;
  readonly weight: number;
  readonly lifted: [number, number, number];
}

function lift({ normals, positions }: Stage, hit: Hit, { vertex, weight, lifted }: Lift): void {
  const [x, y, z] = [normals[vertex]!, normals[vertex + 1]!, normals[vertex + 2]!];
  const above =
    x * (hit.x - positions[vertex]!) +
    y * (hit.y - positions[vertex + 1]!) +
    z * (hit.z - positions[vertex + 2]!);
  const by = weight * (0.003 - Math.min(0, above));
  lifted[0] += by * x;
  lifted[1] += by * y;
  lifted[2] += by * z;
}

const mirrored = noHit();
const around = new Float32Array(3);

/** @param shadow 0 where no light of the key arrives, 1 where all of it does @returns linear red, green, blue */
export function colorAt(
  lighting: Lighting,
  { hit, direction, shadow }: { hit: Hit; direction: Triple; shadow: number },
): Triple {
  if (hit.what === model) return modelColor(lighting, { hit, direction, shadow });
  if (hit.what === floor) return floorColor(lighting, { hit, direction, shadow });
  return backdrop(lighting, direction);
}

const backdrop = ({ mood, light }: Lighting, direction: Triple): Triple =>
  skyAt(mood, direction[1], dot(direction, light));

function modelColor(
  { stage, ambient, mood, light }: Lighting,
  { hit, direction, shadow }: { hit: Hit; direction: Triple; shadow: number },
): Triple {
  const normal = normalAt(stage, hit);
  const [color, sky] = [weighed(hit, stage.colors), weighed(hit, ambient.vertices)];
  const facing = Math.max(0, -dot(normal, direction));
  const lit = dot(normal, light);
  // A little light comes around the edge of the shadow, warmer, as it does in clay and skin.
  const diffuse = Math.max(0, lit) * shadow;
  const through = Math.max(0, (lit + 0.35) / 1.35) ** 2 * 0.14;
  const bounce = reflect(direction, normal);
  const shine = Math.max(0, dot(bounce, light)) ** 42 * 0.55 * shadow;
  const fresnel = 0.035 + 0.5 * fifth(1 - facing);
  const mirroredSky = skyAt(mood, bounce[1], 0);
  const rim = (1 - facing) ** 3 * Math.max(0, 0.25 - dot(normal, light) * 0.75 + normal[1] * 0.3) * 0.55;
  const at = (axis: 0 | 1 | 2): number =>
    color[axis] * (mood.key[axis] * (diffuse + through * color[axis]) + sky[axis] * 0.95) +
    mood.key[axis] * shine +
    mirroredSky[axis] * fresnel * Math.min(1, sky[axis] * 1.5) +
    mood.rim[axis] * rim;
  return [at(0), at(1), at(2)];
}

function floorColor(
  lighting: Lighting,
  { hit, direction, shadow }: { hit: Hit; direction: Triple; shadow: number },
): Triple {
  const { stage, ambient, mood, light, pixel } = lighting;
  const blend = checker(hit, direction, pixel);
  ambient.onFloor(hit.x, hit.z, around);
  const fresnel = 0.05 + 0.6 * fifth(1 + direction[1]);
  const bounce: Triple = [direction[0], -direction[1], direction[2]];
  stage.trace([hit.x, 0.0005, hit.z], bounce, mirrored);
  const seen =
    mirrored.what === model
      ? modelColor(lighting, { hit: mirrored, direction: bounce, shadow: 0.6 })
      : backdrop(lighting, bounce);
  const far = smoothBetween(2.2, 7, Math.hypot(hit.x, hit.z));
  const haze = skyAt(mood, 0, dot(direction, light));
  const at = (axis: 0 | 1 | 2): number => {
    const color = mix(mood.floor[1][axis], mood.floor[0][axis], blend);
    const near =
      color * (mood.key[axis] * Math.max(0, light[1]) * shadow + around[axis]! * 0.9) + seen[axis] * fresnel;
    return mix(near, haze[axis], far);
  };
  return [at(0), at(1), at(2)];
}

/** How much of the light square a pixel covers: the checker, averaged over the pixel, so that it does not flicker. */
function checker(hit: Hit, direction: Triple, pixel: number): number {
  const width = (hit.distance * pixel) / square;
  const deep = width / Math.max(0.05, -direction[1]);
  const [along, across] = [Math.abs(direction[0]), Math.abs(direction[2])];
  const wave = (at: number, over: number): number => {
    const area = (value: number): number => Math.abs(value / 2 - Math.floor(value / 2 + 0.5)) * 2;
    const half = Math.max(over, 0.001) / 2;
    return ((area(at + half) - area(at - half)) / (2 * half)) * 1;
  };
  const x = wave(hit.x / square + 0.5, mix(width, deep, along));
  const z = wave(hit.z / square + 0.5, mix(width, deep, across));
  return 0.5 - 0.5 * x * z;
}
