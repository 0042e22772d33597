/** Rights, groups, verdicts, names of removed indexes; what promotions and verdicts add to a change. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const indexes: Migration = {
  async up(db: Kysely<unknown>) {
    const statements = [
      sql`alter table registry_indexes add column settings text`,
      // Mirrors could only be made from the configuration of the machine until now.
      sql`update registry_indexes set settings = '{"near":true}' where mirror is not null`,
      sql`alter table registry_changes add column detail text`,
      sql`create table registry_groups (name text primary key, created_at text not null,
        created_by text not null)`,
      sql`create table registry_group_members (group_name text not null, user_name text not null,
        primary key (group_name, user_name))`,
      sql`create table registry_retired_indexes (name text primary key, removed_at text not null,
        removed_by text not null, held text not null, message text)`,
      sql`create table registry_verdicts (seq integer primary key, index_name text not null, name text not null,
        version text not null, integrity text not null, kind text not null, check_name text, result text not null,
        by_whom text not null, handler text, run text, message text, at text not null)`,
      sql`create index registry_verdicts_of on registry_verdicts (name, version, integrity)`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
