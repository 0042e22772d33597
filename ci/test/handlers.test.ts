/** Handlers at work on a real server: checks run by themselves, and what they find opens gates, or keeps them shut. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexName, type Handler } from '@pipl/packl';
import { publish } from '@pipl/project';
import type { HandlingView, RegistryClient } from '@pipl/registry-client';
import { eventually, generatedProject, type GeneratedProject } from './generated-project.ts';

const stage = indexName('alice/stage');
const proj = indexName('root/PROJ');

/** A production whose `alice/stage` is checked by `qa`, which may promote into `root/PROJ` when its gate holds. */
async function staged(
  graph: Record<string, readonly string[]>,
  { gate, more = [] }: { gate?: object; more?: readonly Handler[] } = {},
) {
  const production = await generatedProject(graph);
  const root = await production.asRoot();
  await root.setUser('alice', { password: 'alice' });
  await root.setUser('bob', { password: 'bob' });
  await root.setIndex(stage, { bases: [proj] });
  await root.setIndex(proj, { handlers: [{ handler: 'qa', from: stage }] });
  if (gate !== undefined) {
    const file = join(production.project.path, '.pipl');
    const written = JSON.parse(await readFile(file, 'utf8')) as object;
    await production.stop();
    await writeFile(file, JSON.stringify({ ...written, gates: { 'root/PROJ': gate } }));
    await production.start();
  }
  for (const handler of [{ kind: 'qa', promoteTo: proj } as const, ...more])
    await root.addHandler(stage, handler);
  const as = async (user: string) =>
    production.client.withToken((await production.client.login({ user, password: user })).token);
  return { production, root, alice: await as('alice'), bob: await as('bob') };
}

async function writePackl(
  production: GeneratedProject,
  name: string,
  files: Record<string, string | object>,
) {
  const folder = production.folder(name);
  await mkdir(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

const publishTo = (client: RegistryClient, production: GeneratedProject, name: string) =>
  publish(client, { project: production.project, folders: [production.folder(name)], to: stage });

const over = [
  'promoted',
  'passed',
  'failed',
  'done',
  'held',
  'refused',
  'gone',
  'canceled',
  'dead',
  'superseded',
];
const handled = (client: RegistryClient, name: string, version: string): Promise<HandlingView> =>
  eventually(async () => {
    const [handling] = await client.handlings({ name, version });
    return handling !== undefined && over.includes(handling.state) ? handling : undefined;
  });

const tool = (version: string, checks: object, body = 'export {};\n') => ({
  'package.json': {
    name: '@gen/tool',
    version,
    type: 'module',
    exports: './index.js',
    pipl: { kind: 'code', checks },
  },
  'index.js': body,
});

test('a packl whose check passes is promoted by itself; one whose check fails stays, with its report', async () => {
  const { production, alice } = await staged({ a: ['@gen/seed'] }, { gate: { checks: true } });
  await using _ = production;
  const checks = { works: ['node', 'index.js'] };
  await writePackl(production, 'tool', tool('1.0.0', checks));
  await publishTo(alice, production, 'tool');
  const good = await handled(alice, '@gen/tool', '1.0.0');
  expect(good).toMatchObject({
    state: 'promoted',
    promoteTo: proj,
    checks: [
      { check: 'installs', passed: true },
      { check: 'works', of: '@gen/tool@1.0.0', passed: true },
    ],
  });
  const { rows } = await alice.rows(proj, '@gen/tool');
  expect(rows.map(({ version }) => version)).toEqual(['1.0.0']);

  await writePackl(
    production,
    'tool',
    tool('1.0.1', checks, 'console.log("all is lost");\nprocess.exit(3);\n'),
  );
  await publishTo(alice, production, 'tool');
  const bad = await handled(alice, '@gen/tool', '1.0.1');
  expect(bad).toMatchObject({ state: 'failed', reason: expect.stringContaining('works') });
  expect(bad.checks[1]).toMatchObject({ check: 'works', passed: false, log: ['all is lost'] });
  expect((await alice.rows(proj, '@gen/tool')).rows).toHaveLength(1);
});
