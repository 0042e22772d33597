/** Where a test keeps its state: a SQLite file, or a PostgreSQL database where the tests run on that. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createDatabase } from './cluster.ts';

const made = new Map<string, string>();

export const isOnPostgres = (): boolean => inject('postgres') !== undefined;

/** A new one in the cluster of the PostgreSQL tests, without our tables. For tests that run nowhere else. */
export async function emptyDatabase(): Promise<string> {
  const cluster = inject('postgres');
  if (cluster === undefined) throw new Error('This test runs on PostgreSQL: *.pg.test.ts');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await createDatabase(cluster, name);
  return cluster.replace(/[^/]*$/, name);
}

/** The same for the same folder: what stops and starts again finds its state. */
export async function databaseIn(folder: string): Promise<string> {
  const cluster = inject('postgres');
  if (cluster === undefined) return join(folder, 'db', 'pipl.sqlite');
  const known = made.get(folder);
  if (known !== undefined) return known;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await createDatabase(cluster, name, cluster.split('/').at(-1));
  const url = cluster.replace(/[^/]*$/, name);
  made.set(folder, url);
  return url;
}
