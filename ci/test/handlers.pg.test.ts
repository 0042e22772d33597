/** The flow from a stage index to the products downstream, on PostgreSQL. */
import { afterAll, beforeAll, test } from 'vitest';
import { startCluster, type Cluster } from '../../registry/test/cluster.ts';
import { tellTheStory } from './staged.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.remove());

test(
  'published to a stage, checked, approved over a kill of the server, promoted, processed',
  { timeout: 90_000 },
  async () => tellTheStory(await cluster.database()),
);
