/** What benchmarks print: figures, each against a baseline that was measured in the same run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  /** the named peer or floor */
  readonly baselineName: string;
  /** value / baseline */
  readonly ratio: number;
  readonly goal: string;
  readonly holds: boolean;
}

export type Print = (figure: Figure) => void;

/** A figure with its numbers rounded for reading, its ratio made from the unrounded ones. */
export const figure = (
  name: string,
  { value, unit, baseline, baselineName, goal, holds }: Omit<Figure, 'name' | 'ratio'>,
): Figure => ({
  name,
  value: rounded(value, 10),
  unit,
  baseline: rounded(baseline, 10),
  baselineName,
  ratio: rounded(value / baseline, 100),
  goal,
  holds,
});

/** @param at 0.5 for the median */
export function quantile(values: readonly number[], at: number): number {
  const found = values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * at))];
  if (found === undefined) throw new Error('There is nothing to take a quantile of.');
  return found;
}

const rounded = (value: number, parts: number): number => Math.round(value * parts) / parts;
