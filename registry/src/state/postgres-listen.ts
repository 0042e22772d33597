/**
 * Hints across processes: LISTEN on one connection, NOTIFY from any. Only hints: what was missed while the
 * connection was down is made up for by a look every {@link lookEvery} milliseconds.
 */
import type { Client, Pool } from 'pg';

const channel = 'pipl_feed';
const lookEvery = 1000;

export function startListening(clientOf: () => Client, pool: Pool) {
  let asked = false;
  let telling = false;
  /** One at a time; those who ask meanwhile share the next. */
  const tell = async (): Promise<void> => {
    telling = true;
    while (asked) {
      asked = false;
      // A hint that gets lost is a look later.
      await pool.query(`notify ${channel}`).catch(() => undefined);
    }
    telling = false;
  };

  return {
    notify() {
      asked = true;
      if (!telling) void tell();
    },
    listen: (hear: () => void) => listen(clientOf, hear),
  };
}

function listen(clientOf: () => Client, hear: () => void): { close(): Promise<void> } {
  let client: Client | undefined;
  let closed = false;
  let connecting: Promise<void> | undefined;

  const connect = async (): Promise<void> => {
    const fresh = clientOf();
    const gone = () => {
      if (client === fresh) client = undefined;
    };
    fresh.on('error', gone);
    fresh.on('end', gone);
    fresh.on('notification', hear);
    try {
      await fresh.connect();
      await fresh.query(`listen ${channel}`);
      client = fresh;
    } catch {
      // Away: the next look tries again, and whoever asks the database itself is told.
      await fresh.end().catch(() => undefined);
    }
    if (closed) await fresh.end().catch(() => undefined);
  };
  const look = () => {
    if (client === undefined) connecting ??= connect().finally(() => (connecting = undefined));
    hear();
  };
  const timer = setInterval(look, lookEvery).unref();
  look();

  return {
    async close() {
      closed = true;
      clearInterval(timer);
      await connecting;
      await client?.end().catch(() => undefined);
    },
  };
}
