/** The page for indexes in a real browser: log in, make, change, be refused, remove. */
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { executablePath, noChromium } from './chromium.ts';
import { film, packl, startScene } from './scene.ts';

test.skipIf(noChromium)('indexes are made, changed and removed on a page', { timeout: 540_000 }, async () => {
  await using scene = await startScene();
  await scene.registry.setUser('alice', { password: 'carrot' });
  const { url } = scene.registry;
  const stage = indexName('alice/stage');
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  await using browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage();
  const broken: string[] = [];
  page.on('pageerror', (error) => broken.push(error.message));
  page.on('console', (said) => {
    if (said.text().includes('Content Security Policy')) broken.push(said.text());
  });
  const told = (text: string | RegExp) => page.getByRole('status').getByText(text).waitFor();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const typed = (label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text);

  await page.goto(`${url}/`);
  await page.getByRole('link', { name: 'Make and change indexes' }).click();
  await page.getByRole('link', { name: film }).waitFor();
  await typed('Name', stage);
  await press('Make');
  await told(/needs a user/);
  await typed('User', 'alice');
  await typed('Password', 'wrong');
  await press('Log in');
  await told(/alice cannot log in/);
  await typed('Password', 'carrot');
  await press('Log in');
  await told('Logged in.');

  await typed('On top of', film);
  await typed('May read', ':AUTHENTICATED:');
  expect(await page.locator('#command').textContent()).toBe(
    `pipl proj index create ${stage} --base ${film} --read :AUTHENTICATED:`,
  );
  await press('Make');
  await told(`Made ${stage}.`);
  const alice = await scene.as('root');
  const view = async () => (await alice.indexes()).find(({ name }) => name === stage);
  expect(await view()).toEqual({ name: stage, bases: [film], volatile: false, read: [':AUTHENTICATED:'] });

  await typed('Name', film);
  await press('Change');
  await told(/may not do this/);
  await press(`Edit ${stage}`);
  await typed('May read', '');
  await typed('May publish', '<img src=x onerror=alert(1)>');
  await press('Change');
  await told(/cannot be given a right/);
  expect(await page.locator('#told img').count()).toBe(0);
  await typed('May publish', 'root');
  await press('Change');
  await told(`Changed ${stage}.`);
  expect(await view()).toEqual({ name: stage, bases: [film], volatile: false, publish: ['root'] });

  await scene.publish(stage, await packl('bunny', '1.0.0'));
  page.on('dialog', (dialog) => void dialog.accept(dialog.type() === 'prompt' ? stage : ''));
  await press('Remove');
  await told(`Removed ${stage}.`);
  expect(await view()).toBeUndefined();
  expect(broken).toEqual([]);
});
