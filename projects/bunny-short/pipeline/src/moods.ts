/** Times of day: the colour of the key light, the sky and the floor. Linear, 1 is white. */
import { fifth, type Triple } from './numbers.ts';

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
    key: [2.3, 1.78, 1.2],
    softness: 0.09,
    zenith: [0.1, 0.2, 0.42],
    horizon: [0.36, 0.42, 0.5],
    floor: [
      [0.62, 0.57, 0.5],
      [0.07, 0.12, 0.18],
    ],
    rim: [0.35, 0.5, 0.75],
    glow: [0.45, 0.3, 0.14],
  },
  dusk: {
    key: [3.3, 1.45, 0.62],
    softness: 0.06,
    zenith: [0.02, 0.03, 0.12],
    horizon: [0.17, 0.085, 0.17],
    floor: [
      [0.42, 0.36, 0.46],
      [0.035, 0.03, 0.08],
    ],
    rim: [0.3, 0.55, 1.25],
    glow: [0.75, 0.26, 0.1],
  },
} as const satisfies Record<string, Mood>;

export type MoodName = keyof typeof moods;

/** The sky in one direction. */
export function skyAt(mood: Mood, y: number, towardsLight: number): Triple {
  const up = Math.sqrt(Math.max(0, y));
  const glow = fifth(Math.max(0, towardsLight));
  const { horizon, zenith, glow: color } = mood;
  return [
    horizon[0] + (zenith[0] - horizon[0]) * up + color[0] * glow,
    horizon[1] + (zenith[1] - horizon[1]) * up + color[1] * glow,
    horizon[2] + (zenith[2] - horizon[2]) * up + color[2] * glow,
  ];
}
