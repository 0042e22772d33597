/** The points of a step: what each dimension ranges over, and which of them an action got. */
import { formatRange, parseRange } from './int-range.ts';
import type { Step } from './task-types.ts';

export type Dimension =
  | {
      readonly name: string;
      readonly of: 'integers';
      readonly values: readonly number[];
      readonly text: string;
    }
  | { readonly name: string; readonly of: 'strings'; readonly values: readonly string[] };

/** @throws Error when a range cannot be read */
export const dimensionsOf = (step: Step, parameters: unknown): Dimension[] =>
  Object.entries(step.over).map(([name, range]) => {
    const given = range(parameters);
    if (typeof given === 'string')
      return { name, of: 'integers', values: parseRange(given), text: given.replaceAll(/\s/g, '') };
    if (given.length > 0 && given.every((value) => typeof value === 'string'))
      return { name, of: 'strings', values: given };
    const values = parseRange(given.join(','));
    return { name, of: 'integers', values, text: formatRange(values) };
  });

export type AnyPoint = Readonly<Record<string, number | string>>;

/** @param args one for each dimension: a range for integers, the text itself for strings */
export function pointsOf(dimensions: readonly Dimension[], args: readonly string[]): AnyPoint[] {
  if (args.length !== dimensions.length) {
    const names = dimensions.map(({ name }) => name).join(', ') || 'nothing';
    throw new Error(
      `The step runs over ${names}: ${dimensions.length} arguments expected, ${args.length} given.`,
    );
  }
  return dimensions.reduce<AnyPoint[]>(
    (points, { name, of }, index) => {
      const values = of === 'strings' ? [args[index]!] : parseRange(args[index]!);
      return points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
    },
    [{}],
  );
}

/** `frame 1001, view left` */
export const pointText = (point: AnyPoint): string =>
  Object.entries(point)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
