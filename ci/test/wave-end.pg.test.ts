/** The end of a wave is told once, on PostgreSQL too. */
import { expect, test } from 'vitest';
import { emptyDatabase } from '../../registry/test/databases.ts';
import { ends, hearTheEnds, linesOf } from './wave-end.ts';

test('each wave tells its end, once, over a kill of the server', { timeout: 540_000 }, async () =>
  expect(linesOf(await hearTheEnds(await emptyDatabase()))).toEqual(ends),
);
