/** Finds the name a person probably meant. */

/** How many characters to insert, delete or replace; `limit + 1` as soon as it is more than `limit`. */
export function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return limit + 1;
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    if (Math.min(...current) > limit) return limit + 1;
    previous = current;
  }
  return previous[to.length]!;
}

/** The nearest of `names` within 5 edits, or nothing. The first wins a tie. */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let distance = 6;
  for (const name of names) {
    const found = editDistance(wanted, name, distance - 1);
    if (found < distance) [best, distance] = [name, found];
  }
  return best;
}
