/** The web pages of an index in a real browser: the list, a packl's page, by click and by address. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { film, packl, startScene } from './scene.ts';

const places = [process.env['PIPL_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const executablePath = places.find((place) => place !== undefined && existsSync(place));
const missing = executablePath === undefined;
if (missing) {
  const reason = 'No Chromium: install Debian’s package chromium, or name one with PIPL_CHROMIUM.';
  if (process.env['PIPL_TEST_REQUIRE'] === 'all') throw new Error(reason);
  console.warn(`skipped: ${reason}`);
}

let browser: Browser;
beforeAll(async () => {
  if (missing) return;
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
  ];
  browser = await chromium.launch({ executablePath, args });
});
afterAll(() => browser?.close());

/** Fails the test when the page asks this server for something that is not there. */
function watched(page: Page, url: string): string[] {
  const failed: string[] = [];
  page.on('response', (response) => {
    if (response.url().startsWith(url) && response.status() >= 400) {
      failed.push(`${response.status()} ${response.url()}`);
    }
  });
  return failed;
}

test.skipIf(missing)(
  'an index is browsed: its packls, and the page of one',
  { timeout: 60_000 },
  async () => {
    await using scene = await startScene();
    const stage = indexName('alice/stage');
    await (await scene.as('alice')).setIndex(stage, { bases: [film] });
    await scene.publish(film, await packl('@film/bunny', '1.0.0', { description: 'a rabbit' }));
    const { url } = scene.registry;
    const page = await browser.newPage();
    const failed = watched(page, url);

    for (const index of [film, stage]) {
      await page.goto(`${url}/${index}/`);
      await page.getByText('@film/bunny').first().click();
      await page.getByRole('heading', { name: '@film/bunny' }).first().waitFor();
      expect(page.url()).toBe(`${url}/${index}/-/web/detail/@film/bunny`);
      await page.goto(`${url}/${index}/-/web/detail/@film/bunny`);
      await page.getByText('a rabbit').first().waitFor();
    }
    expect(failed).toEqual([]);
    await page.close();
  },
);
