#!/usr/bin/env node
/**
 * `handbook-check`: a check of a content before it reaches anybody. Its links to its own pages and pictures lead
 * somewhere. What leads to other sections is asked of the whole site, when it is assembled.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Marked, type Token } from 'marked';
import { z } from 'zod';

const context = z.object({
  inputs: z.object({ subject: z.object({ assets: z.object({ pages: z.object({ dir: z.string() }) }) }) }),
});

async function check(): Promise<void> {
  const told = context.parse(JSON.parse(await readFile(process.env['PIPL_CONTEXT'] ?? '', 'utf8')));
  const { dir } = told.inputs.subject.assets.pages;
  const files = new Set(await readdir(dir, { recursive: true }));
  const pages = [...files].filter((file) => file.endsWith('.md')).toSorted();
  if (pages.length === 0) throw new Error('there is no page');
  const broken: string[] = [];
  for (const page of pages) {
    for (const link of linksOf(await readFile(join(dir, page), 'utf8'))) {
      const to = posix.join(posix.dirname(page), decodeURIComponent(link.split('#')[0]!));
      // Up and out of this content, or a folder of another section beside it.
      const isElsewhere = to.startsWith('..') || (!files.has(to.split('/')[0]!) && to.includes('/'));
      if (!isElsewhere && !files.has(to)) broken.push(`${page} → ${link}`);
    }
  }
  if (broken.length > 0) throw new Error(`broken links:\n${broken.join('\n')}`);
  console.log(`${pages.length} pages, every link leads somewhere`);
}

function linksOf(markdown: string): string[] {
  const marked = new Marked();
  const links: string[] = [];
  marked.walkTokens(marked.lexer(markdown), (token: Token) => {
    if ((token.type === 'link' || token.type === 'image') && typeof token['href'] === 'string')
      links.push(token['href']);
  });
  return links.filter((link) => !/^(?:[a-z][a-z\d+.-]*:|#)/i.test(link));
}

check().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
