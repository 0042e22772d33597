/** Site: all sections, the theme's style, the library and a search index, in one folder. Its checks are the gate. */
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defineTaskType, many } from '@pipl/pipe';
import { z } from 'zod';
import { Library, Section, Site as SiteProduct, Theme } from './products.ts';

export const Site = defineTaskType({
  name: 'Site',
  needs: { sections: many(Section), theme: Theme, library: Library },
  makes: { site: SiteProduct },
  parameters: z.strictObject({ search: z.boolean().default(true) }),
})
  .step('assemble', {
    async run({ inputs, outputs, parameters: { search } }) {
      const to = outputs.site.site.dir;
      for (const { html } of inputs.sections) await cp(html.dir, to, { recursive: true });
      await mkdir(join(to, 'assets'), { recursive: true });
      await copyFile(join(inputs.theme.style.dir, 'style.css'), join(to, 'assets/style.css'));
      await copyFile(inputs.library.script.path, join(to, 'assets/library.js'));
      if (!search) return;
      const { indexSite } = await import('./search.ts');
      await indexSite(to);
    },
  })
  .check('every link leads somewhere', async ({ outputs }) => {
    const { brokenLinks } = await import('./links.ts');
    const broken = await brokenLinks(outputs.site.site.dir);
    if (broken.length > 0) throw new Error(someOf(broken));
  })
  .check('every page is valid HTML', async ({ outputs }) => {
    const { invalidHtml } = await import('./valid.ts');
    const invalid = await invalidHtml(outputs.site.site.dir);
    if (invalid.length > 0) throw new Error(someOf(invalid));
  });

/** Enough to begin with. */
const someOf = (lines: readonly string[]): string =>
  [...lines.slice(0, 10), ...(lines.length > 10 ? [`and ${lines.length - 10} more`] : [])].join('\n');
