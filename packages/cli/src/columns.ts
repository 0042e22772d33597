/**
 * Columns for people: where lines of one list hold tabs, a person's screen shows their columns below each other.
 * Programs that read the same lines from a pipe get the tabs.
 */

const gap = 2;

/** Pure. Lines without a tab stay as they are. Colours take no room. */
export function inColumns(lines: readonly string[]): string[] {
  const rows = lines.map((line) => line.split('\t'));
  const widths: number[] = [];
  for (const row of rows) {
    // What stands last in its line needs no room beside it.
    for (const [at, cell] of row.slice(0, -1).entries()) widths[at] = Math.max(widths[at] ?? 0, shown(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell + ' '.repeat(widths[at]! + gap - shown(cell))))
      .join(''),
  );
}

const shown = (cell: string): number =>
  cell.includes('\u001B')
    ? process.getBuiltinModule('node:util').stripVTControlCharacters(cell).length
    : cell.length;
