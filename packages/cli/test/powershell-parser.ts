/** Parses PowerShell without PowerShell: by the grammar that editors highlight it by, as WebAssembly. */
import { fileURLToPath } from 'node:url';
import { Language, type Node, Parser } from 'web-tree-sitter';

/** @returns what is no PowerShell in a script: its lines, each once */
export async function powershellParser(): Promise<(script: string) => string[]> {
  await Parser.init();
  const grammar = import.meta.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
  const parser = new Parser();
  parser.setLanguage(await Language.load(fileURLToPath(grammar)));
  return (script) => [...new Set(mistakesBelow(parser.parse(script)!.rootNode))];
}

function mistakesBelow(node: Node): string[] {
  if (!node.hasError) return [];
  const own = node.isError || node.isMissing ? [`line ${node.startPosition.row + 1}`] : [];
  return [...own, ...node.children.flatMap(mistakesBelow)];
}
