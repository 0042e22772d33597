/**
 * What the server counts, in the text format of Prometheus. Written by hand: three shapes and one page of text
 * need no library, and nothing is registered globally, so several registries of one process do not mix.
 *
 * Labels have few values and never a name of a packl, an index or a person: whoever may scrape learns nothing
 * that they may not read.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Gauge {
  /** letters, digits and underscore, like `pipl_runs` */
  readonly name: string;
  readonly help: string;
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

export interface Metrics {
  /** Counts this request when it has been answered. */
  watch(request: IncomingMessage, response: ServerResponse): void;
  text(more: readonly Gauge[]): string;
  close(): void;
}

export type RouteClass =
  | 'publish'
  | 'packument'
  | 'tarball'
  | 'npm'
  | 'feed'
  | 'api'
  | 'web'
  | 'probe'
  | 'other';

/** @param url as it was asked, before anything is taken off it */
export function routeClass(method: string, url: string): RouteClass {
  const path = url.split('?')[0] ?? '';
  if (/\/(?:metrics|healthz)$/.test(path) && !path.includes('/-/')) return 'probe';
  if (path.endsWith('/-/pipl/v1/release')) return 'publish';
  if (/\/-\/pipl\/v1\/changes\b/.test(path)) return 'feed';
  if (path.includes('/-/pipl/v1/')) return 'api';
  if (/\/-\/(?:web|static|verdaccio|pipl)\//.test(path)) return 'web';
  if (/\/-\/[^/]+\.tgz$/.test(path)) return 'tarball';
  if (path.includes('/-/')) return 'npm';
  const below = path.split('/').length > 3 && !path.endsWith('/');
  if (!below) return 'web';
  if (method === 'PUT') return 'publish';
  return method === 'GET' || method === 'HEAD' ? 'packument' : 'other';
}

/** Seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const escaped = (text: string) =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const labelled = (labels: Readonly<Record<string, string>>) => {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
};
const head = (name: string, kind: 'counter' | 'gauge' | 'histogram', help: string) => [
  `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', ' ')}`,
  `# TYPE ${name} ${kind}`,
];

interface Timed {
  readonly counts: number[];
  sum: number;
  count: number;
}

function histogram(name: string, help: string) {
  const all = new Map<string, Timed>();
  return {
    observe(label: string, seconds: number) {
      const timed = all.get(label) ?? { counts: buckets.map(() => 0), sum: 0, count: 0 };
      all.set(label, timed);
      const first = buckets.findIndex((limit) => seconds <= limit);
      if (first >= 0) timed.counts[first] = (timed.counts[first] ?? 0) + 1;
      timed.sum += seconds;
      timed.count += 1;
    },
    lines: () => [
      ...head(name, 'histogram', help),
      ...[...all].flatMap(([label, { counts, sum, count }]) => {
        let below = 0;
        const steps = buckets.map((le, i) => {
          below += counts[i] ?? 0;
          return `${name}_bucket${labelled({ class: label, le: String(le) })} ${below}`;
        });
        return [
          ...steps,
          `${name}_bucket${labelled({ class: label, le: '+Inf' })} ${count}`,
          `${name}_sum${labelled({ class: label })} ${sum}`,
          `${name}_count${labelled({ class: label })} ${count}`,
        ];
      }),
    ],
  };
}

const gaugeLines = ({ name, help, values }: Gauge) => [
  ...head(name, 'gauge', help),
  ...values.map(({ labels = {}, value }) => `${name}${labelled(labels)} ${value}`),
];

const one = (name: string, help: string, value: number): Gauge => ({ name, help, values: [{ value }] });

/** What any process of Node can say about itself. */
function processGauges(lag: ReturnType<typeof monitorEventLoopDelay>): Gauge[] {
  const { rss, heapUsed } = process.memoryUsage();
  const quantiles = lag.count === 0 ? [] : [50, 90, 99];
  const values = quantiles.map((quantile) => ({
    labels: { quantile: String(quantile / 100) },
    value: lag.percentile(quantile) / 1e9,
  }));
  lag.reset();
  return [
    one('process_resident_memory_bytes', 'Resident memory.', rss),
    one('nodejs_heap_size_used_bytes', 'Heap in use.', heapUsed),
    one('process_start_time_seconds', 'When the process started.', performance.timeOrigin / 1000),
    { name: 'nodejs_eventloop_lag_seconds', help: 'How late timers were since the last look.', values },
  ];
}

export function openMetrics(): Metrics {
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  const requests = new Map<string, { labels: Record<string, string>; count: number }>();
  const times = histogram('pipl_http_request_seconds', 'From a request to the end of its answer.');
  let publishes = 0;
  return {
    watch(request, response) {
      const started = performance.now();
      const { method = 'GET', url = '/' } = request;
      const of = routeClass(method, url);
      response.once('close', () => {
        // 499, as proxies write it: whoever asked left before there was an answer.
        const status = response.writableEnded ? response.statusCode : 499;
        const labels = { class: of, status: String(status) };
        const key = `${of} ${status}`;
        const known = requests.get(key) ?? { labels, count: 0 };
        known.count += 1;
        requests.set(key, known);
        // How long somebody follows the feed says nothing about the server.
        if (of !== 'feed') times.observe(of, (performance.now() - started) / 1000);
        if (of === 'publish' && status >= 200 && status < 300) publishes += 1;
      });
    },
    text(more) {
      const counted = [...requests.values()];
      return [
        ...head('pipl_http_requests_total', 'counter', 'Requests by kind and status.'),
        ...counted.map(({ labels, count }) => `pipl_http_requests_total${labelled(labels)} ${count}`),
        ...times.lines(),
        ...head('pipl_publishes_total', 'counter', 'Publishes that were acknowledged.'),
        `pipl_publishes_total ${publishes}`,
        ...[...processGauges(lag), ...more].flatMap(gaugeLines),
        '',
      ].join('\n');
    },
    close: () => lag.disable(),
  };
}
