/** A graph as a tree of lines: what was shown before is named again, but not unfolded again. Pure. */
export interface TreeNode {
  readonly text: string;
  /** ids */
  readonly below: readonly string[];
}

export function treeLines(root: string, nodeOf: (id: string) => TreeNode): string[] {
  const unfolded = new Set<string>();
  const lines: string[] = [];
  const show = (id: string, first: string, rest: string): void => {
    const { text, below } = nodeOf(id);
    const again = unfolded.has(id) && below.length > 0;
    lines.push(`${first}${text}${again ? ' (above)' : ''}`);
    if (again) return;
    unfolded.add(id);
    const each = [...new Set(below)];
    for (const [at, one] of each.entries()) {
      const last = at === each.length - 1;
      show(one, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`);
    }
  };
  show(root, '', '');
  return lines;
}
