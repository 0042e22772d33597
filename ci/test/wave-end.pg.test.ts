/** The end of a wave is told once, on PostgreSQL too. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../registry/test/cluster.ts';
import { ends, hearTheEnds, linesOf } from './wave-end.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.remove());

test('each wave tells its end, once, over a kill of the server', { timeout: 60_000 }, async () =>
  expect(linesOf(await hearTheEnds(await cluster.database()))).toEqual(ends),
);
