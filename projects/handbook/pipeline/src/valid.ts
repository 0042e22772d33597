/** What HTML's rules say about the pages, by html-validate. */
import { join } from 'node:path';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';
import { pagesIn } from './pages.ts';

/** @returns `page:line rule: what is wrong`, one each */
export async function invalidHtml(site: string): Promise<string[]> {
  // Styles of coloured code stand at their elements, and a page of documentation has what its author wrote.
  const validate = new HtmlValidate(
    new StaticConfigLoader({
      extends: ['html-validate:standard'],
      rules: {
        'no-inline-style': 'off',
        'no-trailing-whitespace': 'off',
        'long-title': 'off',
        'tel-non-breaking': 'off',
      },
    }),
  );
  const found: string[] = [];
  for (const page of await pagesIn(site)) {
    const { results } = await validate.validateFile(join(site, page));
    for (const { messages } of results)
      for (const { line, message, ruleId, severity } of messages)
        if (severity === 2) found.push(`${page}:${line} ${ruleId}: ${message}`);
  }
  return found;
}
