/**
 * The web pages in a real browser: the front page of the project; under each index the list, a packl's page,
 * search and login; and that nothing in what people publish runs there.
 */
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { indexName, type Manifest } from '@pipl/packl';
import { packTarball, type ReleasePackl } from '@pipl/registry-client';
import { executablePath, noChromium } from './chromium.ts';
import { film, packl, startScene, type Scene } from './scene.ts';

let browser: Browser;
beforeAll(async () => {
  if (noChromium) return;
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
  ];
  browser = await chromium.launch({ executablePath, args });
});
afterAll(() => browser?.close());

/** Fails the test when the page asks this server for something that is not there, or breaks its own policy. */
function watched(page: Page, url: string): string[] {
  const failed: string[] = [];
  page.on('console', (said) => {
    if (said.text().includes('Content Security Policy')) failed.push(said.text());
  });
  page.on('pageerror', (error) => failed.push(error.message));
  page.on('response', (response) => {
    if (response.url().startsWith(url) && response.status() >= 400) {
      failed.push(`${response.status()} ${response.url()}`);
    }
  });
  return failed;
}

test.skipIf(noChromium)(
  'an index is browsed: its packls, and the page of one',
  { timeout: 540_000 },
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

test.skipIf(noChromium)(
  'the front page shows what there is, how to connect, and what comes while it is open',
  { timeout: 540_000 },
  async () => {
    await using scene = await startScene({
      outlets: { links: [{ title: 'Runs', path: '/-/pipl/v1/runs' }] },
    });
    const closed = indexName('alice/closed');
    await (await scene.as('alice')).setIndex(closed, { bases: [film], read: ['alice'] });
    await scene.publish(closed, await packl('@film/secret', '1.0.0'));
    await scene.publish(film, await packl('@film/bunny', '1.0.0'));
    const { url } = scene.registry;
    const page = await browser.newPage();
    const failed = watched(page, url);

    await page.goto(`${url}/`);
    const text = await page.locator('body').innerText();

    expect(text).toContain('@film/bunny 1.0.0');
    expect(text).toContain(`npm config set registry ${url}/${film}/`);
    expect(text).toContain(`pipl login ${url}`);
    expect(text).not.toContain('secret');
    expect(text).not.toContain('alice/closed');
    await page.getByRole('link', { name: 'Runs' }).waitFor();
    await scene.publish(film, await packl('@film/carrot', '2.0.0'));
    await page.getByRole('row', { name: /@film\/carrot 2\.0\.0/ }).waitFor();
    await page.getByRole('link', { name: '@film/carrot' }).click();
    await page.getByRole('heading', { name: '@film/carrot' }).first().waitFor();
    expect(failed).toEqual([]);
    await page.close();
  },
);

/** What a web server in front of the registry does when the project stands at a sub-path of it. */
async function subPath(scene: Scene, prefix: string): Promise<string> {
  const server = createServer((request, response) => {
    const headers = {
      ...request.headers,
      'x-forwarded-prefix': prefix,
      'x-forwarded-host': request.headers.host,
    };
    const path =
      request.url?.startsWith(prefix) === true ? request.url.slice(prefix.length) || '/' : undefined;
    if (path === undefined) return response.writeHead(404).end('not below the sub-path');
    const asked = httpRequest(scene.registry.url + path, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    response.once('close', () => asked.destroy());
    asked.on('error', () => response.destroy());
    return request.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`;
}

test.skipIf(noChromium)(
  'all of it works at a sub-path behind a web server: front page, search, login, what only some may read',
  { timeout: 540_000 },
  async () => {
    await using scene = await startScene();
    const closed = indexName('alice/closed');
    await (await scene.as('alice')).setIndex(closed, { bases: [film], read: ['alice'] });
    await scene.publish(closed, await packl('@film/secret', '1.0.0', { description: 'not for all' }));
    await scene.publish(film, await packl('@film/bunny', '1.0.0', { description: 'a rabbit' }));
    const url = await subPath(scene, '/tools/pipl');
    const page = await browser.newPage();
    const failed = watched(page, new URL(url).origin);

    await page.goto(`${url}/`);
    await page.getByRole('link', { name: film }).first().click();
    await page.getByText('a rabbit').first().waitFor();
    await page.getByPlaceholder(/search/i).fill('bun');
    await page.getByRole('option').first().click();
    await page.getByRole('heading', { name: '@film/bunny' }).first().waitFor();
    expect(page.url()).toContain(`${url}/${film}/-/web/detail/@film/bunny`);
    await page.getByRole('button', { name: /login/i }).first().click();
    await page.locator('input[name=username]').fill('alice');
    await page.locator('input[type=password]').fill("alice's");
    await page.locator('button[type=submit]').click();
    await page.locator('input[type=password]').waitFor({ state: 'detached' });
    await page.goto(`${url}/${closed}/-/web/detail/@film/secret`);
    await page.getByText('not for all').first().waitFor();

    expect(failed).toEqual([]);
    await page.close();
  },
);

const hit = 'window.ran()';
/** Each would run `hit` in a page that trusts it. */
const attacks = [
  `<script>${hit}</script>`,
  `<img src=x onerror="${hit}">`,
  `<svg onload="${hit}"></svg>`,
  `<svg><script>${hit}</script></svg>`,
  `<details open ontoggle="${hit}">x</details>`,
  `<iframe src="javascript:parent.${hit}"></iframe>`,
  `<iframe srcdoc="<script>parent.${hit}</script>"></iframe>`,
  `<object data="javascript:${hit}"></object>`,
  `<embed src="javascript:${hit}">`,
  `<body onload="${hit}">`,
  `<input autofocus onfocus="${hit}">`,
  `<video><source onerror="${hit}"></video>`,
  `<form action="javascript:${hit}"><button>go</button></form>`,
  `<a href="javascript:${hit}">go</a>`,
  `<a href=" java\nscript:${hit}">go</a>`,
  `[go](javascript:${hit})`,
  `[go](JaVaScRiPt:${hit})`,
  `[go](data:text/html;base64,${Buffer.from(`<script>opener.${hit}</script>`).toString('base64')})`,
  `![x](x"onerror="${hit})`,
  `<base href="http://evil.example/">`,
  `<meta http-equiv="refresh" content="0;url=javascript:${hit}">`,
  `<link rel="stylesheet" href="data:text/css,*{display:none}">`,
  `"><script>${hit}</script>`,
  `</title></script><script>${hit}</script>`,
  `\`\`\`html\n</code></pre><script>${hit}</script>\n\`\`\``,
  `<style>@import 'http://evil.example/x.css';</style>`,
];

/** These take what stands behind them along, so each stands last. */
const swallowing = [
  `<math><mtext><table><mglyph><style><img src=x onerror="${hit}">`,
  `<noscript><p title="</noscript><img src=x onerror=${hit}>">`,
];

async function hostile(name: string, readme: string): Promise<ReleasePackl> {
  const [text] = [attacks.join(' ')];
  const manifest = {
    name,
    version: '1.0.0',
    description: text,
    keywords: attacks.slice(0, 3),
    license: `<img src=x onerror="${hit}">`,
    homepage: `javascript:${hit}`,
    author: { name: text, email: `"><img src=x onerror=${hit}>`, url: `javascript:${hit}` },
    repository: { type: 'git', url: `javascript:${hit}` },
    bugs: { url: `javascript:${hit}` },
    funding: { url: `javascript:${hit}` },
  } as unknown as Manifest;
  const bytes = (of: string) => new TextEncoder().encode(of);
  const files = new Map([
    ['package.json', bytes(JSON.stringify(manifest))],
    ['README.md', bytes(readme)],
  ]);
  return { manifest, ...(await packTarball(files)) };
}

test.skipIf(noChromium)(
  'nothing that people publish runs in a page: by the policy, and without it by what the pages leave out',
  { timeout: 540_000 },
  async () => {
    const project = `film</title><script>${hit}</script><img src=x onerror="${hit}">`;
    await using scene = await startScene({ project });
    const beacon = await startBeacon();
    const readmes = swallowing.map((last) =>
      [`![x](${beacon.url})`, ...attacks, 'The end.', last].join('\n\n'),
    );
    for (const [n, readme] of readmes.entries()) {
      await scene.publish(film, await hostile(`@film/hostile-${n}`, readme));
    }
    const root = await scene.as('root');
    await root.deprecate(film, { name: '@film/hostile-0', version: '1.0.0', message: attacks.join(' ') });
    const { url } = scene.registry;
    const pathOf = (n: number) => `/${film}/-/web/detail/@film/hostile-${n}`;

    const ran: string[] = [];
    const guarded = await browser.newContext();
    await guarded.exposeFunction('ran', () => ran.push('under the policy'));
    for (const path of ['/', `/${film}/`, pathOf(0)]) await looksHarmless(guarded, url + path);
    // Nobody learns who reads a page.
    expect(beacon.asked()).toBe(0);
    await guarded.close();

    const bare = await browser.newContext({ bypassCSP: true });
    await bare.exposeFunction('ran', () => ran.push('without the policy'));
    for (const path of ['/', `/${film}/`, pathOf(0), pathOf(1)]) await looksHarmless(bare, url + path);
    expect(beacon.asked()).toBeGreaterThan(0);
    await bare.close();
    expect(ran).toEqual([]);
  },
);

async function looksHarmless(context: BrowserContext, address: string): Promise<void> {
  const page = await context.newPage();
  const answered = await page.goto(address);
  expect(answered?.headers()['content-security-policy']).toMatch(/^default-src 'self';(?!.*unsafe)/);
  if (address.includes('/detail/')) await page.locator('.markdown-body').getByText('The end.').waitFor();
  else await page.getByText('@film/hostile-1').first().waitFor();
  expect([address, ...(await page.evaluate<string[]>(dangers))]).toEqual([address]);
  for (const link of await page.getByText('go', { exact: true }).all()) {
    // Where a click leads to is not looked at, only whether it ran something.
    await link.click({ timeout: 1_000, noWaitAfter: true }).catch(() => undefined);
  }
  await page.close();
}

/** A server of a stranger, which would like to know who reads what. */
async function startBeacon(): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.png`, asked: () => asked };
}

/** In the page: is there anything left that might run? */
const dangers = `(() => {
  const risky = ({ name, value }) => /^on/i.test(name) || /^\\s*(?:java\\s*script|data:text)/i.test(value);
  const left = [...document.querySelectorAll('*')].flatMap((element) =>
    [...element.attributes].filter(risky).map(({ name, value }) => element.tagName + ' ' + name + '=' + value),
  );
  const framed = [...document.querySelectorAll('iframe, object, embed')].map(({ tagName }) => tagName);
  return [...left, ...framed];
})()`;
