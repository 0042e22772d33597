/**
 * The content of the handbook: pipl's own documents, where they stand in the repository, as the pages of three sections.
 *
 *     node projects/handbook/gather.ts <out>
 *
 * makes `<out>/front/pages`, `<out>/decisions/pages` and `<out>/packages/pages`. Links between documents become links between pages;
 * what a document says about files of the repository stays as text.
 */
import { globSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../..');

export const sections = ['front', 'decisions', 'packages'] as const;
type Section = (typeof sections)[number];

interface Document {
  /** in the repository */
  readonly file: string;
  readonly section: Section;
  /** in its section */
  readonly page: string;
}

/** Where a section's pages stand in the site. */
const folderOf = (section: Section): string => (section === 'front' ? '' : section);
const placeOf = ({ section, page }: Document): string => posix.join(folderOf(section), page);

function documents(): Document[] {
  const front = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/{*,guides/*}.md', { cwd: repository })];
  const packages = globSync('{packages/*,registry,ci,projects/*}/README.md', { cwd: repository });
  const decisions = globSync('docs/decisions/*.md', { cwd: repository });
  return [
    ...front.map((file) => ({
      file,
      section: 'front' as const,
      page: file === 'README.md' ? 'index.md' : basename(file),
    })),
    ...packages.map((file) => ({
      file,
      section: 'packages' as const,
      page: `${basename(dirname(file))}.md`,
    })),
    ...decisions.map((file) => ({ file, section: 'decisions' as const, page: basename(file) })),
  ].toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

export async function gather(out: string): Promise<void> {
  const all = documents();
  for (const document of all) {
    const to = join(out, document.section, 'pages', document.page);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, relinked(document, all, await readFile(join(repository, document.file), 'utf8')));
  }
  await writeFile(join(out, 'decisions', 'pages', 'index.md'), listOf('Decisions', all, 'decisions'));
  await writeFile(join(out, 'packages', 'pages', 'index.md'), listOf('Packages', all, 'packages'));
  await mkdir(join(out, 'front', 'pages', 'images'), { recursive: true });
  for (const image of globSync('docs/images/*', { cwd: repository }))
    await copyFile(join(repository, image), join(out, 'front', 'pages', 'images', basename(image)));
}

const listOf = (title: string, all: readonly Document[], section: Section): string =>
  `# ${title}\n\n${all
    .filter((one) => one.section === section)
    .map(({ page }) => `- [${page.replace(/\.md$/, '')}](${page})`)
    .join('\n')}\n`;

const isElsewhere = (href: string): boolean => /^([a-z]+:|#)/.test(href);

/** Without a definition, a reference is text in brackets. */
function relinked(from: Document, all: readonly Document[], markdown: string): string {
  return markdown
    .replaceAll(/(!?)\[([^\]]*)\]\(([^()\s]+)\)/g, (whole, image: string, text: string, href: string) => {
      const link = isElsewhere(href) ? href : linkTo(from, all, href);
      if (link === href) return whole;
      return link === undefined ? text : `${image}[${text}](${link})`;
    })
    .replaceAll(/^\[([^\]]+)\]: (\S+)$\n?/gm, (whole, name: string, href: string) => {
      const link = isElsewhere(href) ? href : linkTo(from, all, href);
      if (link === href) return whole;
      return link === undefined ? '' : `[${name}]: ${link}\n`;
    });
}

/** @returns the link between pages; undefined: it leads out of the handbook */
function linkTo(from: Document, all: readonly Document[], href: string): string | undefined {
  const [path = '', place] = href.split('#');
  const file = relative(repository, resolve(repository, dirname(from.file), path));
  const folder = posix.dirname(placeOf(from));
  if (file.startsWith('docs/images/')) return posix.relative(folder, posix.join('images', basename(file)));
  const to =
    all.find((one) => one.file === file || one.file === posix.join(file, 'README.md')) ?? listed(file);
  if (to === undefined) return undefined;
  return `${posix.relative(folder, placeOf(to))}${place === undefined ? '' : `#${place}`}`;
}

const listed = (folder: string): Document | undefined =>
  folder === 'docs/decisions' ? { file: folder, section: 'decisions', page: 'index.md' } : undefined;

if (process.argv[1] === import.meta.filename) await gather(resolve(process.argv[2] ?? 'content'));
