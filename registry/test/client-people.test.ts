/** npm's commands about people, rights and unpublishing, with what is not here answered in words. */
import { expect, test } from 'vitest';
import { indexName } from '@pipl/packl';
import { desk } from './client-programs.ts';
import { film, packl, startScene } from './scene.ts';

const manifest = (name: string, version: string, more: object = {}) =>
  JSON.stringify({ name, version, description: 'a rabbit', license: 'MIT', main: 'index.js', ...more });

test(
  'npm: a volatile index unpublishes one version or all, with a change for each; numbers stay taken',
  { timeout: 540_000 },
  async () => {
    await using scene = await startScene();
    const alice = await scene.as('alice');
    const stage = indexName('alice/stage');
    await alice.setIndex(stage, { bases: [film], volatile: true });
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
      await alice.release({ index: stage, packls: [await packl('@film/bunny', version)] });
    }
    const place = await desk(scene, { program: 'npm 11', index: stage });
    const address = `${scene.registry.url}/${stage}/`;
    await place.write({ '.npmrc': `registry=${address}\n${address.slice(5)}:_authToken=${alice.token}\n` });
    expect(await place.run(['unpublish', '@film/bunny@1.1.0', '--force'])).toMatchObject({ status: 0 });
    const live = async () =>
      (await scene.registry.rows())
        .filter(({ withdrawn }) => withdrawn !== true)
        .map(({ version }) => version);
    expect(await live()).toEqual(['1.0.0', '1.2.0']);
    expect((await scene.registry.feed.read(0)).changes.at(-1)).toMatchObject({
      op: 'withdraw',
      version: '1.1.0',
      by: 'alice',
    });
    expect(await place.run(['unpublish', '@film/bunny', '--force'])).toMatchObject({ status: 0 });
    expect(await live()).toEqual([]);
    expect((await scene.registry.feed.read(0)).changes.filter(({ op }) => op === 'withdraw')).toHaveLength(3);
    expect((await place.run(['view', '@film/bunny', 'version'])).both).toContain('E404');
  },
);

test(
  'npm: rights are of indexes, a token has no addresses: the answers say so',
  { timeout: 540_000 },
  async () => {
    await using scene = await startScene();
    const { token = '' } = await scene.as('alice');
    await scene.publish(film, await packl('@film/bunny', '1.0.0'));
    const place = await desk(scene, { program: 'npm 11' });
    const address = `${scene.registry.url}/${film}/`;
    await place.write({ '.npmrc': `registry=${address}\n${address.slice(5)}:_authToken=${token}\n` });
    const rights = 'pipl proj index set';
    expect((await place.run(['owner', 'add', 'alice', '@film/bunny'])).both).toContain(rights);
    expect((await place.run(['access', 'set', 'status=private', '@film/bunny'])).both).toContain(rights);
    expect((await place.run(['unpublish', '@film/bunny@1.0.0', '--force'])).both).toContain(
      'pipl packl withdraw',
    );
    const create = (...more: string[]) => place.run(['token', 'create', ...more], { password: "alice's" });
    expect((await create('--cidr=10.0.0.0/8')).both).toContain('cannot be tied to addresses');
  },
);

test(
  'npm: tokens with limits are made, listed and revoked; another password ends them all',
  { timeout: 540_000 },
  async () => {
    await using scene = await startScene();
    const { token = '' } = await scene.as('alice');
    const place = await desk(scene, { program: 'npm 11' });
    const address = `${scene.registry.url}/${film}/`;
    const signIn = (as: string) =>
      place.write({ '.npmrc': `registry=${address}\n${address.slice(5)}:_authToken=${as}\n` });
    await signIn(token);
    const made = await place.run(
      [
        'token',
        'create',
        '--name=farm',
        '--scopes=@film',
        '--packages-and-scopes-permission=read-only',
        '--expires=7',
        '--json',
      ],
      { password: "alice's" },
    );
    const { token: farm, expires } = JSON.parse(made.stdout.slice(made.stdout.indexOf('{'))) as {
      token: string;
      expires: string;
    };
    expect(Date.parse(expires) - Date.now()).toBeGreaterThan(6 * 86_400_000);
    const [, view] = await scene.anonymous.withToken(token).tokens();
    expect(view).toMatchObject({ label: 'farm', limits: { operations: ['read'], packls: ['@film/*'] } });
    await place.write({ 'package.json': manifest('@film/hare', '1.0.0') });
    await signIn(farm);
    expect((await place.run(['publish'])).both).toContain('This token may not publish');
    await signIn(token);
    expect(await place.run(['token', 'revoke', farm])).toMatchObject({ status: 0 });
    expect(await scene.anonymous.withToken(token).tokens()).toHaveLength(1);

    const wrong = await place.run(['profile', 'set', 'password'], {
      'Current password:': 'guess',
      'New password:': 'new',
      'Again:': 'new',
    });
    expect(wrong.status).not.toBe(0);
    const right = await place.run(['profile', 'set', 'password'], {
      'Current password:': "alice's",
      'New password:': 'new',
      'Again:': 'new',
    });
    expect(right).toMatchObject({ status: 0 });
    expect((await place.run(['whoami'])).status).not.toBe(0);
    // A token that has ended does not keep anybody from logging in again.
    expect(
      await place.run(['login', '--auth-type=legacy'], { 'Username:': 'alice', 'Password:': 'new' }),
    ).toMatchObject({ status: 0 });
  },
);
