/** Html: each page of a content as HTML in the theme's frame, its code in colours. */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defineTaskType } from '@pipl/pipe';
import { z } from 'zod';
import { Content, Section, Theme } from './products.ts';

export const Html = defineTaskType({
  name: 'Html',
  needs: { content: Content, theme: Theme },
  makes: { section: Section },
  parameters: z.strictObject({
    /** the folder of the site that these pages stand in; empty: its root */
    folder: z
      .string()
      .regex(/^[a-z0-9-]*$/)
      .default(''),
  }),
})
  .step('html', {
    async run({ inputs, outputs, parameters: { folder }, progress }) {
      const { openRenderer } = await import('./renderer.ts');
      const from = inputs.content.pages.dir;
      const to = join(outputs.section.html.dir, folder);
      // Pictures and whatever else pages show.
      await cp(from, to, { recursive: true, filter: (file) => !file.endsWith('.md') });
      const files = await markdownIn(from);
      const render = await openRenderer(inputs.theme.style.dir, folder);
      for (const [done, file] of files.entries()) {
        const page = join(to, file.replace(/\.md$/, '.html'));
        await mkdir(dirname(page), { recursive: true });
        await writeFile(page, await render(file, await readFile(join(from, file), 'utf8')));
        progress(Math.round(((done + 1) / files.length) * 100), file);
      }
    },
  })
  .check('every page has become one', async ({ inputs, outputs, parameters: { folder } }) => {
    const there = new Set(await readdir(join(outputs.section.html.dir, folder), { recursive: true }));
    const pages = await markdownIn(inputs.content.pages.dir);
    const missing = pages.filter((page) => !there.has(page.replace(/\.md$/, '.html')));
    if (missing.length > 0) throw new Error(`without HTML: ${missing.join(', ')}`);
  });

const markdownIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.md')).toSorted();
