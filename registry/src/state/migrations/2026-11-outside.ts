/** Signatures of versions; webhooks with their place in the feed, what they could not deliver, whom they may reach. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const outside: Migration = {
  async up(db: Kysely<unknown>) {
    const statements = [
      sql`alter table registry_versions add column signatures text`,
      sql`create table registry_webhooks (id text primary key, url text not null, secret text not null,
        indexes text, ops text, kinds text, created_at text not null, created_by text not null,
        cursor integer not null, attempts integer not null, next_at text, last_at text, last_status text,
        lease_by text, lease_until text)`,
      sql`create table registry_webhook_dead (hook text not null, seq integer not null, at text not null,
        attempts integer not null, error text not null, primary key (hook, seq))`,
      sql`create table registry_reachable (host text primary key, by_whom text not null, at text not null)`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
