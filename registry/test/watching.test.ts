/** What whoever runs the server watches: `/metrics` and `/healthz`. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { routeClass } from '../src/pages/metrics.ts';
import { film, packl, refusal, startScene, type Scene } from './scene.ts';
import { storeOf } from './state.ts';

const metricsOf = async (scene: Scene) => (await fetch(`${scene.registry.url}/metrics`)).text();
const valueOf = (text: string, series: string) => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

test('requests, publishes and their times are counted, and what others add is told', async () => {
  const gauges = () => [
    { name: 'pipl_runs', help: 'Runs.', values: [{ labels: { state: 'odd"\n' }, value: 2 }] },
  ];
  await using scene = await startScene({ outlets: { gauges } });
  await scene.publish(film, await packl('@film/a', '1.0.0'));
  const taken = refusal(scene.publish(film, await packl('@film/a', '1.0.0', { content: 'other' })));
  expect(await taken).toBe('PIPL_VERSION_TAKEN');
  await fetch(`${scene.registry.url}/${film}/@film%2fa`);
  await fetch(`${scene.registry.url}/${film}/@film/nothing`);

  const text = await metricsOf(scene);

  expect(valueOf(text, 'pipl_publishes_total')).toBe(1);
  expect(valueOf(text, 'pipl_http_requests_total{class="publish",status="200"}')).toBe(1);
  expect(valueOf(text, 'pipl_http_requests_total{class="publish",status="409"}')).toBe(1);
  expect(valueOf(text, 'pipl_http_requests_total{class="packument",status="200"}')).toBe(1);
  expect(valueOf(text, 'pipl_http_requests_total{class="packument",status="404"}')).toBe(1);
  expect(valueOf(text, 'pipl_http_request_seconds_count{class="publish"}')).toBe(2);
  expect(valueOf(text, 'pipl_http_request_seconds_bucket{class="publish",le="+Inf"}')).toBe(2);
  expect(valueOf(text, 'pipl_feed_seq')).toBe(3);
  expect(valueOf(text, 'pipl_webhook_backlog')).toBe(0);
  expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(text).toContain('nodejs_eventloop_lag_seconds');
  expect(text).toContain('pipl_runs{state="odd\\"\\n"} 2');
  // Every line is a comment or a series with one number.
  const odd = text.split('\n').filter((line) => !/^(?:#.*|[a-z_]+(?:\{.*\})? -?[\d.e+-]+|)$/.test(line));
  expect(odd).toEqual([]);
});

test('buckets hold everything that was at most so slow', async () => {
  await using scene = await startScene();
  for (let n = 0; n < 5; n++) await fetch(`${scene.registry.url}/-/pipl/v1/status`);

  const text = await metricsOf(scene);

  const counts = [
    ...text.matchAll(/^pipl_http_request_seconds_bucket\{class="api",le="[^"]+"\} (\d+)$/gm),
  ].map(([, count]) => Number(count));
  expect(counts).toHaveLength(14);
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  expect(counts.at(-1)).toBeGreaterThanOrEqual(5);
});

test.each([
  ['PUT', '/root/film/@film%2fa', 'publish'],
  ['POST', '/-/pipl/v1/release', 'publish'],
  ['GET', '/root/film/@film%2fa', 'packument'],
  ['GET', '/tools/pipl/root/film/lodash', 'packument'],
  ['GET', '/root/film/@film/a/-/a-1.0.0.tgz', 'tarball'],
  ['GET', '/root/film/-/web/detail/@film/a', 'web'],
  ['GET', '/', 'web'],
  ['GET', '/-/pipl/v1/changes/stream?since=0', 'feed'],
  ['GET', '/-/pipl/v1/status', 'api'],
  ['GET', '/root/film/-/whoami', 'npm'],
  ['GET', '/healthz', 'probe'],
  ['DELETE', '/root/film/@film%2fa/-rev/1', 'other'],
])('%s %s is counted as %s', (method, url, of) => {
  expect(routeClass(method, url)).toBe(of);
});

test('a server that could take a publish is healthy, one without its blobs or its database is not', async () => {
  await using scene = await startScene();
  const health = async () => {
    const response = await fetch(`${scene.registry.url}/healthz`);
    return [response.status, await response.json()] as const;
  };
  expect(await health()).toEqual([200, { ok: true, database: 'ok', blobs: 'ok' }]);

  await rename(join(scene.dir, 'blobs'), join(scene.dir, 'gone'));
  await expect
    .poll(health, { timeout: 30_000 })
    .toEqual([503, { ok: false, database: 'ok', blobs: 'ENOENT' }]);
  await rename(join(scene.dir, 'gone'), join(scene.dir, 'blobs'));
  const { db } = await storeOf(scene);
  await db.schema.alterTable('registry_head').renameTo('registry_away').execute();
  await expect.poll(async () => (await health())[0], { timeout: 30_000 }).toBe(503);
  await db.schema.alterTable('registry_away').renameTo('registry_head').execute();
  await expect.poll(async () => (await health())[0], { timeout: 30_000 }).toBe(200);
});
