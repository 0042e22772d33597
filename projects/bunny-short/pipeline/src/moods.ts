/** Times of day: the colour of the key light, the sky and the floor. Linear, 1 is white. */
import type { Triple } from './numbers.ts';

export interface Mood {
  readonly key: Triple;
  /** radius of the light, seen from the model; wider means softer shadows */
  readonly softness: number;
  readonly zenith: Triple;
  readonly horizon: Triple;
  /** two colours of the checker */
  readonly floor: readonly [Triple, Triple];
  /** light along the edges, from behind */
  readonly rim: Triple;
  /** glow of the sky around the light */
  readonly glow: Triple;
}

export const moods = {
  morning: {
    key: [3.1, 2.55, 1.9],
    softness: 0.1,
    zenith: [0.26, 0.42, 0.68],
    horizon: [0.78, 0.74, 0.68],
    floor: [
      [0.74, 0.68, 0.58],
      [0.13, 0.2, 0.27],
    ],
    rim: [0.5, 0.6, 0.75],
    glow: [0.5, 0.36, 0.2],
  },
  dusk: {
    key: [3.6, 1.75, 0.85],
    softness: 0.075,
    zenith: [0.05, 0.06, 0.2],
    horizon: [0.5, 0.22, 0.3],
    floor: [
      [0.5, 0.42, 0.5],
      [0.07, 0.06, 0.13],
    ],
    rim: [0.5, 0.75, 1.5],
    glow: [0.95, 0.42, 0.16],
  },
} as const satisfies Record<string, Mood>;

export type MoodName = keyof typeof moods;

/** The sky in one direction. */
export function skyAt(mood: Mood, y: number, towardsLight: number): Triple {
  const up = Math.sqrt(Math.max(0, y));
  const glow = Math.max(0, towardsLight) ** 6;
  const at = (axis: 0 | 1 | 2): number =>
    mood.horizon[axis] + (mood.zenith[axis] - mood.horizon[axis]) * up + mood.glow[axis] * glow;
  return [at(0), at(1), at(2)];
}
