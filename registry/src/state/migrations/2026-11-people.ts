/** Tokens with limits and a name, stars, logins through a web page, the audit log. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const people: Migration = {
  async up(db: Kysely<unknown>) {
    const statements = [
      sql`alter table registry_tokens add column label text`,
      sql`alter table registry_tokens add column limits text`,
      sql`create index registry_tokens_user on registry_tokens (user_name) where user_name is not null`,
      sql`create table registry_stars (name text not null, user_name text not null, primary key (name, user_name))`,
      sql`create table registry_web_logins (id text primary key, poll text not null, asked_from text not null,
        machine text, user_name text, expires_at text not null)`,
      sql`create table registry_audit (id text primary key, at text not null, who text not null,
        address text not null, action text not null, subject text not null, outcome text not null)`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
