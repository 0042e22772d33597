/** `node:fs` and the one thing that Node 18 lacks of it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Files below `root`'s `folders` that `wanted` accepts, sorted, relative to `root`; skips what is installed or built. */
export function globSync(root, folders, wanted) {
  const found = [];
  const visit = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.name === 'node_modules' || entry.name === 'dist') continue;
      if (entry.isDirectory()) visit(path);
      else if (wanted(path)) found.push(path);
    }
  };
  for (const folder of folders) visit(folder);
  // Not toSorted: this runs on Node 18.
  // oxlint-disable-next-line unicorn/no-array-sort
  return found.sort();
}
