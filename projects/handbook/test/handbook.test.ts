/**
 * The acceptance test of the handbook: pipl publishes its own documents with itself, from the template and with the
 * built command line; one changed page makes one section and the site anew; a broken link stays in the stage.
 */
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HandlingView, RunView } from '@pipl/registry-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { brokenLinks } from '../pipeline/src/links.ts';
import { invalidHtml } from '../pipeline/src/valid.ts';
import { pagesIn } from '../pipeline/src/pages.ts';
import { fromTemplate, productVersions, type TemplateProject } from '../../../scripts/story/template.ts';

let temp: string;
let project: TemplateProject;
const sections = ['front', 'decisions', 'packages'];

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'pipl-handbook-'));
  project = await fromTemplate(join(temp, 'handbook'), 'docs');
  await project.pipl('tasks', ['packl', 'publish', 'pipeline']);
  const tasks = [...sections.map((section) => `${section}-html`), 'library', 'assemble'];
  await project.pipl('tasks', ['packl', 'publish', ...tasks]);
  for (const section of sections)
    await project.pipl(`writing/${section}`, ['asset', 'add', 'pages', './pages', '--type', 'Pages']);
  await project.pipl('writing/theme', ['asset', 'add', 'style', './style', '--type', 'Style']);
  await project.pipl('writing/viewer', ['asset', 'add', 'source', './source', '--type', 'Source']);
}, 540_000);

afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await rm(temp, { recursive: true, force: true });
});

/** @returns how each was received by the stage */
async function publish(...packls: string[]): Promise<HandlingView[]> {
  const { published } = await project.pipl<{ published: { name: string; version: string }[] }>('writing', [
    'packl',
    'publish',
    '--to',
    'root/stage',
    ...packls,
  ]);
  const received: HandlingView[] = [];
  for (const { name, version } of published) received.push(await project.checked(name, version));
  return received;
}

/** The runs of all waves that promotions began. */
async function runsOf(received: readonly HandlingView[]): Promise<string[]> {
  const runs = new Map<string, RunView>();
  for (const { promoted } of received)
    for (const run of await project.wave(promoted!)) runs.set(run.attempt, run);
  return [...runs.values()].map(({ task, state }) => `${task} ${state}`).toSorted();
}

const expected = async () =>
  JSON.parse(await readFile(join(import.meta.dirname, '../expected.json'), 'utf8')) as {
    products: Record<string, string[]>;
    pages: { atLeast: number };
  };

test(
  'documents become a site: every page valid, every link leads somewhere',
  { timeout: 540_000 },
  async () => {
    const received = await publish('viewer', 'theme', ...sections);
    expect(received.map(({ state }) => state)).toEqual(received.map(() => 'promoted'));
    const runs = await runsOf(received);
    expect(runs.filter((run) => run.startsWith('@handbook/assemble'))).toEqual([
      '@handbook/assemble succeeded',
    ]);
    const site = await project.asset('@handbook/site', 'site', join(temp, 'first'));
    const pages = await pagesIn(site);
    expect(pages.length).toBeGreaterThanOrEqual((await expected()).pages.atLeast);
    expect(pages).toContain('index.html');
    expect(await brokenLinks(site)).toEqual([]);
    expect(await invalidHtml(site)).toEqual([]);
    expect(await readdir(join(site, 'pagefind'))).toContain('pagefind.js');
  },
);

test('one changed page: its section and the site, nothing else', { timeout: 540_000 }, async () => {
  const page = join(project.path, 'workspaces/writing/front/pages/words.md');
  await appendFile(page, '\nA word more.\n');
  await project.pipl('writing/front', ['asset', 'add', 'pages', './pages', '--type', 'Pages']);
  await project.pipl('writing/front', ['packl', 'bump', 'patch', 'a word more']);
  expect(await runsOf(await publish('front'))).toEqual([
    '@handbook/assemble succeeded',
    '@handbook/front-html succeeded',
  ]);
  const site = await project.asset('@handbook/site', 'site', join(temp, 'second'));
  expect(await readFile(join(site, 'words.html'), 'utf8')).toContain('A word more.');
});

test('a link that leads nowhere stays in the stage', { timeout: 540_000 }, async () => {
  const page = join(project.path, 'workspaces/writing/front/pages/words.md');
  await appendFile(page, '\nSee [this](nowhere.md).\n');
  await project.pipl('writing/front', ['asset', 'add', 'pages', './pages', '--type', 'Pages']);
  await project.pipl('writing/front', ['packl', 'bump', 'patch', 'a link']);
  const [received] = await publish('front');
  expect(received).toMatchObject({ state: 'failed', reason: expect.stringContaining('links') });
  const said = received!.checks.find(({ passed }) => !passed);
  expect([said?.message, ...(said?.log ?? [])].join('\n')).toContain('words.md → nowhere.md');
  expect(productVersions(await project.rows())).toEqual((await expected()).products);
});
