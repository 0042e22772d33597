/** Finds a package as Node does. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest `node_modules/<name>` above one of the folders. */
export function folderOf(name: string, from: readonly string[]): string | undefined {
  for (const start of from) {
    for (let folder = start; ; folder = dirname(folder)) {
      const at = join(folder, 'node_modules', name);
      if (existsSync(join(at, 'package.json'))) return at;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}
