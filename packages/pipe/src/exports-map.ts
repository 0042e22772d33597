/** The `exports` of a package.json, as Node reads it for an import. */

const conditions = new Set(['node', 'import', 'module-sync', 'default']);

/** @param subpath `./render` @returns `./dist/render.js`; undefined when it is not exported */
export function exportedFile(exports: unknown, subpath: string): string | undefined {
  if (typeof exports !== 'object' || exports === null)
    return subpath === '.' ? chosen(exports, '') : undefined;
  const map = exports as Readonly<Record<string, unknown>>;
  if (!Object.keys(map).some((key) => key.startsWith('.')))
    return subpath === '.' ? chosen(map, '') : undefined;
  if (subpath in map) return chosen(map[subpath], '');
  const pattern = Object.keys(map)
    .filter((key) => matched(key, subpath) !== undefined)
    .toSorted((a, b) => b.indexOf('*') - a.indexOf('*'))[0];
  return pattern === undefined ? undefined : chosen(map[pattern], matched(pattern, subpath) ?? '');
}

function matched(pattern: string, subpath: string): string | undefined {
  const [start, end] = pattern.split('*');
  if (start === undefined || end === undefined || subpath.length < pattern.length) return undefined;
  return subpath.startsWith(start) && subpath.endsWith(end)
    ? subpath.slice(start.length, subpath.length - end.length)
    : undefined;
}

function chosen(target: unknown, star: string): string | undefined {
  if (typeof target === 'string') return target.replaceAll('*', star);
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, below] of Object.entries(target)) {
    const file = conditions.has(condition) ? chosen(below, star) : undefined;
    if (file !== undefined) return file;
  }
  return undefined;
}
