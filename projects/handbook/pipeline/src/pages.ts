/** The pages of a site on disk. */
import { readdir } from 'node:fs/promises';

/** Relative, in order; what the search brings along is not the handbook's. */
export const pagesIn = async (site: string): Promise<string[]> =>
  (await readdir(site, { recursive: true }))
    .filter((file) => file.endsWith('.html') && !file.startsWith('pagefind/'))
    .toSorted();
