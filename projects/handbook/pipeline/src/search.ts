/** The index that browsers search in, by Pagefind. */
import { join } from 'node:path';
import { close, createIndex } from 'pagefind';

/** @throws Error with what Pagefind said */
export async function indexSite(folder: string): Promise<void> {
  try {
    const { index, errors } = await createIndex({});
    if (index === undefined) throw new Error(errors.join('\n'));
    const added = await index.addDirectory({ path: folder });
    const written = await index.writeFiles({ outputPath: join(folder, 'pagefind') });
    const said = [...added.errors, ...written.errors];
    if (said.length > 0) throw new Error(said.join('\n'));
    if (added.page_count === 0) throw new Error('there is no page to index');
  } finally {
    await close();
  }
}
