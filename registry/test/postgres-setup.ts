/** For the tests that run on PostgreSQL: one cluster for all of them, a database for each that asks. */
import type { TestProject } from 'vitest/node';
import { startCluster } from './cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** address of a PostgreSQL in which databases may be made; absent where tests run on SQLite */
    postgres?: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  project.provide('postgres', await cluster.database());
  return () => cluster.remove();
}
