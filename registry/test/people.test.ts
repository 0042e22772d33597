/** Users, passwords, tokens, and the rule about root's empty password. */
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PiplError } from '@pipl/packl';
import { connect } from '@pipl/registry-client';
import { openDatabase, startRegistry } from '@pipl/registry';
import { dumpTables } from '../src/upkeep/dump.ts';
import { databaseIn, isOnPostgres } from './databases.ts';
import { packl, film, scratch, startScene } from './scene.ts';

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error instanceof PiplError ? `${error.code} ${error.exitStatus}` : String(error)),
  );

test('a user logs in with the right password and no other', async () => {
  await using scene = await startScene();
  await scene.registry.setUser('alice', { password: 'carrot' });
  const { token } = await scene.anonymous.login({ user: 'alice', password: 'carrot' });
  expect(token).toMatch(/^pipl_[0-9a-f]+\.[\w-]+$/);
  await scene.anonymous.withToken(token).release({ index: film, packls: [await packl('a', '1.0.0')] });
  for (const password of ['Carrot', 'carrot ', '']) {
    expect(await code(scene.anonymous.login({ user: 'alice', password }))).toBe('PIPL_WRONG_PASSWORD 5');
  }
  expect(await code(scene.anonymous.login({ user: 'nobody', password: 'carrot' }))).toBe(
    'PIPL_WRONG_PASSWORD 5',
  );
});

test('the database keeps neither passwords nor the secrets of tokens', async () => {
  await using scene = await startScene();
  await scene.registry.setUser('alice', { password: 'very secret carrot' });
  const { token } = await scene.anonymous.login({ user: 'alice', password: 'very secret carrot' });
  const secret = token.split('.')[1] ?? '';
  await using db = await openDatabase(await databaseIn(scene.dir));
  const kept: unknown[] = [];
  await dumpTables(db, async (line) => void kept.push(line));
  const files = isOnPostgres() ? [] : ['pipl.sqlite', 'pipl.sqlite-wal'];
  const bytes = await Promise.all(files.map((file) => readFile(join(scene.dir, 'db', file), 'latin1')));
  for (const text of [JSON.stringify(kept), ...bytes]) {
    expect(text).not.toContain('very secret carrot');
    expect(text).not.toContain(secret);
  }
});

test('a token with another secret, a made up one, and one of another kind are refused', async () => {
  await using scene = await startScene();
  const token = await scene.registry.issueUserToken('root');
  const [id] = token.split('.');
  for (const wrong of [`${id}.${'A'.repeat(43)}`, `pipl_abc.${'A'.repeat(43)}`, 'npm_something', 'a.b.c']) {
    const client = connect({ url: scene.registry.url, token: wrong });
    expect(await code(client.setUser('mallory', { password: 'x' }))).toBe('PIPL_TOKEN 5');
  }
});

test('root makes users; they change themselves and nobody else', async () => {
  await using scene = await startScene();
  const [root, alice] = [await scene.as('root'), await scene.as('alice')];
  await root.setUser('bob', { password: 'x', email: 'bob@example.com' });
  await alice.setUser('alice', { email: 'alice@example.com' });
  expect(await code(alice.setUser('bob', { password: 'mine' }))).toBe('PIPL_DENIED 6');
  expect(await code(alice.setUser('carol', { password: 'x' }))).toBe('PIPL_DENIED 6');
  expect(await code(scene.anonymous.setUser('carol', { password: 'x' }))).toBe('PIPL_LOGIN_NEEDED 5');
  expect(await code(root.setUser('carol', {}))).toBe('PIPL_PASSWORD_EMPTY 2');
  expect(await code(root.setUser('bob', { password: '' }))).toBe('PIPL_PASSWORD_EMPTY 2');
  expect(await code(root.setUser('../x', { password: 'x' }))).toBe('PIPL_USER_NAME 2');
  expect(await scene.anonymous.users()).toEqual([
    { name: 'alice', email: 'alice@example.com' },
    { name: 'bob', email: 'bob@example.com' },
    { name: 'root' },
  ]);
});

test("root's empty password lets in only who can read the owner key, until it is changed", async () => {
  await using scene = await startScene();
  const file = join(scene.dir, 'owner.key');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const ownerKey = await readFile(file, 'utf8');
  const login = (more: object) => code(scene.anonymous.login({ user: 'root', password: '', ...more }));
  expect(await login({})).toBe('PIPL_OWNER_KEY 5');
  expect(await login({ ownerKey: 'x'.repeat(43) })).toBe('PIPL_OWNER_KEY 5');
  expect(await login({ ownerKey })).toBe('accepted');
  expect((await scene.anonymous.status()).rootPasswordEmpty).toBe(true);

  await scene.registry.setUser('root', { password: 'turnip' });
  expect((await scene.anonymous.status()).rootPasswordEmpty).toBe(false);
  expect(await login({ ownerKey })).toBe('PIPL_WRONG_PASSWORD 5');
  expect(await login({ password: 'turnip' })).toBe('accepted');
  await scene.restart();
  expect(await login({ password: 'turnip' })).toBe('accepted');
});

test('while root has no password the server listens on loopback only', async () => {
  const dataDir = await scratch();
  await using db = await openDatabase(await databaseIn(dataDir));
  const start = (host: string) => startRegistry({ dataDir, db, project: 'film', host, port: 0 });
  expect(await code(start('0.0.0.0'))).toBe('PIPL_ROOT_PASSWORD_EMPTY 6');
  const local = await start('127.0.0.1');
  await local.setUser('root', { password: 'turnip' });
  await local.close();
  await (await start('0.0.0.0')).close();
});

test('a port in use is one clear error', async () => {
  const dataDir = await scratch();
  await using db = await openDatabase(await databaseIn(dataDir));
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  expect(await code(startRegistry({ dataDir, db, project: 'film', host: '127.0.0.1', port }))).toBe(
    'PIPL_PORT_IN_USE 4',
  );
  other.close();
});
