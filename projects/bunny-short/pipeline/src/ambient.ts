/**
 * Light that comes from everywhere: at each vertex of the model and on a grid of the floor, the sky that is seen from
 * there and the light that floor and model hand on. Worked out once for a process, then interpolated.
 */
import { type Mood, skyAt } from './moods.ts';
import type { Triple } from './numbers.ts';
import type { Stage } from './stage.ts';

export interface Ambient {
  /** red, green, blue of each vertex */
  readonly vertices: Float32Array;
  /** @param to three numbers, written */
  onFloor(x: number, z: number, to: Float32Array): void;
}

/** About what one process can afford: a tenth of a second. */
const rayBudget = 45_000;
const gridCells = 30;
const floorRays = 32;
/** of the floor grid, around the origin */
const gridReach = 2.2;

export function ambientOf(stage: Stage, mood: Mood): Ambient {
  const count = stage.positions.length / 3;
  const vertices = new Float32Array(count * 3);
  const directions = fan(Math.max(10, Math.min(48, Math.round(rayBudget / count))));
  for (let at = 0; at < vertices.length; at += 3) {
    const normal: Triple = [stage.normals[at]!, stage.normals[at + 1]!, stage.normals[at + 2]!];
    const origin: Triple = [0, 1, 2].map((axis) => stage.positions[at + axis]! + normal[axis]! * 0.004) as [
      number,
      number,
      number,
    ];
    gather(stage, { mood, origin, normal, directions }, vertices.subarray(at, at + 3));
  }
  return { vertices, onFloor: floorGrid(stage, mood) };
}

/** Directions around +z, the denser the closer, as many as a matte surface takes from each. */
function fan(count: number): Triple[] {
  return Array.from({ length: count }, (_, index) => {
    const [part, turn] = [(index + 0.5) / count, index * 2.399963229728653];
    const radius = Math.sqrt(part);
    return [Math.cos(turn) * radius, Math.sin(turn) * radius, Math.sqrt(1 - part)];
  });
}

interface Gathering {
  readonly mood: Mood;
  readonly origin: Triple;
  readonly normal: Triple;
  readonly directions: readonly Triple[];
}

function gather(stage: Stage, { mood, origin, normal, directions }: Gathering, to: Float32Array): void {
  const [side, up] = frameAround(normal);
  const [light, dark] = mood.floor;
  for (const [x, y, z] of directions) {
    const direction: Triple = [
      side[0] * x + up[0] * y + normal[0] * z,
      side[1] * x + up[1] * y + normal[1] * z,
      side[2] * x + up[2] * y + normal[2] * z,
    ];
    if (stage.meets(origin, direction)) continue;
    const sky = skyAt(mood, direction[1], 0);
    for (let axis = 0; axis < 3; axis += 1) {
      // What looks down sees the floor, which hands on light of the sky and of the key.
      const bounced =
        (light[axis]! + dark[axis]!) * 0.5 * (mood.horizon[axis]! * 0.55 + mood.key[axis]! * 0.16);
      to[axis]! += (direction[1] < 0 ? bounced : sky[axis]!) / directions.length;
    }
  }
}

function frameAround([x, y, z]: Triple): [Triple, Triple] {
  const sign = z >= 0 ? 1 : -1;
  const [a, b] = [-1 / (sign + z), (-x * y) / (sign + z)];
  return [
    [1 + sign * x * x * a, sign * b, -sign * x],
    [b, sign + y * y * a, -y],
  ];
}

function floorGrid(stage: Stage, mood: Mood): Ambient['onFloor'] {
  const directions = fan(floorRays);
  const grid = new Float32Array(gridCells * gridCells * 3);
  for (let cell = 0; cell < gridCells * gridCells; cell += 1) {
    const at = (index: number): number => ((index + 0.5) / gridCells - 0.5) * 2 * gridReach;
    const origin: Triple = [at(cell % gridCells), 0.001, at(Math.floor(cell / gridCells))];
    gather(stage, { mood, origin, normal: [0, 1, 0], directions }, grid.subarray(cell * 3, cell * 3 + 3));
  }
  const place = (value: number): number =>
    Math.min(gridCells - 1.001, Math.max(0, (value / (2 * gridReach) + 0.5) * gridCells - 0.5));
  return (x, z, to) => {
    const [u, v] = [place(x), place(z)];
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [s, t] = [u - i, v - j];
    const corner = (j * gridCells + i) * 3;
    for (let axis = 0; axis < 3; axis += 1) {
      const near = grid[corner + axis]! * (1 - s) + grid[corner + 3 + axis]! * s;
      const below = corner + gridCells * 3 + axis;
      to[axis] = near * (1 - t) + (grid[below]! * (1 - s) + grid[below + 3]! * s) * t;
    }
  };
}
