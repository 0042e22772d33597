/**
 * The versions of the bunny, made from the mesh of the npm package `bunny`: the Stanford bunny, decimated.
 *
 * 1.0.0 is that mesh in plain clay. 1.1.0 is rounder, carved and glazed, with the same bounds: what depends on the
 * bounds alone comes out equal. 2.0.0 grew, so nothing that was placed by its bounds fits any more.
 */
import bunny from 'bunny';
import { type Bounds, boundsOf, type Mesh, normalsOf } from './mesh.ts';
import { clamp, mix, smoothBetween, type Triple } from './numbers.ts';

export const variants = ['1.0.0', '1.1.0', '2.0.0'] as const;
export type Variant = (typeof variants)[number];

interface Shape {
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
}

const clay: Triple = [0.62, 0.27, 0.15];
const cream: Triple = [0.82, 0.7, 0.52];
const glaze: Triple = [0.09, 0.32, 0.36];
const moss: Triple = [0.3, 0.42, 0.16];

export function bunnyOf(variant: Variant): Mesh {
  const original: Shape = {
    positions: Float32Array.from(bunny.positions.flat()),
    indices: Uint32Array.from(bunny.cells.flat()),
  };
  if (variant === '1.0.0') return painted(original, () => clay);
  if (variant === '1.1.0') return glazed(rounded(original));
  return painted(grown(original), () => moss);
}

function painted({ positions, indices }: Shape, colorAt: (vertex: number) => Triple): Mesh {
  const colors = Float32Array.from(
    Array.from({ length: positions.length / 3 }, (_, vertex) => colorAt(vertex)).flat(),
  );
  return { positions, indices, colors, normals: normalsOf(positions, indices) };
}

/** Four triangles for each one, new vertices pulled towards the surface that the normals suggest. */
function rounded({ positions, indices }: Shape): Shape {
  const normals = normalsOf(positions, indices);
  const bounds = boundsOf(positions);
  const vertices = [...positions];
  const middles = new Map<string, number>();
  const middle = (a: number, b: number): number => {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const known = middles.get(key);
    if (known !== undefined) return known;
    const point = [0, 1, 2].map((axis) => (positions[a * 3 + axis]! + positions[b * 3 + axis]!) / 2);
    const pulled = point.map((value, axis) => value + (pull(a, point, axis) + pull(b, point, axis)) * 0.375);
    vertices.push(...pulled.map((value, axis) => clamp(value, bounds.min[axis], bounds.max[axis])));
    middles.set(key, vertices.length / 3 - 1);
    return vertices.length / 3 - 1;
  };
  const pull = (vertex: number, point: readonly number[], axis: number): number => {
    const above = point.reduce(
      (sum, value, k) => sum + (value - positions[vertex * 3 + k]!) * normals[vertex * 3 + k]!,
      0,
    );
    return -above * normals[vertex * 3 + axis]!;
  };
  const triangles: number[] = [];
  for (let at = 0; at < indices.length; at += 3) {
    const [a, b, c] = [indices[at]!, indices[at + 1]!, indices[at + 2]!];
    const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
    triangles.push(a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca);
  }
  return { positions: Float32Array.from(vertices), indices: Uint32Array.from(triangles) };
}

/** Bands around the body, carved where they are dark. Vertices that hold the bounds stay where they are. */
function glazed({ positions, indices }: Shape): Mesh {
  const normals = normalsOf(positions, indices);
  const bounds = boundsOf(positions);
  const bandAt = (vertex: number): number => {
    const [x, y, z] = [positions[vertex * 3]!, positions[vertex * 3 + 1]!, positions[vertex * 3 + 2]!];
    return smoothBetween(-0.25, 0.35, Math.sin(y * 4.2 + Math.sin(x * 0.9) * 0.8 + Math.cos(z * 0.8) * 0.6));
  };
  const bands = Array.from({ length: positions.length / 3 }, (_, vertex) => bandAt(vertex));
  const carved = positions.map((value, at) => {
    const [vertex, axis] = [Math.floor(at / 3), at % 3];
    if (holdsBounds(positions, vertex, bounds)) return value;
    return clamp(value - normals[at]! * bands[vertex]! * 0.09, bounds.min[axis], bounds.max[axis]);
  });
  return painted({ positions: carved, indices }, (vertex) => [
    mix(cream[0], glaze[0], bands[vertex]!),
    mix(cream[1], glaze[1], bands[vertex]!),
    mix(cream[2], glaze[2], bands[vertex]!),
  ]);
}

const holdsBounds = (positions: Float32Array, vertex: number, { min, max }: Bounds): boolean =>
  [0, 1, 2].some(
    (axis) => positions[vertex * 3 + axis] === min[axis] || positions[vertex * 3 + axis] === max[axis],
  );

/** Longer ears, a rounder belly. */
function grown({ positions, indices }: Shape): Shape {
  const grownPositions = positions.map((value, at) => {
    const y = positions[at - (at % 3) + 1]!;
    if (at % 3 === 1) return value + smoothBetween(6.5, 9.6, y) * 3.2;
    return value * (1 + 0.22 * Math.exp(-((y - 2.6) ** 2) / 4));
  });
  return { positions: grownPositions, indices };
}
