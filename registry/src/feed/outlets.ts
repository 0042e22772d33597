/**
 * How the world hears of a registry: the feed as a stream, webhooks, public keys, metrics, health, the front
 * page. Opened and closed together; `routes-outside.ts` answers requests about them.
 */
import { join } from 'node:path';
import { openStreams, streamTimes, type StreamTimes, type Streams } from './feed-stream.ts';
import type { PageLink } from '../pages/front-page.ts';
import { openHealth, type Health } from '../pages/health.ts';
import { openUpstreamKeys, type UpstreamKeys } from '../reading/keys-upstream.ts';
import { openMetrics, type Gauge, type Metrics } from '../pages/metrics.ts';
import { openOutbox, type Outbox, type OutboxOptions } from './outbox.ts';
import type { Store } from '../state/store.ts';

export interface OutletOptions {
  /** numbers that others have to tell: asked at each look at `/metrics` */
  readonly gauges?: () => readonly Gauge[] | Promise<readonly Gauge[]>;
  /** other pages of the server, for the front page */
  readonly links?: readonly PageLink[];
  readonly webhooks?: OutboxOptions;
  readonly stream?: Partial<StreamTimes>;
}

export interface Outlets {
  readonly project: string;
  readonly version: string;
  readonly links: readonly PageLink[];
  readonly streams: Streams;
  readonly outbox: Outbox;
  readonly upstreamKeys: UpstreamKeys;
  readonly metrics: Metrics;
  readonly health: () => Promise<Health>;
  metricsText(): Promise<string>;
  close(): Promise<void>;
}

/** What only the tables can tell. */
async function gaugesOf({ db, feed }: Store, streams: Streams): Promise<Gauge[]> {
  const head = await feed.head();
  const hooks = await db.selectFrom('registry_webhooks').select('cursor').execute();
  const { dead } = await db
    .selectFrom('registry_webhook_dead')
    .select((expression) => expression.fn.countAll().as('dead'))
    .executeTakeFirstOrThrow();
  const behind = hooks.map(({ cursor }) => Math.max(0, head - cursor));
  const one = (name: string, help: string, value: number): Gauge => ({ name, help, values: [{ value }] });
  return [
    one('pipl_feed_seq', 'Number of the last change.', head),
    one('pipl_feed_streams', 'Readers of the feed as a stream.', streams.count()),
    one('pipl_webhooks', 'Webhooks there are.', hooks.length),
    one(
      'pipl_webhook_backlog',
      'Changes that webhooks have yet to be asked about, all together.',
      behind.reduce((sum, count) => sum + count, 0),
    ),
    one(
      'pipl_webhook_backlog_longest',
      'The same, of the one that is furthest behind.',
      Math.max(0, ...behind),
    ),
    one('pipl_webhook_dead', 'Deliveries that were given up and wait for redelivery.', Number(dead)),
  ];
}

export interface OutletParts {
  readonly store: Store;
  readonly project: string;
  readonly version: string;
  /** PROJ/system */
  readonly dataDir: string;
  readonly options: OutletOptions;
}

/** Starts to deliver to webhooks. */
export async function openOutlets({
  store,
  project,
  version,
  dataDir,
  options,
}: OutletParts): Promise<Outlets> {
  const streams = openStreams(store, { ...streamTimes, ...options.stream });
  const outbox = openOutbox(store, { project, options: options.webhooks });
  const metrics = openMetrics();
  await outbox.look();
  return {
    project,
    version,
    links: options.links ?? [],
    streams,
    outbox,
    upstreamKeys: openUpstreamKeys(store.db, { folder: join(dataDir, 'npm-cache', 'keys') }),
    metrics,
    health: openHealth(store.db, () => store.blobs.look()),
    async metricsText() {
      return metrics.text([...(await gaugesOf(store, streams)), ...((await options.gauges?.()) ?? [])]);
    },
    async close() {
      metrics.close();
      await outbox.close();
    },
  };
}
