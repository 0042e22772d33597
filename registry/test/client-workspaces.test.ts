/** Programs that publish a whole workspace: pnpm and changesets. And: whatever is published, tarballs match. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { integrityMatches } from '@pipl/registry-client';
import { desk, type Desk, type Program } from './client-programs.ts';
import { film, packl, startScene, type Scene } from './scene.ts';

const manifest = (name: string, version: string, more: object = {}) =>
  JSON.stringify({ name, version, description: 'a rabbit', license: 'MIT', main: 'index.js', ...more });

const workspace = {
  'package.json': JSON.stringify({ name: 'film', private: true }),
  'pnpm-workspace.yaml': 'packages: [packages/*]\nminimumReleaseAge: 0\n',
  'packages/a/package.json': manifest('@film/a', '1.0.0'),
  'packages/a/index.js': 'module.exports = 1;\n',
  'packages/b/package.json': manifest('@film/b', '1.0.0', { dependencies: { '@film/a': 'workspace:^' } }),
  'packages/b/index.js': 'module.exports = 2;\n',
  'packages/c/package.json': manifest('c', '1.0.0', { private: true }),
};
const published = async (scene: Scene) =>
  (await scene.registry.rows()).map(({ name, version }) => `${name}@${version}`).toSorted();

/** A workspace whose author is logged in. */
async function workspaceOf(scene: Scene, program: Program): Promise<Desk> {
  const { token = '' } = await scene.as('alice');
  const place = await desk(scene, { program });
  const address = `${scene.registry.url}/${film}/`;
  const npmrc = `registry=${address}\n${address.slice('http:'.length)}:_authToken=${token}\n`;
  await place.write({ ...workspace, '.npmrc': npmrc });
  return place;
}

test(
  'pnpm publish -r publishes the packages of a workspace, and again only what is new',
  { timeout: 540_000 },
  async () => {
    await using scene = await startScene();
    const place = await workspaceOf(scene, 'pnpm 12');
    const publish = ['publish', '-r', '--no-git-checks'];
    expect(await place.run(publish)).toMatchObject({ status: 0 });
    expect(await published(scene)).toEqual(['@film/a@1.0.0', '@film/b@1.0.0']);
    expect((await scene.registry.row(film, '@film/b', '1.0.0'))?.manifest.dependencies).toEqual({
      '@film/a': '^1.0.0',
    });
    await place.write({ 'packages/a/package.json': manifest('@film/a', '1.0.1') });
    expect(await place.run(publish)).toMatchObject({ status: 0 });
    expect(await published(scene)).toEqual(['@film/a@1.0.0', '@film/a@1.0.1', '@film/b@1.0.0']);
  },
);

test(
  'changeset publish publishes the packages of a workspace, and again only what is new',
  { timeout: 540_000 },
  async () => {
    await using scene = await startScene();
    const place = await workspaceOf(scene, 'changeset');
    const config = { changelog: false, commit: false, access: 'public', baseBranch: 'main' };
    await place.write({
      '.changeset/config.json': JSON.stringify(config),
      'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
    });
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=alice', '-c', 'user.email=alice@example.com', ...args], {
        cwd: place.cwd,
        stdio: 'ignore',
      });
    git('init', '-b', 'main');
    git('add', '.');
    git('commit', '-m', 'first');
    const first = await place.run(['publish', '--no-git-tag']);
    expect(first).toMatchObject({ status: 0 });
    expect(await published(scene)).toEqual(['@film/a@1.0.0', '@film/b@1.0.0']);
    expect(await place.run(['publish', '--no-git-tag'])).toMatchObject({ status: 0 });
    await place.write({ 'packages/a/package.json': manifest('@film/a', '1.0.1') });
    expect(await place.run(['publish', '--no-git-tag'])).toMatchObject({ status: 0 });
    expect(await published(scene)).toEqual(['@film/a@1.0.0', '@film/a@1.0.1', '@film/b@1.0.0']);
  },
);

test('the tarball that is served always matches its integrity, whoever published it and however it is asked for', async () => {
  await using scene = await startScene({}, [await packl('tiny-dep', '1.0.0')]);
  const alice = await scene.as('alice');
  const stage = indexName('alice/stage');
  await alice.setIndex(stage, { bases: [film], volatile: true });
  await scene.publish(film, await packl('@film/a', '1.0.0'), await packl('@film/a', '2.0.0'));
  for (const content of ['one', 'two']) {
    await alice.release({ index: stage, packls: [await packl('@film/a', '2.0.0', { content })] });
  }
  for (const index of [film, stage]) {
    for (const name of ['@film/a', 'tiny-dep']) {
      for (const accept of ['application/json', 'application/vnd.npm.install-v1+json']) {
        const document = await fetch(`${scene.registry.url}/${index}/${name.replace('/', '%2f')}`, {
          headers: { accept },
        });
        const { versions } = (await document.json()) as {
          versions: Record<string, { dist: { tarball: string; integrity: string } }>;
        };
        expect(Object.keys(versions).length).toBeGreaterThan(0);
        for (const { dist } of Object.values(versions)) {
          const bytes = new Uint8Array(await (await fetch(dist.tarball)).arrayBuffer());
          expect(integrityMatches(dist.integrity, bytes)).toBe(true);
        }
      }
    }
  }
});
