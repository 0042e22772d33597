/** Webhooks: told of every change they want, in order, signed; nobody waits for a receiver. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { indexName, type Change } from '@pipl/packl';
import type { NewWebhook, RegistryClient } from '@pipl/registry-client';
import { openOutbox } from '../src/feed/outbox.ts';
import { film, packl, refusal, startScene, type Scene } from './scene.ts';
import { storeOf } from './state.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly type: string;
  readonly change: Change | undefined;
}

/** Somebody's server: keeps what it is sent, answers as it is told. */
async function receiver(answer: (received: Received, count: number) => number | 'nothing' = () => 204) {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const take = (body: string) => {
      const { type, data } = JSON.parse(body) as { type: string; data: { change?: Change } };
      const one = { headers: request.headers, body, type, change: data.change };
      received.push(one);
      const status = answer(one, received.length);
      if (status !== 'nothing') response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('noted');
      for (const look of waiting) look();
    };
    void text(request).then(take);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/hook`,
    received,
    seqs: () => received.flatMap(({ change }) => change?.seq ?? []),
    until: (found: () => boolean) =>
      new Promise<void>((done) => {
        const look = () => {
          if (!found()) return;
          waiting.delete(look);
          done();
        };
        waiting.add(look);
        look();
      }),
  };
}

const quick = { pauses: [10, 10, 10], patience: 30_000, lookEvery: 20 };
const start = (webhooks: object = {}) => startScene({ outlets: { webhooks: { ...quick, ...webhooks } } });

/** A hook of root's to a receiver that root allowed. */
async function hooked(scene: Scene, to: { host: string; url: string }, more: Partial<NewWebhook> = {}) {
  const root = await scene.as('root');
  await root.allowHost(to.host);
  const { webhook, secret } = await root.addWebhook({ url: to.url, ...more });
  return { root, id: webhook.id, secret };
}

const hookNow = async (client: RegistryClient, id: string) =>
  (await client.webhooks()).find((hook) => hook.id === id)!;

test('a hook is told of every change, in order, and can verify who tells it', async () => {
  await using scene = await start();
  const to = await receiver();
  const { secret, id } = await hooked(scene, to);

  await scene.publish(film, await packl('@film/a', '1.0.0'), await packl('@film/b', '1.0.0'));
  await to.until(() => to.received.length === 2);

  expect(to.seqs()).toEqual([3, 4]);
  const [{ headers, body, type }] = to.received as [Received];
  expect(type).toBe('pipl.publish');
  expect(JSON.parse(body)).toMatchObject({
    data: { project: 'film', kind: 'npm', change: { name: '@film/a' } },
  });
  expect(headers['webhook-id']).toBe(`${id}.3`);
  const timestamp = Number(headers['webhook-timestamp']);
  expect(Math.abs(Date.now() / 1000 - timestamp)).toBeLessThan(60);
  const signed = `${headers['webhook-id'] as string}.${timestamp}.${body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  expect(headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
  );
});

test('a hook is told only what it asked for', async () => {
  await using scene = await start();
  const to = await receiver();
  const stage = indexName('root/stage');
  const root = await scene.as('root');
  await root.setIndex(stage, { bases: [film] });
  await hooked(scene, to, { indexes: [stage], ops: ['publish', 'withdraw'], kinds: ['npm'] });
  const code = { pipl: { kind: 'code' } } as const;

  await scene.publish(film, await packl('@film/elsewhere', '1.0.0'));
  await scene.publish(stage, await packl('@film/code', '1.0.0', code), await packl('@film/a', '1.0.0'));
  await root.deprecate(stage, { name: '@film/a', version: '1.0.0', message: 'old' });
  await root.withdraw(stage, { name: '@film/a', version: '1.0.0' });
  await to.until(() => to.received.length === 2);

  expect(to.received.map(({ type, change }) => `${type} ${change?.name}`)).toEqual([
    'pipl.publish @film/a',
    'pipl.withdraw @film/a',
  ]);
});

test('what was published while the server was down is delivered after', async () => {
  await using scene = await start({ pauses: Array.from({ length: 1_000 }, () => 10) });
  let broken = true;
  const taken: (number | undefined)[] = [];
  const to = await receiver(({ change }) => {
    if (broken) return 503;
    taken.push(change?.seq);
    return 200;
  });
  const { id } = await hooked(scene, to);
  await scene.publish(film, await packl('@film/a', '1.0.0'));
  await to.until(() => to.received.length === 1);

  await scene.restart();
  broken = false;
  await scene.publish(film, await packl('@film/b', '1.0.0'));
  await to.until(() => to.seqs().at(-1) === 4);

  expect(taken).toEqual([3, 4]);
  expect(new Set(to.received.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([`${id}.3`, `${id}.4`]),
  );
});

test('a change that is refused again and again is given up, said so, and delivered when asked for', async () => {
  await using scene = await start();
  const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  onTestFinished(() => said.mockRestore());
  let broken = true;
  const to = await receiver(({ change }) => (broken && change?.name === '@film/bad' ? 500 : 200));
  const { root, id } = await hooked(scene, to);

  await scene.publish(film, await packl('@film/bad', '1.0.0'), await packl('@film/good', '1.0.0'));
  await to.until(() => to.seqs().includes(4));

  expect(to.seqs()).toEqual([3, 3, 3, 3, 4]);
  await expect.poll(async () => (await hookNow(root, id)).cursor).toBe(4);
  expect((await hookNow(root, id)).dead).toMatchObject([{ seq: 3, attempts: 4, error: '500' }]);
  expect(said.mock.calls.join()).toContain(`pipl proj webhook redeliver ${id}`);
  expect(await root.redeliver(id)).toEqual([{ seq: 3, delivered: false, status: '500' }]);
  broken = false;
  expect(await root.redeliver(id)).toEqual([{ seq: 3, delivered: true, status: '200' }]);
  expect((await hookNow(root, id)).dead).toEqual([]);
  expect(await root.redeliver(id, { seq: 4 })).toEqual([{ seq: 4, delivered: true, status: '200' }]);
  expect(await refusal(root.redeliver(id, { seq: 99 }))).toBe('PIPL_NO_CHANGE');
});

test('a receiver that never answers delays neither a publish nor another hook', async () => {
  await using scene = await start({ patience: 5_000 });
  const [silent, other] = [await receiver(() => 'nothing'), await receiver()];
  const { root, id } = await hooked(scene, silent);
  await hooked(scene, other);

  await scene.publish(film, await packl('@film/a', '1.0.0'));
  await Promise.all([
    silent.until(() => silent.received.length > 0),
    other.until(() => other.received.length > 0),
  ]);
  await scene.publish(film, await packl('@film/b', '1.0.0'));
  await other.until(() => other.received.length === 2);

  expect(silent.seqs()).toEqual([3]);
  expect(await hookNow(root, id)).toMatchObject({ cursor: 2, behind: 2 });
});

test('a redirect is no delivery, and is not followed', async () => {
  await using scene = await start({ pauses: [60_000] });
  const to = await receiver(() => 302);
  const { root, id } = await hooked(scene, to);

  await scene.publish(film, await packl('@film/a', '1.0.0'));

  await expect.poll(async () => (await hookNow(root, id)).lastStatus).toBe('302');
  expect(await hookNow(root, id)).toMatchObject({ attempts: 1, cursor: 2 });
});

test('an inner address is not called unless root allowed its host', async () => {
  await using scene = await start();
  const to = await receiver();
  const root = await scene.as('root');
  const { webhook } = await root.addWebhook({ url: to.url });

  const { delivered, status } = await root.testWebhook(webhook.id);

  expect([delivered, to.received.length]).toEqual([false, 0]);
  expect(status).toContain('inner network');
  await root.allowHost(to.host);
  expect(await root.reachable()).toEqual([to.host]);
  expect(await root.testWebhook(webhook.id)).toEqual({ seq: 0, delivered: true, status: '204' });
  expect(to.received[0]?.type).toBe('pipl.ping');
  await root.forbidHost(to.host);
  expect((await root.testWebhook(webhook.id)).delivered).toBe(false);
});

test('people have hooks for their own indexes only, and hear of nothing else', async () => {
  await using scene = await start();
  const to = await receiver();
  const stage = indexName('alice/stage');
  const [alice, bob, root] = [await scene.as('alice'), await scene.as('bob'), await scene.as('root')];
  await alice.setIndex(stage, { bases: [film] });
  await root.allowHost(to.host);
  const { url } = to;

  const { webhook, secret } = await alice.addWebhook({ url, indexes: [stage] });

  expect(secret).toMatch(/^whsec_/);
  expect(await refusal(alice.addWebhook({ url }))).toBe('PIPL_DENIED');
  expect(await refusal(alice.addWebhook({ url, indexes: [film] }))).toBe('PIPL_DENIED');
  expect(await refusal(scene.anonymous.addWebhook({ url, indexes: [stage] }))).toBe('PIPL_LOGIN_NEEDED');
  expect(await refusal(alice.allowHost(to.host))).toBe('PIPL_DENIED');
  expect(await bob.webhooks()).toEqual([]);
  const asked = [bob.removeWebhook(webhook.id), bob.testWebhook(webhook.id), bob.redeliver(webhook.id)];
  expect(new Set(await Promise.all(asked.map(refusal)))).toEqual(new Set(['PIPL_NO_WEBHOOK']));
  expect(JSON.stringify(await alice.webhooks())).not.toContain(secret.slice(6));
  await alice.removeWebhook(webhook.id);
  expect(await alice.webhooks()).toEqual([]);
});

test('what cannot be a webhook is refused with a reason', async () => {
  await using scene = await start();
  const root = await scene.as('root');
  const url = 'https://example.org/';
  const wrong: readonly [NewWebhook, string][] = [
    [{ url: 'ftp://example.org/' }, 'PIPL_INNER_ADDRESS'],
    [{ url: 'https://user:pass@example.org/' }, 'PIPL_INNER_ADDRESS'],
    [{ url, ops: ['explode'] }, 'PIPL_WEBHOOK'],
    [{ url, kinds: ['movie'] }, 'PIPL_WEBHOOK'],
    [{ url, secret: 'short' }, 'PIPL_WEBHOOK'],
    [{ url, indexes: ['nonsense'] }, 'PIPL_INDEX_NAME'],
  ];

  for (const [webhook, code] of wrong) expect(await refusal(root.addWebhook(webhook))).toBe(code);

  expect(await root.webhooks()).toEqual([]);
});

test('two servers on one state deliver each change once between them', async () => {
  await using scene = await start();
  const to = await receiver();
  const { root } = await hooked(scene, to);
  const store = await storeOf(scene);
  const second = openOutbox(store, { project: 'film', options: quick });
  await second.look();

  for (let n = 0; n < 12; n++) await scene.publish(film, await packl(`@film/p${n}`, '1.0.0'));
  await to.until(() => new Set(to.seqs()).size === 12);
  await expect.poll(async () => (await root.webhooks())[0]?.behind).toBe(0);
  await second.close();

  expect(to.seqs()).toEqual(Array.from({ length: 12 }, (_, i) => i + 3));
});
