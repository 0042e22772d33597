/** Small arithmetic of colours and vectors. */
export type Triple = readonly [number, number, number];

export const mix = (a: number, b: number, t: number): number => a + (b - a) * t;

export const clamp = (value: number, low = 0, high = 1): number => Math.min(high, Math.max(low, value));

export const smooth = (t: number): number => t * t * (3 - 2 * t);

export const smoothBetween = (low: number, high: number, value: number): number =>
  smooth(clamp((value - low) / (high - low)));

export const asTriple = (numbers: ArrayLike<number>): Triple => [
  numbers[0] ?? 0,
  numbers[1] ?? 0,
  numbers[2] ?? 0,
];

const radians = Math.PI / 180;

/** Direction from the model: azimuth from +z towards +x, elevation from the floor, degrees. */
export const directionTo = (azimuth: number, elevation: number): Triple => [
  Math.sin(azimuth * radians) * Math.cos(elevation * radians),
  Math.sin(elevation * radians),
  Math.cos(azimuth * radians) * Math.cos(elevation * radians),
];

/** The fifth power: several times as fast as `**`, and used for every pixel. */
export const fifth = (value: number): number => value * value * value * value * value;
