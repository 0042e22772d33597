/** Integer ranges as Open Job Description writes them: `1001-1024`, `1-9:2`, `10-1:-3`, `1,4-6`. */

const part = /^(-?\d+)(?:-(-?\d+)(?::(-?\d+))?)?$/;
const mostPoints = 1_000_000;

/** Every integer, in the order written. @throws RangeError when it cannot be read, is too long or repeats a number */
export function parseRange(text: string): number[] {
  const numbers = text.split(',').flatMap((written) => {
    const [, from, to = from, by] = part.exec(written.replaceAll(/\s/g, '')) ?? [];
    if (from === undefined)
      throw new RangeError(`"${text}" is not a range of integers like 1001-1024, 1-9:2 or 1,4-6`);
    return integers(text, { from: Number(from), to: Number(to), by: by === undefined ? 1 : Number(by) });
  });
  if (new Set(numbers).size < numbers.length) throw new RangeError(`"${text}" names a number twice`);
  return numbers;
}

function integers(text: string, { from, to, by }: { from: number; to: number; by: number }): number[] {
  if (![from, to, by].every((number) => Number.isSafeInteger(number)))
    throw new RangeError(`"${text}" has a number that is too big`);
  const count = by === 0 ? 0 : Math.floor((to - from) / by) + 1;
  if (count < 1)
    throw new RangeError(`"${text}" goes from ${from} to ${to} by ${by}: that is no number at all`);
  if (count > mostPoints) throw new RangeError(`"${text}" has ${count} numbers: ${mostPoints} at most`);
  return Array.from({ length: count }, (_, index) => from + index * by);
}

/** The shortest such text for distinct integers, ascending; '' for none. */
export function formatRange(numbers: readonly number[]): string {
  const ascending = numbers.toSorted((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const number of ascending) {
    const last = runs.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
