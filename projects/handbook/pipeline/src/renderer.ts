/** One page of Markdown as one page of HTML: marked reads it, shiki colours what is fenced. */
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Marked, type Tokens } from 'marked';
import { bundledLanguages, createHighlighter } from 'shiki';

const theme = 'github-light';
const languages = ['bash', 'console', 'json', 'jsonc', 'typescript', 'yaml'];

/** @param file relative to its content @returns the page */
export type Render = (file: string, markdown: string) => Promise<string>;

/** @param style the theme's folder @param folder where the pages will stand in the site */
export async function openRenderer(style: string, folder: string): Promise<Render> {
  const [frame, highlighter] = await Promise.all([
    readFile(join(style, 'page.html'), 'utf8'),
    createHighlighter({ themes: [theme], langs: languages }),
  ]);
  const coloured = (code: string, lang: string): string => {
    const name = languages.includes(lang)
      ? lang
      : lang === 'ts' && 'ts' in bundledLanguages
        ? 'typescript'
        : 'text';
    return highlighter.codeToHtml(code, { lang: name, theme });
  };
  return async (file, markdown) => {
    const slugs = new Set<string>();
    const marked = new Marked({
      renderer: {
        code: ({ text, lang = '' }: Tokens.Code) => coloured(text, lang),
        heading({ tokens, depth, text }: Tokens.Heading) {
          return `<h${depth} id="${free(slugOf(text), slugs)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
        },
        // HTML has no attribute for alignment any more.
        tablecell({ tokens, header, align }: Tokens.TableCell) {
          const [tag, aligned] = [
            header ? 'th' : 'td',
            align === null ? '' : ` style="text-align: ${align}"`,
          ];
          return `<${tag}${aligned}>${this.parser.parseInline(tokens)}</${tag}>\n`;
        },
        link({ href, tokens }: Tokens.Link) {
          return `<a href="${escaped(asHtml(href))}">${this.parser.parseInline(tokens)}</a>`;
        },
      },
    });
    const content = await marked.parse(markdown);
    const title = /^# (.+)$/m.exec(markdown)?.[1]?.replaceAll(/[`*]/g, '') ?? file;
    const root = posix.relative(posix.dirname(posix.join('/', folder, file)), '/') || '.';
    return filled(frame, { title: escaped(title), content, root });
  };
}

/** A page that is linked to as Markdown is HTML in the site. */
const asHtml = (href: string): string =>
  /^[a-z]+:/.test(href) ? href : href.replace(/\.md(?=#|$)/, '.html');

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/<[^>]*>|[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-') || 'section';

function free(slug: string, taken: Set<string>): string {
  let id = slug;
  for (let n = 1; taken.has(id); n += 1) id = `${slug}-${n}`;
  taken.add(id);
  return id;
}

const filled = (frame: string, values: Readonly<Record<string, string>>): string =>
  frame.replaceAll(/\{(title|content|root)\}/g, (_, name: string) => values[name]!);
