/** Links inside a site: to pages, to what pages show, and to places in pages. What lies elsewhere is not asked. */
import { readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { parse } from 'node-html-parser';
import { pagesIn } from './pages.ts';

interface Page {
  readonly links: readonly string[];
  readonly places: ReadonlySet<string>;
}

/** @returns `page → link`, one each */
export async function brokenLinks(site: string): Promise<string[]> {
  const pages = new Map<string, Page>();
  for (const page of await pagesIn(site)) pages.set(page, pageOf(await readFile(join(site, page), 'utf8')));
  const broken: string[] = [];
  for (const [from, { links }] of pages) {
    for (const link of links) if (!(await leads(site, pages, from, link))) broken.push(`${from} → ${link}`);
  }
  return broken;
}

function pageOf(html: string): Page {
  const root = parse(html);
  const values = (name: string): string[] =>
    root.querySelectorAll(`[${name}]`).flatMap((element) => element.getAttribute(name) ?? []);
  return { links: [...values('href'), ...values('src')], places: new Set(values('id')) };
}

async function leads(
  site: string,
  pages: ReadonlyMap<string, Page>,
  from: string,
  link: string,
): Promise<boolean> {
  if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(link)) return true;
  const [path = '', place] = link.split('#');
  const to = path === '' ? from : posix.join(posix.dirname(from), decodeURIComponent(path));
  if (to.startsWith('..')) return false;
  const page = pages.get(to) ?? pages.get(posix.join(to, 'index.html'));
  if (page !== undefined)
    return place === undefined || place === '' || page.places.has(decodeURIComponent(place));
  return stat(join(site, to)).then(
    (found) => found.isFile(),
    () => false,
  );
}
