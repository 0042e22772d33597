/** npm 11 as this machine has it: tags, deprecation, login. `client-matrix.test.ts` has what all clients do. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { film, packl, startScene, workplace } from './scene.ts';

function versionOf(program: string): string | undefined {
  try {
    return execFileSync(program, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

/** Says why when it is not there; with PIPL_TEST_REQUIRE=all nothing is skipped. */
function lacks(program: 'npm' | 'pnpm', major: number): boolean {
  const found = versionOf(program);
  if (found !== undefined && Number(found.split('.')[0]) >= major) return false;
  if (process.env['PIPL_TEST_REQUIRE'] === 'all') return false;
  console.log(`skipped: ${program} ${major} is needed and ${found ?? 'none'} is here`);
  return true;
}

const manifest = (name: string, version: string, more: object = {}) =>
  JSON.stringify({ name, version, description: 'a rabbit', license: 'MIT', main: 'index.js', ...more });
const sources = (version: string, more: object = {}) => ({
  'package.json': manifest('@film/bunny', version, more),
  'index.js': `module.exports = 'bunny ' + require('tiny-dep');\n`,
  'README.md': '# Bunny\n',
});

const noNpm = lacks('npm', 11);

test.skipIf(noNpm)('npm: dist-tags, and a set latest holds', { timeout: 540_000 }, async () => {
  await using scene = await startScene();
  const { token } = await scene.as('alice');
  await scene.publish(film, await packl('bunny', '1.0.0'), await packl('bunny', '1.1.0'));
  const place = await workplace(scene, { token });
  const latest = async () => (await place.run('npm', 'view', 'bunny', 'version')).stdout.trim();
  expect(await latest()).toBe('1.1.0');
  expect(await place.run('npm', 'dist-tag', 'add', 'bunny@1.0.0', 'latest')).toMatchObject({ status: 0 });
  expect(await place.run('npm', 'dist-tag', 'add', 'bunny@1.1.0', 'next')).toMatchObject({ status: 0 });
  expect(await latest()).toBe('1.0.0');
  expect((await place.run('npm', 'dist-tag', 'ls', 'bunny')).stdout.trim()).toBe(
    'latest: 1.0.0\nnext: 1.1.0',
  );
  expect(await place.run('npm', 'dist-tag', 'rm', 'bunny', 'next')).toMatchObject({ status: 0 });
  expect((await place.run('npm', 'dist-tag', 'ls', 'bunny')).stdout.trim()).toBe('latest: 1.0.0');
  expect((await scene.registry.feed.read(0)).changes.map(({ op }) => op).slice(-3)).toEqual([
    'tag',
    'tag',
    'untag',
  ]);
  expect((await place.run('npm', 'dist-tag', 'add', 'bunny@9.9.9', 'next')).stderr).toContain(
    'no bunny@9.9.9',
  );
});

test.skipIf(noNpm)('npm: publish --tag does not move latest', { timeout: 540_000 }, async () => {
  await using scene = await startScene();
  const { token } = await scene.as('alice');
  await scene.publish(film, await packl('@film/bunny', '1.0.0'));
  const place = await workplace(scene, { token, files: sources('2.0.0-beta.1') });
  expect(await place.run('npm', 'publish', '--tag', 'beta')).toMatchObject({ status: 0 });
  expect((await place.run('npm', 'dist-tag', 'ls', '@film/bunny')).stdout.trim()).toBe(
    'beta: 2.0.0-beta.1\nlatest: 1.0.0',
  );
});

test.skipIf(noNpm)('npm: deprecate and undeprecate; unpublish is refused', { timeout: 540_000 }, async () => {
  await using scene = await startScene();
  const { token } = await scene.as('alice');
  await scene.publish(film, await packl('bunny', '1.0.0'), await packl('bunny', '1.1.0'));
  const place = await workplace(scene, { token });
  expect(await place.run('npm', 'deprecate', 'bunny@1.1.0', 'ears too long')).toMatchObject({ status: 0 });
  expect((await scene.registry.row(film, 'bunny', '1.1.0'))?.deprecated).toBe('ears too long');
  expect((await scene.registry.row(film, 'bunny', '1.0.0'))?.deprecated).toBeUndefined();
  expect(await place.run('npm', 'deprecate', 'bunny@1.1.0', '')).toMatchObject({ status: 0 });
  expect((await scene.registry.row(film, 'bunny', '1.1.0'))?.deprecated).toBeUndefined();

  for (const spec of ['bunny@1.0.0', 'bunny']) {
    const refused = await place.run('npm', 'unpublish', spec, '--force');
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('Nothing is unpublished from');
  }
  expect((await scene.registry.rows()).map(({ version }) => version)).toEqual(['1.0.0', '1.1.0']);
});

test.skipIf(noNpm)(
  'npm: whoami, and a login that it can work with until it logs out',
  { timeout: 540_000 },
  async () => {
    await using scene = await startScene();
    const { token } = await scene.as('alice');
    expect((await (await workplace(scene, { token })).run('npm', 'whoami')).stdout.trim()).toBe('alice');
    const stranger = await workplace(scene, { files: sources('1.0.0') });
    expect((await stranger.run('npm', 'whoami')).status).not.toBe(0);
    expect((await stranger.run('npm', 'publish')).status).not.toBe(0);

    const wrong = await stranger.login('alice', 'wrong');
    expect(wrong.status).not.toBe(0);
    expect(wrong.stderr).toContain('Incorrect or missing password');
    const place = await workplace(scene, {});
    expect(await place.login('alice', "alice's")).toMatchObject({ status: 0 });
    const npmrc = await readFile(join(place.cwd, '..', '.npmrc'), 'utf8');
    const given = /_authToken=(pipl_\S+)/.exec(npmrc)?.[1] ?? '';
    expect((await place.run('npm', 'whoami')).stdout.trim()).toBe('alice');
    expect(await place.run('npm', 'logout')).toMatchObject({ status: 0 });
    const late = await fetch(`${scene.registry.url}/${film}/-/whoami`, {
      headers: { authorization: `Bearer ${given}` },
    });
    expect(late.status).toBe(401);
  },
);
