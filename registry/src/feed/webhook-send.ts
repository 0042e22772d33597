/**
 * One delivery of one change to one webhook: the request as the Standard Webhooks specification has it.
 *
 * Headers: `webhook-id` (the same for every try of a change), `webhook-timestamp` (seconds since 1970, of this
 * try), `webhook-signature` (`v1,` and the base64 HMAC-SHA256 of `<id>.<timestamp>.<body>` under the secret's
 * bytes). Whoever receives it checks the signature, that the timestamp is minutes old at most, and that the id
 * is new. A 2xx answer within the patience is a delivery; redirects are not followed.
 */
import { createHmac } from 'node:crypto';
import { PiplError, type Change } from '@pipl/packl';
import { safeFetch, type SafeAsk } from './safe-fetch.ts';

export interface Receiver {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

export interface Message {
  readonly type: `pipl.${Change['op'] | 'ping'}`;
  /** ISO 8601, of the change */
  readonly timestamp: string;
  readonly data: {
    readonly project: string;
    readonly change?: Change;
    /** of the packl that the change is about, `npm` for one without */
    readonly kind?: string;
  };
}

/** What webhooks verify. @param at seconds since 1970 */
export function webhookSignature(
  secret: string,
  { id, at, body }: { id: string; at: number; body: string },
): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}

export type Sending = Pick<SafeAsk, 'reachable' | 'resolve' | 'patience' | 'signal'>;

/** @returns whether it was taken, and what the receiver said @throws only when `signal` aborted */
export async function sendTo(
  { id, url, secret }: Receiver,
  { seq, message, now }: { seq: number; message: Message; now: Date },
  how: Sending,
): Promise<{ delivered: boolean; status: string }> {
  const body = JSON.stringify(message);
  const at = Math.floor(now.getTime() / 1000);
  const messageId = `${id}.${seq === 0 ? `test-${now.getTime()}` : seq}`;
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'pipl',
    'webhook-id': messageId,
    'webhook-timestamp': String(at),
    'webhook-signature': webhookSignature(secret, { id: messageId, at, body }),
  };
  try {
    const ask = { ...how, url, method: 'POST', headers, body, largest: 16 * 1024, cut: true };
    const { status } = await safeFetch(ask);
    return { delivered: status >= 200 && status < 300, status: String(status) };
  } catch (error) {
    if (!(error instanceof PiplError)) throw error;
    return { delivered: false, status: `${error.message} ${error.why ?? ''}`.slice(0, 300) };
  }
}
