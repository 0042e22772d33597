/** The flow from a stage index to the products downstream, on PostgreSQL. */
import { expect, test } from 'vitest';
import { emptyDatabase } from '../../registry/test/databases.ts';
import { processed, tellTheStory } from './staged.ts';

test(
  'published to a stage, checked, approved over a kill of the server, promoted, processed',
  { timeout: 540_000 },
  async () => expect(await tellTheStory(await emptyDatabase())).toEqual(processed),
);
