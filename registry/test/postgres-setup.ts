/** For the tests that run on PostgreSQL: one cluster for all of them, a database for each that asks. */
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../src/state/database.ts';
import { migrate } from '../src/state/migrations.ts';
import { startCluster } from './cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** address of a PostgreSQL database to copy, with the tables of the registry; absent where tests run on SQLite */
    postgres?: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  const template = await cluster.database();
  const db = await openDatabase(template);
  await migrate(db);
  await db.destroy();
  project.provide('postgres', template);
  return () => cluster.remove();
}
