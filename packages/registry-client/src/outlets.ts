/** How the world hears of a project, as the HTTP API tells it: webhooks, the hosts it may call, the keys that sign. */
import type { Ask } from './request.ts';
import type { SigningKey } from './signatures.ts';

export interface NewWebhook {
  /** http or https, public, unless root allowed the host */
  readonly url: string;
  /** `owner/name`; none: all of them, which only root may ask for */
  readonly indexes?: readonly string[];
  /** as `op` of a change names them; none: all */
  readonly ops?: readonly string[];
  /** `kind` of the packl, `npm` for one without; none: all */
  readonly kinds?: readonly string[];
  /** `whsec_…` base64; made by the server when not given */
  readonly secret?: string;
}

export interface WebhookView {
  readonly id: string;
  readonly url: string;
  readonly indexes?: readonly string[];
  readonly ops?: readonly string[];
  readonly kinds?: readonly string[];
  readonly createdBy: string;
  readonly createdAt: string;
  /** seq up to which it has been told everything, or it was given up */
  readonly cursor: number;
  /** changes it has yet to be asked about */
  readonly behind: number;
  /** how often the next change was tried in vain */
  readonly attempts: number;
  /** ISO 8601: not tried before */
  readonly nextAt?: string;
  readonly lastAt?: string;
  readonly lastStatus?: string;
  /** what was given up */
  readonly dead: readonly DeadLetter[];
}

export interface DeadLetter {
  readonly seq: number;
  readonly at: string;
  readonly attempts: number;
  readonly error: string;
}

export interface Delivery {
  /** 0 for a test */
  readonly seq: number;
  readonly delivered: boolean;
  /** the HTTP status, or why there is none */
  readonly status: string;
}

export interface OutletsClient {
  webhooks(): Promise<readonly WebhookView[]>;
  /** The secret is told this once. */
  addWebhook(webhook: NewWebhook): Promise<{ webhook: WebhookView; secret: string }>;
  removeWebhook(id: string): Promise<void>;
  /** What was given up, or the one change `seq`, again and at once. */
  redeliver(id: string, what?: { seq?: number }): Promise<readonly Delivery[]>;
  /** Sends a ping, at once. */
  testWebhook(id: string): Promise<Delivery>;
  /** Inner hosts that root lets the server call. */
  reachable(): Promise<readonly string[]>;
  allowHost(host: string): Promise<void>;
  forbidHost(host: string): Promise<void>;
  /** Public keys of this registry, the one that signs now last. */
  keys(): Promise<readonly SigningKey[]>;
  rotateKeys(): Promise<SigningKey>;
}

const api = '/-/pipl/v1';
const encode = encodeURIComponent;

export const outletsMethods = (json: <T>(ask: Ask) => Promise<T>): OutletsClient => ({
  webhooks: async () => (await json<{ webhooks: [] }>({ path: `${api}/webhooks` })).webhooks,
  addWebhook: (body) => json<never>({ method: 'POST', path: `${api}/webhooks`, body }),
  removeWebhook: async (id) => {
    await json({ method: 'DELETE', path: `${api}/webhooks/${encode(id)}` });
  },
  redeliver: async (id, body = {}) => {
    const path = `${api}/webhooks/${encode(id)}/redeliver`;
    return (await json<{ deliveries: [] }>({ method: 'POST', path, body })).deliveries;
  },
  testWebhook: (id) => json<never>({ method: 'POST', path: `${api}/webhooks/${encode(id)}/test`, body: {} }),
  reachable: async () => (await json<{ hosts: [] }>({ path: `${api}/reachable` })).hosts,
  allowHost: async (host) => {
    await json({ method: 'PUT', path: `${api}/reachable/${encode(host)}`, body: {} });
  },
  forbidHost: async (host) => {
    await json({ method: 'DELETE', path: `${api}/reachable/${encode(host)}` });
  },
  keys: async () => (await json<{ keys: [] }>({ path: '/-/npm/v1/keys' })).keys,
  rotateKeys: () => json<never>({ method: 'POST', path: `${api}/keys/rotate`, body: {} }),
});
