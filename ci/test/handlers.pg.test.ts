/** The flow from a stage index to the products downstream, on PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../registry/test/cluster.ts';
import { processed, tellTheStory } from './staged.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.remove());

test(
  'published to a stage, checked, approved over a kill of the server, promoted, processed',
  { timeout: 90_000 },
  async () => expect(await tellTheStory(await cluster.database())).toEqual(processed),
);
