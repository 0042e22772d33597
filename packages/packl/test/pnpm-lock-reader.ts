/** Reads back the edges of a lock as pnpm would: a second opinion on the writer, for block maps only. */
interface Map_ {
  [key: string]: string | Map_;
}

const unquote = (text: string): string =>
  text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;

function parseBlocks(text: string): Map_ {
  const root: Map_ = {};
  const open: { readonly depth: number; readonly map: Map_ }[] = [{ depth: -1, map: root }];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, indent = '', key = '', value = ''] =
      /^( *)('(?:[^']|'')*'|[^:]+(?::[^ :]+)*):(?: (.*))?$/.exec(line) ?? [];
    while (open.at(-1)!.depth >= indent.length) open.pop();
    const parent = open.at(-1)!.map;
    if (value !== '') parent[unquote(key)] = value === '{}' ? {} : unquote(value);
    else {
      const map: Map_ = {};
      parent[unquote(key)] = map;
      open.push({ depth: indent.length, map });
    }
  }
  return root;
}

const asMap = (value: string | Map_ | undefined): Map_ => (typeof value === 'object' ? value : {});

const keyed = (edges: Map_): Record<string, string> =>
  Object.fromEntries(
    Object.entries(edges).map(([name, value]) => {
      const reference = typeof value === 'string' ? value : String(value['version']);
      const whole = reference.split('(')[0]!.includes('@');
      return [name, whole ? reference : `${name}@${reference}`];
    }),
  );

/** @returns snapshot keys by name: of the importer, and of each snapshot */
export function parsePnpmLock(text: string) {
  const lock = parseBlocks(text);
  const importer = keyed(asMap(asMap(asMap(lock['importers'])['.'])['dependencies']));
  const edges = Object.fromEntries(
    Object.entries(asMap(lock['snapshots'])).map(([key, snapshot]) => {
      const { dependencies, optionalDependencies } = asMap(snapshot);
      return [key, { ...keyed(asMap(dependencies)), ...keyed(asMap(optionalDependencies)) }];
    }),
  );
  return { importer, edges, packages: Object.keys(asMap(lock['packages'])) };
}
