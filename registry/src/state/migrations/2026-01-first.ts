/** The first schema: indexes, versions, tags, the feed and its counter, users, tokens, what mirrors fetched. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const first: Migration = {
  async up(db: Kysely<unknown>) {
    const statements = [
      sql`create table registry_indexes (name text primary key, bases text not null, volatile integer not null,
        mirror text, created_at text not null, created_by text not null)`,
      sql`create table registry_versions (index_name text not null, name text not null, version text not null,
        seq integer not null, integrity text not null, shasum text not null, manifest text not null,
        third_party text, readme text, deprecated text, withdrawn integer not null default 0,
        published_at text not null, published_by text not null, run text,
        primary key (index_name, name, version))`,
      sql`create index registry_versions_integrity on registry_versions (integrity)`,
      sql`create index registry_versions_name on registry_versions (name, index_name)`,
      sql`create index registry_versions_run on registry_versions (run) where run is not null`,
      sql`create table registry_tags (index_name text not null, name text not null, tag text not null,
        version text not null, primary key (index_name, name, tag))`,
      sql`create table registry_changes (seq integer primary key, index_name text not null, op text not null,
        name text not null, version text not null, integrity text, tag text, by_whom text not null,
        at text not null, run text, outcome text)`,
      sql`create index registry_changes_run on registry_changes (run) where run is not null`,
      sql`create table registry_head (id integer primary key check (id = 1), seq integer not null)`,
      sql`insert into registry_head (id, seq) values (1, 0)`,
      sql`create table registry_users (name text primary key, password text not null, email text,
        created_at text not null)`,
      sql`create table registry_tokens (id text primary key, secret text not null, kind text not null,
        user_name text, attempt text, index_name text, packls text, created_at text not null, expires_at text)`,
      sql`create index registry_tokens_attempt on registry_tokens (attempt) where attempt is not null`,
      sql`create table registry_mirrored (index_name text not null, name text not null, file text not null,
        integrity text not null, primary key (index_name, name, file))`,
      sql`create index registry_mirrored_integrity on registry_mirrored (integrity)`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
