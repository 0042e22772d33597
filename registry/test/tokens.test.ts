/** Tokens: what they may do, when they end; the people they belong to; the audit log of it all. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { indexName } from '@pipl/packl';
import { connect, type NewToken, type RegistryClient } from '@pipl/registry-client';
import { film, packl, refusal, startScene, type Scene } from './scene.ts';

const stage = indexName('alice/stage');

/** Alice, her own volatile index, and a maker of clients with limited tokens of hers. */
async function aliceIn(scene: Scene) {
  const alice = await scene.as('alice');
  await alice.setIndex(stage, { bases: [film], volatile: true });
  const limited = async (limits: Omit<NewToken, 'label'>): Promise<RegistryClient> => {
    const { token } = await alice.createToken({ label: 'farm', ...limits });
    return alice.withToken(token);
  };
  return { alice, limited };
}

test('a token is for the indexes, packls and operations it was made for', async () => {
  await using scene = await startScene();
  const { alice, limited } = await aliceIn(scene);
  const publish = async (client: RegistryClient, index = stage, name = '@film/a') =>
    refusal(client.release({ index, packls: [await packl(name, '1.0.0')] }));
  const deprecate = (client: RegistryClient) =>
    refusal(client.deprecate(stage, { name: '@film/a', version: '1.0.0', message: 'old' }));

  const onStage = await limited({ indexes: [stage] });
  expect([await publish(onStage), await publish(onStage, film)]).toEqual(['accepted', 'PIPL_TOKEN_LIMITS']);
  expect(await refusal(onStage.rows(film))).toBe('PIPL_TOKEN_LIMITS');
  expect(await refusal(onStage.rows(stage))).toBe('accepted');
  // Nor by another way: lists and the feed.
  await alice.setIndex(indexName('alice/apart'), { bases: [film] });
  const told = (await onStage.changes({ since: 0, limit: 1000 })).changes.map(({ index }) => index);
  const shown = [...told, ...(await onStage.indexes()).map(({ name }) => name)];
  expect(shown).toEqual(expect.arrayContaining([stage]));
  expect(shown).not.toContain('alice/apart');

  const ofFilm = await limited({ packls: ['@film/*'] });
  expect([await publish(ofFilm), await publish(ofFilm, stage, 'other')]).toEqual([
    'accepted',
    'PIPL_TOKEN_LIMITS',
  ]);
  expect(await publish(await limited({ packls: ['*'] }), stage, 'other')).toBe('accepted');

  const reader = await limited({ operations: ['read'] });
  expect([await publish(reader), await deprecate(reader)]).toEqual([
    'PIPL_TOKEN_LIMITS',
    'PIPL_TOKEN_LIMITS',
  ]);
  expect(await refusal(reader.rows(stage))).toBe('accepted');

  const publisher = await limited({ operations: ['read', 'publish'] });
  expect([await publish(publisher), await deprecate(publisher)]).toEqual(['accepted', 'PIPL_TOKEN_LIMITS']);
  const deprecator = await limited({ operations: ['deprecate'] });
  expect([await publish(deprecator), await deprecate(deprecator)]).toEqual(['PIPL_TOKEN_LIMITS', 'accepted']);
  expect(await refusal(deprecator.rows(stage))).toBe('PIPL_TOKEN_LIMITS');
  expect(await publish(alice, film)).toBe('accepted');
});

test('no token with limits reaches users, tokens, indexes or runs; nor does it widen what its owner may', async () => {
  await using scene = await startScene();
  const { alice, limited } = await aliceIn(scene);
  const wide = await limited({ indexes: [stage, film], packls: ['*'] });
  const theirs = indexName('bob/dev');
  const beyond = [
    wide.createToken({ label: 'another' }),
    wide.tokens().then(() => wide.revokeToken('x')),
    wide.setUser('alice', { password: 'mine now' }),
    wide.setIndex(stage, { volatile: false }),
  ];
  expect(await Promise.all(beyond.map(refusal))).toEqual(beyond.map(() => 'PIPL_TOKEN_LIMITS'));
  await scene.registry.setUser('bob', { password: 'x' });
  await scene.registry.createIndex(theirs, { bases: [film] });
  const notHers = await limited({ indexes: [theirs] });
  expect(await refusal(notHers.release({ index: theirs, packls: [await packl('a', '1.0.0')] }))).toBe(
    'PIPL_DENIED',
  );
  expect(await refusal(alice.createToken({ label: 'x', operations: ['everything'] }))).toBe(
    'PIPL_TOKEN_REQUEST',
  );
  expect(await refusal(alice.createToken({ label: 'x', packls: ['../x'] }))).toBe('PIPL_TOKEN_REQUEST');
  expect(await refusal(alice.createToken({ label: '' }))).toBe('PIPL_TOKEN_REQUEST');
  expect(await refusal(alice.createToken({ label: 'x', days: -1 }))).toBe('PIPL_TOKEN_REQUEST');
});

test('a pattern that asks for much backtracking takes no time', async () => {
  await using scene = await startScene();
  const { limited } = await aliceIn(scene);
  const some = await limited({ packls: [`${'*a'.repeat(7)}b`] });
  const one = await packl('a'.repeat(80), '1.0.0');
  const began = process.cpuUsage();
  expect(await refusal(some.release({ index: stage, packls: [one] }))).toBe('PIPL_TOKEN_LIMITS');
  expect(process.cpuUsage(began).user).toBeLessThan(1_000_000);
});

test('npm’s own requests meet the same limits', async () => {
  await using scene = await startScene();
  const { alice, limited } = await aliceIn(scene);
  await alice.release({ index: stage, packls: [await packl('bunny', '1.0.0')] });
  const ask = async (client: RegistryClient, method: string, path: string, body?: unknown, index = stage) => {
    const answer = await fetch(`${scene.registry.url}/${index}${path}`, {
      method,
      headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const tag = '/-/package/bunny/dist-tags/beta';
  const tagger = await limited({ operations: ['read', 'tag'] });
  expect(await ask(tagger, 'PUT', tag, '1.0.0')).toBe(201);
  expect(await ask(tagger, 'PUT', '/bunny', { name: 'bunny', versions: {} })).toBe(403);
  expect(await ask(tagger, 'DELETE', '/bunny/-rev/1')).toBe(403);
  expect(await ask(tagger, 'GET', '/-/npm/v1/tokens')).toBe(200);
  expect(await ask(tagger, 'POST', '/-/npm/v1/tokens', { password: "alice's" })).toBe(403);
  const reader = await limited({ operations: ['read'], indexes: [stage] });
  expect(await ask(reader, 'GET', '/bunny')).toBe(200);
  expect(await ask(reader, 'GET', '/bunny', undefined, film)).toBe(403);
  expect(await ask(reader, 'PUT', tag, '1.0.0')).toBe(403);
  const other = await limited({ packls: ['@film/*'] });
  expect(await ask(other, 'PUT', tag, '1.0.0')).toBe(403);
  expect(await ask(other, 'DELETE', '/bunny/-rev/1')).toBe(403);
  const publisher = await limited({ operations: ['publish'] });
  expect(
    await ask(publisher, 'PUT', '/bunny', { name: 'bunny', versions: { '1.0.0': { deprecated: 'x' } } }),
  ).toBe(403);
  // Every token may end itself.
  expect(await ask(reader, 'DELETE', `/-/user/token/${reader.token}`)).toBe(200);
  expect(await ask(reader, 'GET', '/bunny')).toBe(401);
});

test('a token ends on its day, when it is revoked, and with a logout', async () => {
  await using scene = await startScene();
  const { alice, limited } = await aliceIn(scene);
  const short = await limited({ days: 1 });
  expect(await refusal(short.rows(film))).toBe('accepted');
  // The server is in this process.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(await refusal(short.rows(film))).toBe('PIPL_TOKEN');
  expect((await alice.tokens()).map(({ label }) => label)).toEqual([undefined]);

  const farm = await limited({ operations: ['read'], days: 30 });
  const [, listed] = await alice.tokens();
  expect(listed).toMatchObject({ label: 'farm', user: 'alice', limits: { operations: ['read'] } });
  expect(Date.parse(listed?.expiresAt ?? '') - Date.now()).toBeGreaterThan(29 * 86_400_000);
  expect(JSON.stringify(listed)).not.toContain(farm.token?.split('.')[1]);
  const bob = await scene.as('bob');
  expect(await refusal(bob.revokeToken(listed?.id ?? ''))).toBe('PIPL_NO_TOKEN');
  expect(await refusal(bob.tokens('alice'))).toBe('PIPL_DENIED');
  await (await scene.as('root')).revokeToken(listed?.id ?? '', 'alice');
  expect(await refusal(farm.rows(film))).toBe('PIPL_TOKEN');

  await alice.logout();
  expect(await refusal(alice.whoami())).toBe('PIPL_TOKEN');
});

test('another password ends every token that came before it; who changed their own is given a new one', async () => {
  await using scene = await startScene();
  const { alice, limited } = await aliceIn(scene);
  const farm = await limited({});
  const root = await scene.as('root');
  await alice.setUser('alice', { email: 'alice@example.com' });
  await root.setUser('alice', { password: "alice's" });
  expect(await refusal(farm.whoami())).toBe('accepted');

  const { token = '' } = await alice.setUser('alice', { password: 'new' });
  expect([await refusal(alice.whoami()), await refusal(farm.whoami())]).toEqual(['PIPL_TOKEN', 'PIPL_TOKEN']);
  const renewed = connect({ url: scene.registry.url, token });
  expect(await renewed.whoami()).toMatchObject({ name: 'alice', email: 'alice@example.com' });

  expect(await root.setUser('alice', { password: 'given' })).toEqual({ name: 'alice' });
  expect(await refusal(renewed.whoami())).toBe('PIPL_TOKEN');
  expect(await refusal(root.whoami())).toBe('accepted');
});

test('a removed user cannot come in; what they published stays', async () => {
  await using scene = await startScene();
  const { alice } = await aliceIn(scene);
  await alice.release({ index: film, packls: [await packl('a', '1.0.0')] });
  const [root, bob] = [await scene.as('root'), await scene.as('bob')];
  expect(await refusal(bob.removeUser('alice'))).toBe('PIPL_DENIED');
  expect(await refusal(root.removeUser('root'))).toBe('PIPL_ROOT_STAYS');
  await root.removeUser('alice');
  expect(await refusal(alice.whoami())).toBe('PIPL_TOKEN');
  expect(await refusal(scene.anonymous.login({ user: 'alice', password: "alice's" }))).toBe(
    'PIPL_WRONG_PASSWORD',
  );
  expect(await refusal(root.removeUser('alice'))).toBe('PIPL_NO_USER');
  expect((await scene.registry.rows()).map(({ name }) => name)).toEqual(['a']);
});

test('every write leaves a line, refused ones and failed logins too; only root reads them', async () => {
  await using scene = await startScene();
  const { alice } = await aliceIn(scene);
  const root = await scene.as('root');
  await alice.release({ index: film, packls: [await packl('a', '1.0.0')] });
  await refusal(alice.release({ index: film, packls: [await packl('a', '1.0.0', { content: 'x' })] }));
  await refusal(scene.anonymous.setUser('mallory', { password: 'x' }));
  await refusal(scene.anonymous.login({ user: 'alice', password: 'very secret guess' }));
  await scene.anonymous.login({ user: 'alice', password: "alice's" });
  await alice.createToken({ label: 'farm' });
  await alice.rows(film);
  const foreign = await fetch(`${scene.registry.url}/${film}/a`, {
    method: 'PUT',
    body: '{}',
    headers: { origin: 'http://evil.example' },
  });
  expect(foreign.status).toBe(403);

  expect(await refusal(alice.audit())).toBe('PIPL_DENIED');
  const { lines } = await root.audit();
  expect(
    lines.map(({ who, action, subject, outcome }) => [who, action, subject, outcome]).toReversed(),
  ).toEqual([
    ['alice', 'set index', stage, 'ok'],
    ['alice', 'publish', `${film} a@1.0.0`, 'ok'],
    ['alice', 'publish', `${film} a@1.0.0`, 'PIPL_VERSION_TAKEN'],
    ['anonymous', 'set user', 'mallory', 'PIPL_LOGIN_NEEDED'],
    ['alice', 'login', '', 'PIPL_WRONG_PASSWORD'],
    ['alice', 'login', '', 'ok'],
    ['alice', 'create token', 'farm', 'ok'],
    ['anonymous', 'publish', `${film} a`, 'PIPL_FOREIGN_ORIGIN'],
  ]);
  expect(new Set(lines.map(({ from }) => from))).toEqual(new Set(['127.0.0.1']));
  expect(JSON.stringify(lines)).not.toContain('very secret');

  const paged = [];
  for (let before: string | undefined; ;) {
    const page = await root.audit({ limit: 3, ...(before === undefined ? {} : { before }) });
    paged.push(...page.lines);
    before = page.next;
    if (before === undefined) break;
  }
  expect(paged).toEqual(lines);
  await scene.restart();
  expect((await (await scene.as('root')).audit()).lines).toEqual(lines);
});
